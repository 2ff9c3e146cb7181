/** gRPC servers with the settings that both listeners share. */
import { Server } from '@grpc/grpc-js'

/** A peer that does not answer a ping for 5 s is gone; with pings every 10 s that is noticed within 15 s. */
export function createGrpcServer(): Server {
  return new Server({
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.http2.min_time_between_pings_ms': 5_000,
    'grpc.enable_channelz': 0,
    'grpc.max_concurrent_streams': 64,
    'grpc.max_receive_message_length': 16 * 1024 * 1024,
    'grpc.max_send_message_length': 64 * 1024 * 1024,
  })
}

/** Lets calls end for up to `graceMs`, then ends them. */
export async function stopGrpcServer(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(() => {
    server.forceShutdown()
    resolve()
  }, graceMs)
  server.tryShutdown(() => resolve())
  await promise
  clearTimeout(timer)
}

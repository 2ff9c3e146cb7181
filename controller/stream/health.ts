/** grpc.health.v1: SERVING for as long as the controller does. */
import { status } from '@grpc/grpc-js'
import type { HealthHandlers } from '../../shared/rpc/generated/grpc/health/v1/Health.ts'

export interface HealthService {
  readonly handlers: HealthHandlers
  /** Tells all watchers that the controller stops, and ends their streams. */
  stop(): void
}

/** @param services - names that are served; '' stands for the whole */
export function createHealth(services: readonly string[]): HealthService {
  const known = new Set(['', ...services])
  const watchers = new Set<() => void>()
  let serving = true
  const statusNow = () => ({ status: serving ? ('SERVING' as const) : ('NOT_SERVING' as const) })
  const handlers: HealthHandlers = {
    Check: (call, callback) => {
      if (known.has(call.request.service)) callback(null, statusNow())
      else callback({ code: status.NOT_FOUND, details: 'no such service' })
    },
    Watch: (call) => {
      if (!known.has(call.request.service)) {
        // The stream stays open: by the protocol the service may appear later.
        call.write({ status: 'SERVICE_UNKNOWN' })
      } else {
        call.write(statusNow())
      }
      const end = () => {
        if (call.cancelled || call.writableEnded || call.destroyed) return
        call.write(statusNow())
        call.end()
      }
      watchers.add(end)
      call.on('close', () => watchers.delete(end))
    },
  }
  return {
    handlers,
    stop: () => {
      serving = false
      for (const end of watchers) end()
    },
  }
}

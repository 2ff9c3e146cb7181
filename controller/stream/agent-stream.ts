/** A stream of an agent as a session needs it; the gRPC call stands behind it, in tests something smaller. */
import type { ControllerMessage } from '../../shared/rpc/generated/pgsvc/v1/ControllerMessage.ts'

export interface AgentStream {
  write(message: ControllerMessage): void
  /** Ends the stream with a gRPC status. */
  fail(code: number, details: string): void
}

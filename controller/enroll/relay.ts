/** A node's stream as the controller has it by way of a command. */
import type { AppError } from '../../shared/errors/app-error.ts'

/** What comes from the controller. */
export interface RelayListener {
  /** A ControllerMessage. */
  message(bytes: Buffer): void
  /** The controller's side is over; with the reason when that was not asked for. */
  ended(error: AppError | undefined): void
}

export interface Relay {
  /** @param bytes - an AgentMessage */
  send(bytes: Uint8Array): void
  /** Ends our side. */
  end(): void
}

export type StartRelay = (node: string, listener: RelayListener) => Relay

/** Methods that agents' messages come by, with the bounds that hold before a message is taken apart. */
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AgentMessage__Output } from '../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import { type Bounded, boundedMessage } from './bounded-message.ts'
import { frameExcess } from './frame-bounds.ts'

/** A decoder that throws ends the stream without a word; so the reason travels beside an empty message. */
const excesses = new WeakMap<AgentMessage__Output, string>()

export function boundedMethod<Sent, Answer, Received>(
  method: MethodDefinition<Sent, Answer, AgentMessage__Output, Received>,
): MethodDefinition<Sent, Answer, AgentMessage__Output, Received> {
  return {
    ...method,
    requestDeserialize: (bytes) => {
      const excess = frameExcess(bytes)
      if (excess === undefined) return method.requestDeserialize(bytes)
      const empty: AgentMessage__Output = {}
      excesses.set(empty, excess)
      return empty
    },
  }
}

/** @param message - as it came by a bounded method */
export function takeIn(message: AgentMessage__Output): Bounded {
  const excess = excesses.get(message)
  return excess === undefined ? boundedMessage(message) : { excess }
}

/** What the agent is answered, for whoever reads its log. */
export function excessText(excess: string): string {
  return `this is more than a node has to say: ${excess}`
}

/** Makes wire messages for the tests of the formatters: what is left out is as the decoder fills it. */

import { afterEvent, noEvents, type PublishState } from '../../../controller/cli/publish-state.ts'
import { decodeMessage, encodeMessage } from '../../../controller/cli/wire-codec.ts'
import type {
  PublishEvent,
  PublishEvent__Output,
} from '../../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type {
  StatusResponse,
  StatusResponse__Output,
} from '../../../shared/rpc/generated/pgsvc/v1/StatusResponse.ts'

export function event(value: PublishEvent): PublishEvent__Output {
  return decodeMessage('PublishEvent', encodeMessage('PublishEvent', value)) as PublishEvent__Output // the decoder's shape
}

export function status(value: StatusResponse): StatusResponse__Output {
  return decodeMessage('StatusResponse', encodeMessage('StatusResponse', value)) as StatusResponse__Output // the decoder's shape
}

export function stateOf(...events: PublishEvent[]): PublishState {
  return events.map(event).reduce(afterEvent, noEvents)
}

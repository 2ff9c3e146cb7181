/** The agent's messages over any pair of byte streams, as over the one gRPC stream: for work over SSH. */
import { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { AgentService } from '../../shared/rpc/agent-services.ts'
import { createUnframer, frame } from '../../shared/rpc/frames.ts'
import type { OpenStream } from './connect.ts'

/** @returns the stream; it is over when the input ends, or brings what is no message */
export function openByteStream(input: Readable, output: Writable): OpenStream {
  const { requestSerialize, responseDeserialize } = AgentService.service.Connect
  const events = new EventEmitter()
  const take = createUnframer((bytes) => events.emit('data', responseDeserialize(bytes)))
  let isOver = false
  const end = (error?: Error) => {
    if (isOver) return
    isOver = true
    if (error) events.emit('error', error)
    events.emit('end')
    events.emit('close')
  }
  // Nobody may listen any more once the session has ended it.
  events.on('error', () => undefined)
  input.on('data', (chunk: Buffer) => {
    try {
      if (!isOver) take(chunk)
    } catch (error) {
      end(error instanceof Error ? error : new Error(String(error)))
    }
  })
  input.once('end', () => end())
  input.once('error', end)
  output.once('error', end)
  return {
    stream: {
      on: (event: string, listener: (...args: never[]) => void) => events.on(event, listener as () => void), // the four events of MessageStream
      write: (message) => isOver || output.write(frame(requestSerialize(message))),
    },
    close: () => {
      isOver = true
      input.destroy()
    },
  }
}

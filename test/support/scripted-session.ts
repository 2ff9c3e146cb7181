/** An SSH connection whose other side is a function: what a script prints and how it ends, by its text. */
import { Duplex, PassThrough } from 'node:stream'
import type { SshSession } from '../../controller/ssh/session.ts'

export interface Answer {
  readonly status?: number
  readonly stdout?: string
  readonly stderr?: string
}

/**
 * The node's lock is given and held by itself.
 *
 * @param answer - may throw, e.g. `SSH_LOST`
 */
export function scriptedSession(answer: (script: string) => Answer | Promise<Answer>): SshSession {
  return {
    peer: 'root@n1',
    user: 'root',
    close: () => undefined,
    start: async (command) => {
      const mark = /pgsvc-[0-9a-f]{24}/.exec(command)?.[0] ?? ''
      const [out, input, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
      input.resume()
      const channel = Duplex.from({ readable: out, writable: input })
      channel.on('error', () => undefined)
      const whenRead = new Promise((resolve) => input.once('end', resolve))
      out.write(`${mark}\n`)
      if (command.includes('flock')) {
        out.write('held\n')
        return { channel, stderr, said: '', ended: whenRead.then(() => 0) }
      }
      const ended = Promise.resolve(answer(command)).then(
        async ({ status = 0, stdout = '', stderr: words = '' }) => {
          out.end(stdout)
          stderr.end(words)
          // What was printed is read before the end is told, as on a real channel.
          await new Promise((resolve) => setTimeout(resolve, 5))
          return status
        },
      )
      ended.catch(() => undefined)
      return { channel, stderr, said: '', ended }
    },
  }
}

/**
 * `pgsvc notify <event> <role> <cluster>`: what Patroni's callbacks call. Tells the agent on this node to look.
 *
 * Patroni must neither wait for it nor fail by it: it takes a second at most, and its exit status is 0 whatever happens.
 * Source: Patroni documentation, "callbacks".
 */
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { parseCallback } from './follow/callback.ts'
import { defaultNotifySocket } from './follow/notify-path.ts'

const patienceMs = 1_000
const usage = `Usage: pgsvc notify [--socket PATH] <event> <role> <cluster>

Called by Patroni's callbacks with the arguments that Patroni gives: tells the agent on this node to look who leads.
Takes a second at most; the exit status is always 0. Socket: --socket, PGSVC_NOTIFY_SOCKET, or ${defaultNotifySocket}.
`

/**
 * @param argv - what follows `pgsvc notify`
 * @returns 0
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { socket: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    if (values.help) process.stdout.write(usage)
    else
      await tell(
        values.socket || process.env.PGSVC_NOTIFY_SOCKET || defaultNotifySocket,
        positionals.join(' '),
      )
  } catch (error) {
    process.stderr.write(`pgsvc notify: ${error instanceof Error ? error.message : String(error)}\n`)
  }
  return 0
}

async function tell(path: string, line: string): Promise<void> {
  if (parseCallback(line) === undefined) {
    throw new Error(
      `"${line}" is no callback of Patroni; <event> <role> <cluster> are expected, e.g. on_role_change primary pg-test`,
    )
  }
  const answer = await exchange(path, line)
  if (answer.trim() !== 'ok') throw new Error(`the agent answered: ${answer.trim() || 'nothing'}`)
}

function exchange(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path })
    let answer = ''
    socket.setEncoding('utf8')
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no answer from ${path} within ${patienceMs} ms`))
    }, patienceMs)
    socket.on('connect', () => socket.end(`${line}\n`))
    socket.on('data', (chunk: string) => {
      answer += chunk
    })
    socket.on('error', (error) => {
      clearTimeout(timer)
      reject(new Error(`the agent does not listen on ${path}: ${error.message}`))
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })
}

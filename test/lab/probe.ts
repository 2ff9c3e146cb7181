/** Asks from a host of the lab, as its neighbours would see it: one long-lived program, so that asking is cheap. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { enterArgs, type HostAccess } from './host.ts'
import type { ProbeAnswer, ProbeRequest } from './probe/request.ts'
import { ended, pidOf } from './process.ts'

export interface SqlOptions {
  /** Default: 5432. */
  readonly port?: number
  /** Default: `dbuser_test`. */
  readonly user?: string
  /** Default: `test`. */
  readonly database?: string
  /** For the connection and for the answer, milliseconds; default 4,000. */
  readonly timeoutMs?: number
}

export interface Probe {
  /** Status and body of an HTTP request; an error (e.g. `ECONNREFUSED`) when there is no answer in `timeoutMs` (2,000). */
  http(
    url: string,
    options?: { readonly method?: string; readonly body?: string; readonly timeoutMs?: number },
  ): Promise<{ readonly status: number; readonly body: string }>
  /** Rows of a statement on a new connection to `address`. Errors are those of PostgreSQL or of the connection. */
  sql(
    address: string,
    statement: string,
    options?: SqlOptions,
  ): Promise<readonly (readonly (string | null)[])[]>
  /** Ends the program. */
  stop(): Promise<void>
}

/** Starts a probe on a host; it ends with the host at the latest. */
export async function startProbe(host: HostAccess): Promise<Probe> {
  const program = path.join(import.meta.dirname, 'probe/main.ts')
  const child = spawn('nsenter', [...enterArgs(host.initPid), process.execPath, program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await pidOf(child, `a probe on ${host.name}`)
  const waiting = new Map<number, (answer: ProbeAnswer) => void>()
  let lastId = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer: ProbeAnswer = JSON.parse(line)
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.stdin.on('error', () => undefined)
  const gone = ended(child).then(() => {
    for (const [id, answer] of waiting) answer({ id, error: `the probe on ${host.name} has ended` })
    waiting.clear()
  })
  const ask = (request: ProbeRequest): Promise<ProbeAnswer> =>
    new Promise((resolve) => {
      const id = ++lastId
      if (child.exitCode !== null || child.signalCode !== null) {
        return resolve({ id, error: `the probe on ${host.name} has ended` })
      }
      waiting.set(id, resolve)
      child.stdin.write(`${JSON.stringify({ id, request })}\n`)
    })
  return {
    http: async (url, { method = 'GET', timeoutMs = 2_000, ...content } = {}) => {
      const answer = await ask({ kind: 'http', url, method, timeoutMs, ...content })
      if ('status' in answer) return answer
      throw new Error('error' in answer ? answer.error : 'no answer to HTTP')
    },
    sql: async (address, statement, { port = 5432, timeoutMs = 4_000, ...login } = {}) => {
      const answer = await ask({ kind: 'sql', host: address, port, sql: statement, timeoutMs, ...login })
      if ('rows' in answer) return answer.rows
      throw new Error('error' in answer ? answer.error : 'no answer to SQL')
    },
    stop: async () => {
      child.stdin.end()
      await gone
    },
  }
}

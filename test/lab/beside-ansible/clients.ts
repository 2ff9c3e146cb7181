/** Clients that connect to services all the time, from a host of the lab, and what they met. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostAccess } from '../host.ts'
import { ended, pidOf, waitFor } from '../process.ts'
import type { Meeting, Service } from './connect-all-the-time.ts'
import { inNetworkOf } from './hosts.ts'

export interface Clients {
  /** What came of all connections that were begun at this time or later. */
  since(atMs: number): readonly Meeting[]
  /** Resolves when each service has answered right for a while. */
  settled(): Promise<void>
  stop(): Promise<void>
}

/** For so long nothing wrong must have come: longer than a health check takes to fail. */
const quietMs = 3_000

export async function startClients(from: HostAccess, services: readonly Service[]): Promise<Clients> {
  const program = path.join(import.meta.dirname, 'connect-all-the-time.ts')
  const [file = '', ...args] = inNetworkOf(from, [process.execPath, program, JSON.stringify(services)])
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  await pidOf(child, 'clients')
  const met: Meeting[] = []
  createInterface({ input: child.stdout }).on('line', (line) => met.push(JSON.parse(line)))
  child.stdin.on('error', () => undefined)
  const gone = ended(child)
  const since = (atMs: number) => met.filter((one) => one.atMs >= atMs)
  const isSettled = () => {
    const lately = since(Date.now() - quietMs)
    const answered = new Set(lately.map(({ target }) => target))
    return (lately.every(({ isRight }) => isRight) && answered.size === services.length) || undefined
  }
  const settled = async () => {
    await sleep(quietMs)
    const settling = waitFor('right answers', isSettled, { timeoutMs: 120_000, everyMs: 100 })
    await settling.catch((error: unknown) => {
      const lately = since(Date.now() - quietMs).filter(({ isRight }) => !isRight)
      const told = new Set(lately.map(({ target, answer }) => `${target}: ${answer}`))
      throw new Error([...told].join('\n'), { cause: error })
    })
  }
  return {
    since,
    settled,
    stop: async () => {
      child.stdin.end()
      await gone
    },
  }
}

/** Clients of services that go on all the time on a host of the lab, and what they met. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { enterArgs, type HostAccess } from './host.ts'
import { ended, pidOf, waitFor } from './process.ts'
import type { ClientKind, TrafficRecord, TrafficTarget } from './traffic/record.ts'

export interface Traffic {
  /** All statements that have come to an end so far. */
  records(): readonly TrafficRecord[]
  /** Ends the clients; a second time it does nothing. */
  stop(): Promise<readonly TrafficRecord[]>
}

/** Starts clients on a host; resolves when each has had an answer. They end with the host at the latest. */
export async function startTraffic(host: HostAccess, targets: readonly TrafficTarget[]): Promise<Traffic> {
  const program = path.join(import.meta.dirname, 'traffic/main.ts')
  const child = spawn(
    'nsenter',
    [...enterArgs(host.initPid), process.execPath, program, JSON.stringify(targets)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  await pidOf(child, `clients on ${host.name}`)
  const records: TrafficRecord[] = []
  createInterface({ input: child.stdout }).on('line', (line) => records.push(JSON.parse(line)))
  child.stdin.on('error', () => undefined)
  const gone = ended(child)
  const isAnswered = ({ kind, host, port }: TrafficTarget) =>
    records.some((one) => one.kind === kind && one.host === host && one.port === port && one.error === '')
  await waitFor(`clients on ${host.name} to be served`, () => targets.every(isAnswered) || undefined, {
    timeoutMs: 60_000,
  })
  return {
    records: () => records,
    stop: async () => {
      child.stdin.end()
      await gone
      return records
    },
  }
}

/** Targets of one kind at several ports of several hosts. */
export function targetsOf(
  kind: ClientKind,
  hosts: readonly { readonly address: string }[],
  ports: readonly number[],
  everyMs: number,
): readonly TrafficTarget[] {
  return hosts.flatMap(({ address }) => ports.map((port) => ({ kind, host: address, port, everyMs })))
}

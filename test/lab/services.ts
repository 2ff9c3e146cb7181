/** Programs of the lab on its hosts: the stand-in database and the client. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Host, HostProcess } from './host.ts'
import { waitFor } from './process.ts'

/** Roles of the stand-in: what Patroni's health checks say. */
export type Role = 'primary' | 'replica' | 'sync' | 'stopped'

const ROLE_FILE = '/run/stand-in-role'

/** Sets what a host's stand-in says it is. */
export async function setRole(host: Host, role: Role): Promise<void> {
  await writeFile(host.file(ROLE_FILE), role)
}

/** Starts the stand-in for PostgreSQL, pgbouncer and Patroni; resolves when it answers. */
export async function startStandIn(host: Host, instance: string, role: Role): Promise<HostProcess> {
  await setRole(host, role)
  const program = path.join(import.meta.dirname, 'stand-in/main.ts')
  const started = await host.spawn('stand-in', [process.execPath, program, instance, ROLE_FILE])
  await waitFor(`the stand-in of ${host.name}`, async () => {
    const listening = await host.must(['ss', '-Hltn', 'sport', '=', ':8008'])
    return listening.includes(':8008') || undefined
  })
  return started
}

/** Who answered at each of `targets` ("address:port"), asked `times` times one after the other from `host`. */
export async function whoAnswers(
  host: Host,
  targets: readonly string[],
  times = 1,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const program = path.join(import.meta.dirname, 'client/main.ts')
  const text = await host.must([process.execPath, program, String(times), ...targets])
  const answers: Record<string, string[]> = JSON.parse(text)
  return new Map(Object.entries(answers))
}

/**
 * What `pgsvc agent recover` does, before every start of HAProxy: whatever an agent died in the middle of, or
 * somebody took away, HAProxy finds one whole set.
 *
 * Nothing here may keep HAProxy from starting: each step is bounded in time, and a failure is a line in the log.
 */
import { join } from 'node:path'
import type { Logger } from '../shared/log/logger.ts'
import type { Clock } from '../shared/ports/clock.ts'
import type { Files } from '../shared/ports/files.ts'
import { locatePlaced, locateRecovered, rebuildServiceDir, recoverSwap } from './apply/recover.ts'
import { isWhole } from './apply/undo-swap.ts'
import type { HaproxyPaths } from './haproxy/locate.ts'
import type { StatePorts } from './server-state/carried-reload.ts'
import { coldStartMs, writeColdStartRows } from './server-state/cold-start.ts'
import { createBlobStore } from './state/blob-store.ts'
import { isAlive } from './state/process-identity.ts'
import { type AgentState, createStateFile, emptyState, type StateFile } from './state/state-file.ts'

export interface BeforeStartPorts {
  readonly files: Files
  readonly clock: Clock
  readonly states: StatePorts
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

export interface BeforeStartOptions {
  readonly node: string
  readonly stateDir: string
  readonly paths: HaproxyPaths
}

interface Step {
  readonly name: string
  readonly limitMs: number
  readonly run: () => Promise<void>
}

/** An agent that is at it itself gets this long to have a whole set in place. */
const patienceMs = 2_000
const pollMs = 20

/** When it comes back a step that did not end in time may still be at it. Never rejects. */
export async function beforeStart(ports: BeforeStartPorts, options: BeforeStartOptions): Promise<void> {
  const steps: readonly Step[] = [
    { name: 'files', limitMs: 2 * patienceMs, run: () => recoverFiles(ports, options) },
    { name: 'states', limitMs: coldStartMs, run: () => makeStates(ports, options) },
  ]
  for (const { name, limitMs, run } of steps) {
    const ended = new AbortController()
    const end = await Promise.race([
      run().catch((error: unknown) => error),
      ports.clock.sleep(limitMs, ended.signal).then(() => 'overdue' as const),
    ])
    ended.abort()
    if (end === undefined) continue
    ports.log.error({ step: name, err: end }, 'a step before the start of HAProxy failed')
  }
}

/** Of the files as they are now, whole or not: HAProxy starts with them. */
async function makeStates(
  ports: BeforeStartPorts,
  { node, stateDir, paths }: BeforeStartOptions,
): Promise<void> {
  const state = await createStateFile(ports.files, stateDir)
    .load(node)
    .catch(() => emptyState(node))
  const { layout, running } = await locatePlaced(ports.files, paths, state)
  // Asked for by hand while HAProxy serves: nobody would take them away.
  if (running) return
  const made = await writeColdStartRows(ports, layout.serviceDir)
  if (made.sections === 0) return
  ports.log.info(made, 'states of servers are made from what their checks answer now')
  if (made.asked > 0 && made.unreachable === made.asked)
    ports.log.warn(made, 'the network has no way to any server; all start down, until their checks are good')
}

async function recoverFiles(
  ports: BeforeStartPorts,
  { node, stateDir, paths }: BeforeStartOptions,
): Promise<void> {
  const { files, log } = ports
  const stateFile = createStateFile(files, stateDir)
  let state = await stateFile.load(node).catch((err: unknown) => {
    log.warn({ err }, 'what the agent remembers cannot be read')
    return emptyState(node)
  })
  if (state.begun && !(await isInHand(ports, stateFile, state))) {
    const { generation } = state.begun
    state = await recoverSwap(files, state)
    await (await stateFile.stage(state))()
    log.info(
      { generation, back: state.generation },
      'an apply was cut off; the set of before is in place again',
    )
  }
  const { layout, running, back } = await locateRecovered(files, paths, state)
  if (back) {
    log.warn(
      { serviceDir: layout.serviceDir, back },
      'the service directory was gone; a set of before is in place',
    )
  }
  if (running) return
  const isRebuilt = await rebuildServiceDir(
    files,
    createBlobStore(files, join(stateDir, 'blobs')),
    layout,
    state,
  )
  if (isRebuilt)
    log.warn({ serviceDir: layout.serviceDir }, 'the service directory was gone; our files are back')
}

/** An agent that is alive brings its apply to an end itself; all that counts is that the set is whole. */
async function isInHand(
  { files, clock }: BeforeStartPorts,
  stateFile: StateFile,
  { node, begun }: AgentState,
): Promise<boolean> {
  const end = clock.monotonic() + patienceMs
  while (begun && clock.monotonic() < end) {
    if (!(await isAlive(files, begun.by))) return false
    if (await isWhole(files, begun)) return true
    const now = await stateFile.load(node).catch(() => undefined)
    if (now && now.begun?.generation !== begun.generation) return true
    await clock.sleep(pollMs)
  }
  return false
}

/** Says when others have changed something in HAProxy's directory, and then left it alone for a while. */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { EntryMarks } from '../apply/carry-changes.ts'
import type { Engine } from '../apply/engine.ts'
import { locatePlaced } from '../apply/recover.ts'
import type { HaproxyPaths } from '../haproxy/locate.ts'
import type { AgentState } from '../state/state-file.ts'
import { dirContent, sameContent } from './dir-content.ts'
import { dirStamp } from './dir-stamp.ts'

export interface QuietPorts {
  readonly files: Files
  readonly clock: Clock
  readonly engine: Pick<Engine, 'state'>
}

export interface QuietWatch {
  /** True when nobody has written anything for a while, and something may be there to do. */
  look(): Promise<boolean>
  /** Nobody has written anything since the last look. */
  isStillQuiet(): Promise<boolean>
  /** What the last look saw is dealt with, until it changes or the time is over; Infinity for never. */
  settle(againInMs: number): void
  /**
   * As `settle`, after an apply of our own. What it has written since is nobody's change; what others did meanwhile is.
   *
   * @param written - base names that it put in place; undefined when it failed, and took back what it could
   */
  settleOwn(againInMs: number, written: readonly string[] | undefined): Promise<void>
}

interface Settled {
  /** Numbered by every apply that went through: what did not go before may go after it. */
  readonly generation: number
  readonly content: EntryMarks
}

/** @param quietMs - for so long nobody may have changed anything */
export function createQuietWatch(
  { files, clock, engine }: QuietPorts,
  { paths, quietMs }: { readonly paths: HaproxyPaths; readonly quietMs: number },
): QuietWatch {
  let seen = ''
  let changedMs = 0
  let current: Settled = { generation: 0, content: new Map() }
  let settled: Settled | undefined
  /** The stamp of what is known to be as settled: contents are read only when the stamp is another one. */
  let settledStamp = ''
  let againMs = Number.POSITIVE_INFINITY

  // Where HAProxy runs from is not asked each time: that would read /proc once a second.
  const placeOf = async (state: AgentState) =>
    state.placed ?? (await locatePlaced(files, paths, state)).layout
  const stamp = async (state: AgentState) =>
    `${state.generation} ${await dirStamp(files, (await placeOf(state)).serviceDir)}`
  const contentOf = async (state: AgentState) => {
    const { kind, serviceDir } = await placeOf(state)
    return await dirContent(files, kind, serviceDir)
  }
  const isSettled = async (state: AgentState) => {
    if (seen === settledStamp) return true
    current = { generation: state.generation, content: await contentOf(state) }
    const isSame = current.generation === settled?.generation && sameContent(current.content, settled.content)
    // Written, but nothing is different: our own copies put back, or the same once more.
    if (isSame) settledStamp = seen
    return isSame
  }
  return {
    async look() {
      const state = engine.state()
      if (Object.keys(state.files).length === 0) return false
      const now = await stamp(state)
      const nowMs = clock.monotonic()
      if (now !== seen) {
        seen = now
        changedMs = nowMs
      }
      if (nowMs - changedMs < quietMs) return false
      return !(await isSettled(state)) || nowMs >= againMs
    },
    async isStillQuiet() {
      return (await stamp(engine.state())) === seen
    },
    settle(ms) {
      settled = current
      settledStamp = seen
      againMs = clock.monotonic() + ms
    },
    async settleOwn(ms, written) {
      const { files: owned, generation } = engine.state()
      const names = new Set(written ?? Object.keys(owned))
      const ours = Object.entries(owned)
        .filter(([name]) => names.has(name))
        .map(([name, { digest }]) => [name, digest] as const)
      const after = written ? undefined : await contentOf(engine.state())
      const own = ours.filter(([name, digest]) => after === undefined || after.get(name) === digest)
      settled = { generation, content: new Map([...current.content, ...own]) }
      // Not the stamp: others may have written meanwhile.
      settledStamp = ''
      againMs = clock.monotonic() + ms
    },
  }
}

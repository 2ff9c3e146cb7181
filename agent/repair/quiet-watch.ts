/** Says when HAProxy's directory has changed, and then been left alone for a while. */
import type { Clock } from '../../shared/ports/clock.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { Engine } from '../apply/engine.ts'
import { locatePlaced } from '../apply/recover.ts'
import type { HaproxyPaths } from '../haproxy/locate.ts'
import type { AgentState } from '../state/state-file.ts'
import { dirStamp } from './dir-stamp.ts'

export interface QuietPorts {
  readonly files: Files
  readonly clock: Clock
  readonly engine: Pick<Engine, 'state'>
}

export interface QuietWatch {
  /** True when nobody has changed anything for a while, and something may be there to do. */
  look(): Promise<boolean>
  /** The directory is as it was at the last look. */
  isStillQuiet(): Promise<boolean>
  /** Also when nothing changes until then; Infinity for never. */
  againInMs(ms: number): void
}

/** @param quietMs - for so long nobody may have changed anything */
export function createQuietWatch(
  { files, clock, engine }: QuietPorts,
  { paths, quietMs }: { readonly paths: HaproxyPaths; readonly quietMs: number },
): QuietWatch {
  let seen = ''
  let changedMs = 0
  let settled = ''
  let againMs = Number.POSITIVE_INFINITY
  const stamp = async (state: AgentState) => {
    // Where HAProxy runs from is not asked each time: that would read /proc once a second.
    const dir = state.placed?.serviceDir ?? (await locatePlaced(files, paths, state)).layout.serviceDir
    return `${state.generation} ${await dirStamp(files, dir)}`
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
      return nowMs - changedMs >= quietMs && (seen !== settled || nowMs >= againMs)
    },
    async isStillQuiet() {
      return (await stamp(engine.state())) === seen
    },
    againInMs(ms) {
      settled = seen
      againMs = clock.monotonic() + ms
    },
  }
}

/** What a run has at hand. */
import type { RealSystem } from '../../lab/real/real-system.ts'
import type { Program } from './program.ts'
import type { WatcherAnswer, WatcherRequest } from './watcher/marks.ts'
import type { WritersAnswer, WritersRequest } from './writers/record.ts'

export interface Bench {
  readonly system: RealSystem
  readonly writers: Program<WritersRequest, WritersAnswer>
  readonly watcher: Program<WatcherRequest, WatcherAnswer>
  /** Rounds so far: rows say of which they are. */
  rounds: number
}

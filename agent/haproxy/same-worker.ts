/**
 * Names the worker that serves so that no other one is taken for it. As long as the name is the same HAProxy has loaded
 * nothing since, whatever lies on disk.
 *
 * Only a master that answers can tell: while it loads files for somebody else's reload it does not, and the old worker
 * serves on.
 */
import type { Files } from '../../shared/ports/files.ts'
import { identityOf } from '../state/process-identity.ts'
import type { Cli } from './cli.ts'
import type { Located } from './locate.ts'
import { markWorker } from './runtime-weights.ts'

export interface NamedWorker {
  readonly pid: number
  readonly name: string
}

/** @returns undefined when nobody can say which worker is the current one */
export async function nameWorker(
  { cli, files }: { readonly cli: Cli; readonly files: Files },
  located: Pick<Located, 'masterSocket'>,
): Promise<NamedWorker | undefined> {
  const mark = await markWorker(cli, located)
  return mark && { pid: mark.pid, name: `${await identityOf(files, mark.pid)} ${mark.reloads}` }
}

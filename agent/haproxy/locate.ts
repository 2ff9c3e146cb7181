/**
 * Where HAProxy's files are and how to reach the one that runs: what the options say, else what the running
 * process says, else what is usual.
 */
import { basename, dirname, join, resolve } from 'node:path'
import type { Files } from '../../shared/ports/files.ts'
import { findStatsSocket } from './arguments.ts'
import { findRunning, type RunningHaproxy } from './running.ts'

export type LayoutKind = 'conf.d' | 'flat'

export interface HaproxyPaths {
  /** HAProxy's main configuration file. */
  readonly config: string
  /** '' finds it out. */
  readonly serviceDir: string
  readonly layout: 'auto' | LayoutKind
  /** '' takes the running master's `-S`. */
  readonly masterSocket: string
  /** '' takes the first `stats socket` of the main configuration file. */
  readonly statsSocket: string
  readonly pidFile: string
}

export interface Layout {
  /** `conf.d`: a directory of service files alone; `flat`: they lie beside haproxy.cfg. */
  readonly kind: LayoutKind
  readonly serviceDir: string
  /** Generations and staging; HAProxy does not look into it. */
  readonly workDir: string
  /** Base names in the service directory that are never ours. */
  readonly reserved: ReadonlySet<string>
}

export interface Located {
  readonly layout: Layout
  readonly running: RunningHaproxy | undefined
  /** What HAProxy loads (or would, when it does not run), in order. */
  readonly configPaths: readonly string[]
  readonly masterSocket: string | undefined
  readonly statsSocket: string | undefined
}

export async function locate(files: Files, paths: HaproxyPaths): Promise<Located> {
  const config = resolve(paths.config)
  const home = dirname(config)
  const usual = [config, home, join(home, 'conf.d'), ...(paths.serviceDir ? [resolve(paths.serviceDir)] : [])]
  const running = await findRunning(files, { pidFile: paths.pidFile, configPaths: usual })
  const serviceDir = await findServiceDir(files, paths, running?.configPaths)
  const kind = paths.layout === 'auto' ? (serviceDir === home ? 'flat' : 'conf.d') : paths.layout
  return {
    layout: {
      kind,
      serviceDir,
      workDir: workDirOf(kind, serviceDir),
      reserved: new Set([basename(config)]),
    },
    running,
    configPaths: running?.configPaths ?? (kind === 'flat' ? [serviceDir] : [config, serviceDir]),
    masterSocket: paths.masterSocket || running?.masterSocket,
    statsSocket: paths.statsSocket || findStatsSocket(String((await files.read(config)) ?? '')),
  }
}

/** On the same file system as the service directory, and where HAProxy does not look. */
export function workDirOf(kind: LayoutKind, serviceDir: string): string {
  return join(kind === 'flat' ? serviceDir : dirname(serviceDir), 'pgsvc')
}

async function findServiceDir(
  files: Files,
  paths: HaproxyPaths,
  loaded: readonly string[] | undefined,
): Promise<string> {
  if (paths.serviceDir !== '') return resolve(paths.serviceDir)
  const home = dirname(resolve(paths.config))
  const confD = join(home, 'conf.d')
  if (paths.layout !== 'auto') return paths.layout === 'flat' ? home : confD
  if (loaded?.includes(confD)) return confD
  if (loaded?.includes(home)) return home
  const kind = await files.kind(confD)
  return kind === 'directory' || kind === 'symlink' ? confD : home
}

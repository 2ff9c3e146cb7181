/**
 * Looks at the live directory, and says what a candidate would change there.
 */
import { dirname, join, resolve } from 'node:path'
import { sha256 } from '../../shared/digest/sha256.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { Located } from '../haproxy/locate.ts'
import { nameWorker } from '../haproxy/same-worker.ts'
import type { AgentState } from '../state/state-file.ts'
import type { Candidate } from './candidate.ts'
import { type Comparison, compare } from './compare.ts'
import type { EngineOptions, EnginePorts } from './engine-ports.ts'
import { FaultError } from './fault-error.ts'
import { loadedAsOnDisk } from './has-loaded.ts'
import { foreignDigest, type LiveDir, readLiveDir, stampOf } from './live-dir.ts'
import { setsKey } from './validate.ts'

export interface Found {
  readonly live: LiveDir
  /** Changes when anything in the live directory does. */
  readonly liveDigest: string
  /** Changes when something that is not ours does. */
  readonly foreign: string
  /** Digest of every file of others that HAProxy loads from here, by base name. */
  readonly foreignFiles: Readonly<Record<string, string>>
  /** Those of them that HAProxy is known to have loaded as they are. */
  readonly foreignLoaded: Readonly<Record<string, string>>
  readonly comparison: Comparison
  /** The worker that has the files loaded although they are not on disk as they were; undefined where none has to. */
  readonly reliesOn: string | undefined
  /** Base names that are, were or become ours. */
  readonly ours: (name: string) => boolean
}

export interface ToLookAt {
  readonly state: AgentState
  readonly candidate: Candidate
  readonly located: Located
  /** Name of the worker that was seen to load what `state` says. */
  readonly witness: string | undefined
}

/** @throws FaultError SERVICE_DIR_NOT_LOADED, SERVICE_DIR_MISSING, MAIN_CONFIG_MISSING */
export async function look(
  ports: EnginePorts,
  { state, candidate, located, witness }: ToLookAt,
): Promise<Found> {
  const { layout, configPaths } = located
  if (!configPaths.includes(layout.serviceDir)) {
    const message = `HAProxy does not load ${layout.serviceDir}; it was started with -f ${configPaths.join(' -f ')}`
    throw new FaultError({ stage: 'stage', code: 'SERVICE_DIR_NOT_LOADED', message })
  }
  const live = await readLiveDir(ports.files, layout.serviceDir, layout.workDir)
  if (live.kind === 'missing' && located.running) {
    const message = `${layout.serviceDir} is gone while HAProxy runs with it; files of others may have been in it`
    throw new FaultError({ stage: 'stage', code: 'SERVICE_DIR_MISSING', message })
  }
  if (located.running) await expectMainConfig(ports.files, located, live)
  const loaded = await loadedTexts(ports, state, located, live)
  const ours = (name: string) => candidate.files.has(name) || name in state.files
  const isRunning = located.running !== undefined
  const reliesOn = (await isStillLoaded(ports, { state, located, witness }, live)) ? witness : undefined
  const compared = {
    candidate: candidate.files,
    live: live.loaded,
    owned: state.files,
    loaded,
    isRunning,
    isStillLoaded: reliesOn !== undefined,
  }
  const foreignTexts = [...live.loaded].filter(([name]) => !ours(name))
  return {
    live,
    liveDigest: await stampOf(ports.files, layout, live),
    foreign: foreignDigest(live, ours),
    foreignFiles: digestsOf(foreignTexts),
    foreignLoaded: digestsOf(foreignTexts.filter(([name, text]) => loaded.get(name) === text)),
    comparison: withCutOff(state, compare(compared)),
    reliesOn,
    ours,
  }
}

/**
 * Somebody who wipes everything first takes haproxy.cfg along. HAProxy may take the rest without it, in a directory
 * even silently, and would lose its limits, time-outs and sockets.
 */
async function expectMainConfig(
  files: Files,
  { configPaths, layout }: Located,
  live: LiveDir,
): Promise<void> {
  const inDir = layout.kind === 'flat' ? [...layout.reserved].filter((name) => !live.loaded.has(name)) : []
  const kinds = await Promise.all(configPaths.map((path) => files.kind(path)))
  const gone = [
    ...configPaths.filter((_, index) => kinds[index] === undefined),
    ...inDir.map((name) => join(layout.serviceDir, name)),
  ]
  if (gone.length === 0) return
  const message = `${gone.join(' and ')} is gone while HAProxy runs with it`
  throw new FaultError({ stage: 'stage', code: 'MAIN_CONFIG_MISSING', message })
}

/** Asked only where others have changed or removed a file of ours. */
async function isStillLoaded(
  ports: EnginePorts,
  { state: { files, confirmed, mustReload }, located, witness }: Omit<ToLookAt, 'candidate'>,
  live: LiveDir,
): Promise<boolean> {
  const isChanged = Object.entries(files).some(([name, { digest }]) => {
    const text = live.loaded.get(name)
    return text === undefined || sha256(text) !== digest
  })
  if (!isChanged || !confirmed || mustReload || witness === undefined) return false
  return (await nameWorker(ports, located))?.name === witness
}

function digestsOf(texts: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map(([name, text]) => [name, sha256(text)]))
}

/**
 * What HAProxy is known to have loaded: what was confirmed, and what was on disk before it read. Equal bytes on
 * disk are no proof: files may have come after HAProxy read them, or by an apply that was cut off.
 */
async function loadedTexts(
  ports: EnginePorts,
  state: AgentState,
  located: Located,
  live: LiveDir,
): Promise<ReadonlyMap<string, string>> {
  const loaded = new Map<string, string>()
  if (state.mustReload) return loaded
  const texts = state.confirmed
    ? await ports.blobs.read(Object.values(state.files).map(({ digest }) => digest))
    : new Map<string, string>()
  for (const [name, { digest }] of Object.entries(state.files)) {
    // Loaded as others had written it, see `left` of a prepared set.
    if (name in state.foreign) continue
    const text = texts.get(digest)
    if (text !== undefined) loaded.set(name, text)
  }
  for (const [name, text] of live.loaded) {
    if (!loaded.has(name) && state.foreign[name] === sha256(text)) loaded.set(name, text)
  }
  if ([...live.loaded.keys()].every((name) => loaded.has(name))) return loaded
  for (const name of await loadedAsOnDisk(ports, located, live)) {
    if (!loaded.has(name)) loaded.set(name, live.loaded.get(name) ?? '')
  }
  return loaded
}

function withCutOff(state: AgentState, comparison: Comparison): Comparison {
  if (!state.mustReload) return comparison
  const reasons = [...comparison.reasons, 'an apply before was cut off']
  return { ...comparison, reasons, causes: [...comparison.causes, 'cut-off'], weights: [] }
}

/**
 * Everything that decides what `haproxy -c` says: program, its own files, files of others, all our variants.
 *
 * @returns undefined when the program cannot be told from another one; then nothing may be concluded
 */
export async function validationKeyOf(
  ports: EnginePorts,
  options: EngineOptions,
  { configPaths, layout }: Located,
  { foreign }: Found,
  candidate: Candidate,
): Promise<string | undefined> {
  const program = await programIdentity(ports, options.haproxyBin)
  if (program === undefined) return undefined
  const texts = await configTexts(ports.files, { configPaths, layout })
  return sha256(JSON.stringify([program, configPaths, texts, foreign, setsKey(candidate)]))
}

/** Text of every file that HAProxy loads and that is not ours, by path. */
export async function foreignTexts(
  files: Files,
  { configPaths, layout }: Pick<Located, 'configPaths' | 'layout'>,
  { live, ours }: Pick<Found, 'live' | 'ours'>,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  const add = (dir: string, loaded: LiveDir['loaded']) => {
    for (const [name, text] of loaded) texts.set(join(dir, name), text)
  }
  for (const path of configPaths) {
    if (path === layout.serviceDir) {
      add(path, new Map([...live.loaded].filter(([name]) => !ours(name))))
    } else if ((await files.list(path)) !== undefined) add(path, (await readLiveDir(files, path)).loaded)
    else texts.set(path, String((await files.read(path)) ?? ''))
  }
  return texts
}

/** What HAProxy loads from elsewhere than the service directory: texts of files, digests of directories. */
export async function configTexts(
  files: Files,
  { configPaths, layout }: Pick<Located, 'configPaths' | 'layout'>,
): Promise<readonly string[]> {
  const texts: string[] = []
  for (const path of configPaths) {
    if (path === layout.serviceDir) continue
    const isDirectory = (await files.list(path)) !== undefined
    texts.push(
      isDirectory
        ? foreignDigest(await readLiveDir(files, path), () => false)
        : String((await files.read(path)) ?? ''),
    )
  }
  return texts
}

/** Another HAProxy under the same path, e.g. after an upgrade, may judge otherwise. */
export async function programIdentity(
  { files }: Pick<EnginePorts, 'files'>,
  path: string,
): Promise<string | undefined> {
  const isLink = (await files.kind(path)) === 'symlink'
  const target = isLink ? resolve(dirname(path), await files.readLink(path)) : path
  const stamp = await files.stamp(target)
  return stamp && JSON.stringify([path, target, stamp])
}

/**
 * `haproxy -c` over what some owners may have to run: the chosen variants, and every other one.
 *
 * HAProxy needs tens of milliseconds for one check, so all other variants go along in the same run: their sections
 * under made-up names beside the chosen set. Two sections on one port are fine for `-c`. Where that would not say
 * the same (other files or sections than the chosen variant), or where it fails, an owner's variants are checked in
 * the chosen one's place: the first ones of all such owners in one run, then the second ones, and so on.
 */
import { join } from 'node:path'
import type { Fault } from '../../shared/errors/fault.ts'
import { listenNames } from '../../shared/haproxy/directives.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import type { Files } from '../../shared/ports/files.ts'
import type { Surroundings } from '../haproxy/surroundings.ts'
import { type Blamed, blame } from './blame.ts'
import type { Alternate, CandidateFile } from './candidate.ts'
import { fileMode } from './staging.ts'

export interface CheckRun {
  readonly haproxyBin: string
  /** What HAProxy loads now, in order. */
  readonly configPaths: readonly string[]
  /** The live service directory, one of `configPaths`. */
  readonly serviceDir: string
  /** Directories of our own for other sets have names that begin like this; made and removed here. */
  readonly checkDir: string
  readonly timeoutMs: number
  /** As HAProxy itself would find them. */
  readonly surroundings: Surroundings
  /** What the owner has differs from what was found good before. */
  readonly isNew: (owner: string) => boolean
}

export interface CheckPorts {
  readonly files: Files
  readonly exec: Exec
}

/** What is to be checked. */
export interface CheckedSet {
  /** Stands in the live directory's place; absent when it has to be made. */
  readonly dir: string | undefined
  readonly files: ReadonlyMap<string, CandidateFile>
  readonly alternates: readonly Alternate[]
  /** Texts of the files of others there. */
  readonly foreign: ReadonlyMap<string, string>
}

export type Verdict =
  | { readonly kind: 'good' }
  | {
      readonly kind: 'bad'
      /** One per owner that HAProxy names. */
      readonly faults: readonly Fault[]
      /** Of the whole. */
      readonly fault: Fault
    }
  /** HAProxy did not judge. */
  | { readonly kind: 'unable'; readonly fault: Fault }

type Judged = { readonly kind: 'judged'; readonly blamed: Blamed } | Exclude<Verdict, { kind: 'bad' }>

/** At most one run, and one more for each round of variants that have to be looked at by themselves. */
export async function checkSet(ports: CheckPorts, run: CheckRun, set: CheckedSet): Promise<Verdict> {
  const alone = new Set(
    set.alternates.filter((alternate) => !isParallel(alternate, set.files)).map(({ owner }) => owner),
  )
  for (;;) {
    const judged = await checkChosen(ports, run, set, alone)
    if (judged.kind === 'unable') return judged
    if (judged.kind === 'good') break
    const { faults, besideOwners, fault } = judged.blamed
    const more = faults.length > 0 ? [] : [...besideOwners].filter((owner) => !alone.has(owner))
    if (more.length === 0) return { kind: 'bad', faults, fault }
    for (const owner of more) alone.add(owner)
  }
  return await checkInPlace(ports, run, set, alone)
}

/** Same file names and the same sections in each: then made-up names change nothing else. Pure. */
export function isParallel(alternate: Alternate, chosen: ReadonlyMap<string, CandidateFile>): boolean {
  const own = [...chosen.values()].filter(({ owner }) => owner === alternate.owner)
  return (
    own.length === alternate.files.length &&
    alternate.files.every(({ name, text }) => {
      const other = chosen.get(name)
      return other !== undefined && listenNames(text).join(' ') === listenNames(other.text).join(' ')
    })
  )
}

/** A text with its sections under names that occur nowhere else. Pure. */
export function renameSections(text: string, suffix: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/^([ \t]*listen[ \t]+)(\S+)/, `$1$2${suffix}`))
    .join('\n')
}

/** The chosen set, with all variants beside it that need not stand alone. */
async function checkChosen(
  ports: CheckPorts,
  run: CheckRun,
  set: CheckedSet,
  alone: ReadonlySet<string>,
): Promise<Judged> {
  const beside = new Map<string, CandidateFile>()
  const dir = `${run.checkDir}-beside`
  for (const [index, { owner, files }] of set.alternates.entries()) {
    if (alone.has(owner)) continue
    for (const file of files) {
      if (set.files.get(file.name)?.digest === file.digest) continue
      const text = renameSections(file.text, `:pgsvc-v${index}`)
      beside.set(join(dir, `v${index}-${file.name}`), { ...file, text })
    }
  }
  const texts = new Map([...beside].map(([path, { text }]) => [path.slice(dir.length + 1), text]))
  return await withDir(ports.files, texts.size > 0 ? dir : undefined, texts, () =>
    withSet(ports, run, set, (chosenDir) => haproxyCheck(ports.exec, run, chosenDir, set.files, beside)),
  )
}

async function checkInPlace(
  ports: CheckPorts,
  run: CheckRun,
  set: CheckedSet,
  alone: ReadonlySet<string>,
): Promise<Verdict> {
  for (let rank = 0; ; rank += 1) {
    const others = [...alone].flatMap(
      (owner) => set.alternates.filter((alternate) => alternate.owner === owner)[rank] ?? [],
    )
    if (others.length === 0) return { kind: 'good' }
    const leaders = new Map(others.map(({ owner, leader }) => [owner, leader]))
    const files = new Map([...set.files].filter(([, { owner }]) => !leaders.has(owner)))
    for (const file of others.flatMap((other) => other.files)) files.set(file.name, file)
    const judged = await withSet(ports, run, { ...set, dir: undefined, files }, (dir) =>
      haproxyCheck(ports.exec, run, dir, files, new Map()),
    )
    if (judged.kind === 'unable') return judged
    if (judged.kind === 'good') continue
    const { faults, fault } = judged.blamed
    return { kind: 'bad', faults: faults.map((one) => ledBy(one, leaders)), fault: ledBy(fault, leaders) }
  }
}

function ledBy(fault: Fault, leaders: ReadonlyMap<string, string>): Fault {
  const leader = leaders.get(fault.owner ?? '')
  return leader === undefined ? fault : { ...fault, message: `when ${leader} leads: ${fault.message}` }
}

async function withSet<T>(
  { files }: CheckPorts,
  run: CheckRun,
  set: CheckedSet,
  work: (dir: string) => Promise<T>,
): Promise<T> {
  if (set.dir !== undefined) return await work(set.dir)
  const dir = `${run.checkDir}-set`
  const ours = [...set.files].map(([name, { text }]) => [name, text] as const)
  return await withDir(files, dir, new Map([...set.foreign, ...ours]), () => work(dir))
}

async function withDir<T>(
  files: Files,
  dir: string | undefined,
  texts: ReadonlyMap<string, string>,
  work: () => Promise<T>,
): Promise<T> {
  if (dir === undefined) return await work()
  await files.makeDir(dir)
  try {
    await Promise.all([...texts].map(([name, text]) => files.write(join(dir, name), text, fileMode)))
    return await work()
  } finally {
    await files.remove(dir)
  }
}

async function haproxyCheck(
  exec: Exec,
  run: CheckRun,
  dir: string,
  files: ReadonlyMap<string, CandidateFile>,
  beside: ReadonlyMap<string, CandidateFile>,
): Promise<Judged> {
  const paths = run.configPaths.map((path) => (path === run.serviceDir ? dir : path))
  const more = beside.size > 0 ? [`${run.checkDir}-beside`] : []
  // Without -W a configuration that listens nowhere is refused; removing the last service must be possible.
  const args = ['-W', '-c', ...[...paths, ...more].flatMap((path) => ['-f', path])]
  const ended = await exec
    .run(run.haproxyBin, args, { timeoutMs: run.timeoutMs, ...run.surroundings })
    .catch((error: Error) => error)
  if (ended instanceof Error) {
    const message = `${run.haproxyBin} cannot be started: ${ended.message}`
    return { kind: 'unable', fault: { stage: 'validate', code: 'HAPROXY_MISSING', message } }
  }
  if (ended.status === 0) return { kind: 'good' }
  if (ended.status === null) {
    const message = `haproxy -c did not end within ${run.timeoutMs} ms`
    return { kind: 'unable', fault: { stage: 'validate', code: 'CHECK_TIMEOUT', message } }
  }
  const { serviceDir, isNew } = run
  const blamed = blame(`${ended.stdout}${ended.stderr}`, { serviceDir, dir, files, beside, isNew })
  return { kind: 'judged', blamed }
}

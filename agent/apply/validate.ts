/**
 * `haproxy -c` over everything a node may have to run: the chosen set, and each other variant.
 *
 * HAProxy needs tens of milliseconds for one check, so all other variants go through one more pass of the same
 * run: their sections under made-up names beside the chosen set. Two sections on one port are fine for `-c`.
 * Where that would not say the same (other files or sections than the chosen variant), or it fails, each set
 * is checked by itself, so that the words are exact.
 */
import { basename, join } from 'node:path'
import type { Fault } from '../../shared/errors/fault.ts'
import { listenNames } from '../../shared/haproxy/directives.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import type { Files } from '../../shared/ports/files.ts'
import { readCheckWords } from '../haproxy/check-words.ts'
import type { Alternate, Candidate, CandidateFile } from './candidate.ts'
import { fileMode } from './staging.ts'

export interface CheckPlan {
  readonly haproxyBin: string
  /** What HAProxy loads now, in order. */
  readonly configPaths: readonly string[]
  /** The live service directory, one of `configPaths`. */
  readonly serviceDir: string
  /** Where the chosen set is now: staged, or the live directory itself when nothing has to be written. */
  readonly chosenDir: string
  /** A directory of our own for the other sets; made and removed here. */
  readonly checkDir: string
  readonly candidate: Candidate
  readonly timeoutMs: number
}

interface Ports {
  readonly files: Files
  readonly exec: Exec
}

/** @returns the first fault, or undefined when HAProxy takes every set */
export async function validate(ports: Ports, plan: CheckPlan): Promise<Fault | undefined> {
  const { alternates } = plan.candidate
  if (alternates.length > 0 && alternates.every((alternate) => isParallel(alternate, plan.candidate.files))) {
    const together = await checkTogether(ports, plan)
    if (together === undefined) return undefined
  }
  const chosen = await check(ports.exec, plan, [], plan.candidate.files)
  if (chosen) return chosen
  for (let i = 0; i < alternates.length; i += 2) {
    const pair = alternates.slice(i, i + 2)
    const faults = await Promise.all(pair.map((alternate, j) => checkAlone(ports, plan, alternate, i + j)))
    const fault = faults.find((found) => found !== undefined)
    if (fault) return fault
  }
  return undefined
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

/**
 * Names everything that `validate` looks at. Where every variant is parallel to the others it does not matter
 * which of them is the chosen one, so that moving to another leader's variant needs no new check. Pure.
 */
export function setsKey({ files, alternates }: Candidate): string {
  const byOwner = new Map<string, Map<string, string>>()
  for (const { owner, name, digest } of files.values()) {
    byOwner.set(owner, (byOwner.get(owner) ?? new Map<string, string>()).set(name, digest))
  }
  const variants = [
    ...[...byOwner].map(([owner, content]) => JSON.stringify([owner, [...content].sort()])),
    ...alternates.map(({ owner, files: other }) =>
      JSON.stringify([owner, other.map(({ name, digest }) => [name, digest]).sort()]),
    ),
  ]
  const allParallel = alternates.every((alternate) => isParallel(alternate, files))
  return JSON.stringify([allParallel ? variants.sort() : variants])
}

/** A text with its sections under names that occur nowhere else. Pure. */
export function renameSections(text: string, suffix: string): string {
  return text.replace(/^([ \t]*listen[ \t]+)(\S+)/gm, `$1$2${suffix}`)
}

async function checkTogether(ports: Ports, plan: CheckPlan): Promise<Fault | undefined> {
  const texts = new Map<string, string>()
  for (const [index, { files }] of plan.candidate.alternates.entries()) {
    for (const { name, digest, text } of files) {
      if (plan.candidate.files.get(name)?.digest === digest) continue
      texts.set(`v${index}-${name}`, renameSections(text, `:pgsvc-v${index}`))
    }
  }
  return await withDir(ports.files, plan.checkDir, texts, () =>
    check(ports.exec, plan, [plan.checkDir], plan.candidate.files),
  )
}

async function checkAlone(
  ports: Ports,
  plan: CheckPlan,
  alternate: Alternate,
  index: number,
): Promise<Fault | undefined> {
  const texts = new Map<string, string>()
  for (const { name, kind } of (await ports.files.list(plan.chosenDir)) ?? []) {
    const owner = plan.candidate.files.get(name)?.owner
    if (kind === 'directory' || kind === 'other' || owner === alternate.owner) continue
    if (!name.endsWith('.cfg') || name.startsWith('.')) continue
    texts.set(name, String((await ports.files.read(join(plan.chosenDir, name))) ?? ''))
  }
  for (const { name, text } of alternate.files) texts.set(name, text)
  const chosenDir = `${plan.checkDir}-${index}`
  const known = new Map([...plan.candidate.files].filter(([, { owner }]) => owner !== alternate.owner))
  for (const file of alternate.files) known.set(file.name, file)
  const fault = await withDir(ports.files, chosenDir, texts, () =>
    check(ports.exec, { ...plan, chosenDir }, [], known),
  )
  return fault && { ...fault, message: `when ${alternate.leader} leads: ${fault.message}` }
}

async function withDir<T>(
  files: Files,
  dir: string,
  texts: ReadonlyMap<string, string>,
  work: () => Promise<T>,
): Promise<T> {
  await files.makeDir(dir)
  try {
    await Promise.all([...texts].map(([name, text]) => files.write(join(dir, name), text, fileMode)))
    return await work()
  } finally {
    await files.remove(dir)
  }
}

async function check(
  exec: Exec,
  plan: CheckPlan,
  more: readonly string[],
  ours: ReadonlyMap<string, CandidateFile>,
): Promise<Fault | undefined> {
  const paths = plan.configPaths.map((path) => (path === plan.serviceDir ? plan.chosenDir : path))
  // Without -W a configuration that listens nowhere is refused; removing the last service must be possible.
  const args = ['-W', '-c', ...[...paths, ...more].flatMap((path) => ['-f', path])]
  const ended = await exec
    .run(plan.haproxyBin, args, { timeoutMs: plan.timeoutMs })
    .catch((error: Error) => error)
  if (ended instanceof Error) {
    const message = `${plan.haproxyBin} cannot be started: ${ended.message}`
    return { stage: 'validate', code: 'HAPROXY_MISSING', message }
  }
  if (ended.status === 0) return undefined
  if (ended.status === null) {
    const message = `haproxy -c did not end within ${plan.timeoutMs} ms`
    return { stage: 'validate', code: 'CHECK_TIMEOUT', message }
  }
  return blame(`${ended.stdout}${ended.stderr}`, plan, ours)
}

function blame(output: string, plan: CheckPlan, ours: ReadonlyMap<string, CandidateFile>): Fault {
  const found = readCheckWords(output.replaceAll(`${plan.chosenDir}/`, `${plan.serviceDir}/`))
  const named = found.path === undefined ? undefined : basename(found.path)
  const isInServiceDir = found.path === undefined || found.path === join(plan.serviceDir, named ?? '')
  const file = named ?? fileOfSection(found.section, ours)
  const owner = file !== undefined && isInServiceDir ? ours.get(file)?.owner : undefined
  const foreign = owner === undefined && file !== undefined
  return {
    stage: 'validate',
    code: foreign ? 'FOREIGN_FILE_BROKEN' : 'HAPROXY_REFUSED',
    owner,
    file,
    line: found.line,
    message: found.message.replaceAll(`${plan.chosenDir}/`, `${plan.serviceDir}/`),
    haproxy: found.words.slice(0, 4_096),
  }
}

function fileOfSection(
  section: string | undefined,
  ours: ReadonlyMap<string, CandidateFile>,
): string | undefined {
  if (section === undefined) return undefined
  return [...ours.values()].find(({ text }) => listenNames(text).includes(section))?.name
}

/**
 * Whose fault it is, by what `haproxy -c` says. HAProxy reads every file to its end before it gives up, so one run
 * names all owners with a fault of one kind. Pure.
 */
import { basename, dirname } from 'node:path'
import type { Fault } from '../../shared/errors/fault.ts'
import { listenNames } from '../../shared/haproxy/directives.ts'
import { type Alert, readAlerts, readCheckWords } from '../haproxy/check-words.ts'
import type { CandidateFile } from './candidate.ts'

/** What HAProxy was given to check. */
export interface Checked {
  /** The live service directory: what the operator knows. */
  readonly serviceDir: string
  /** What stood in its place. */
  readonly dir: string
  /** Files of ours in there, by base name. */
  readonly files: ReadonlyMap<string, CandidateFile>
  /** Files of other variants beside it, by path. */
  readonly beside: ReadonlyMap<string, CandidateFile>
  /** What the owner has differs from what was found good before: it is rather at fault than others. */
  readonly isNew: (owner: string) => boolean
}

export interface Blamed {
  /** One per owner that is at fault in what is to run. */
  readonly faults: readonly Fault[]
  /** Owners at fault in another variant. */
  readonly besideOwners: ReadonlySet<string>
  /** Of the whole: whom HAProxy named first, or nobody. */
  readonly fault: Fault
}

const maxWords = 4_096

export function blame(output: string, checked: Checked): Blamed {
  const alerts = readAlerts(output)
  const faults = new Map<string, { fault: Fault; words: string[] }>()
  const besideOwners = new Set<string>()
  for (const alert of alerts) {
    const found = whoseOf(alert, checked)
    if (found === undefined) continue
    if (found.isBeside) {
      besideOwners.add(found.file.owner)
      continue
    }
    const { owner, name } = found.file
    const known = faults.get(owner)
    if (known) known.words.push(alert.words)
    else {
      const line = found.isPlace ? alert.line : undefined
      const message = asLive(alert.message, checked)
      faults.set(owner, { words: [alert.words], fault: refused({ owner, file: name, line, message }) })
    }
  }
  const all = words(output, checked)
  const isSole = faults.size === 1
  return {
    faults: [...faults.values()].map((one) => ({
      ...one.fault,
      haproxy: isSole ? all : asLive(one.words.join('\n'), checked).slice(0, maxWords),
    })),
    besideOwners,
    fault: wholeFault(output, checked, all),
  }
}

/** What HAProxy stumbles over first, be it ours or not. */
function wholeFault(output: string, checked: Checked, haproxy: string): Fault {
  const found = readCheckWords(output)
  const alert = { ...found, words: found.message }
  const mine = whoseOf(alert, checked)
  const isForeign = mine === undefined && found.path !== undefined
  const file = mine?.file.name ?? (found.path === undefined ? undefined : basename(found.path))
  return {
    ...refused({ owner: mine?.file.owner, file, line: found.line, message: asLive(found.message, checked) }),
    code: isForeign ? 'FOREIGN_FILE_BROKEN' : 'HAPROXY_REFUSED',
    haproxy,
  }
}

interface Whose {
  readonly file: CandidateFile
  readonly isBeside: boolean
  /** The alert's line is in this file. */
  readonly isPlace: boolean
}

/** Where an alert names two, e.g. for one name used twice, the one that is new is at fault. */
function whoseOf(alert: Alert, checked: Checked): Whose | undefined {
  const named = [...namedFiles(alert, checked)]
  return (
    named.find(({ file }) => checked.isNew(file.owner)) ??
    (alert.path === undefined ? named[0] : placed(named))
  )
}

function placed(named: readonly Whose[]): Whose | undefined {
  return named.find(({ isPlace }) => isPlace)
}

function* namedFiles(alert: Alert, checked: Checked): Generator<Whose> {
  if (alert.path !== undefined) {
    const file = fileAt(alert.path, checked)
    if (file) yield { ...file, isPlace: true }
  }
  for (const [path] of alert.words.matchAll(/\/[^\s:\]',]+\.cfg/g)) {
    const file = path === alert.path ? undefined : fileAt(path, checked)
    if (file) yield { ...file, isPlace: false }
  }
  if (alert.path !== undefined || alert.section === undefined) return
  for (const [isBeside, files] of [
    [false, checked.files],
    [true, checked.beside],
  ] as const) {
    const file = [...files.values()].find(({ text }) => listenNames(text).includes(alert.section ?? ''))
    if (file) yield { file, isBeside, isPlace: false }
  }
}

function fileAt(path: string, { dir, files, beside }: Checked): Omit<Whose, 'isPlace'> | undefined {
  const other = beside.get(path)
  if (other) return { file: other, isBeside: true }
  const file = dirname(path) === dir ? files.get(basename(path)) : undefined
  return file && { file, isBeside: false }
}

function refused(fault: Pick<Fault, 'owner' | 'file' | 'line' | 'message'>): Fault {
  return { stage: 'validate', code: 'HAPROXY_REFUSED', ...fault }
}

function words(output: string, checked: Checked): string {
  return asLive(readCheckWords(output).words, checked).slice(0, maxWords)
}

function asLive(text: string, { dir, serviceDir }: Checked): string {
  return text.replaceAll(`${dir}/`, `${serviceDir}/`)
}

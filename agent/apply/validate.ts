/**
 * Whether HAProxy takes everything a node may have to run, and whose fault it is when it does not.
 *
 * HAProxy's words name the file at fault nearly always. Where they do not, or where they name an owner whose files
 * were found good before (a newcomer may clash with it), the owner is found by halving: about seven runs among a
 * hundred owners.
 */
import { join } from 'node:path'
import type { Fault } from '../../shared/errors/fault.ts'
import type { Candidate } from './candidate.ts'
import { type CheckPorts, type CheckRun, checkSet, isParallel, type Verdict } from './check-set.ts'

export interface CheckPlan extends CheckRun {
  /** Where the chosen set is now: staged, or the live directory itself when nothing has to be written. */
  readonly chosenDir: string
  readonly candidate: Candidate
  /** Owners that HAProxy has refused before, for just what they are to have now, and how. */
  readonly known: ReadonlyMap<string, Fault>
}

type Bad = Extract<Verdict, { kind: 'bad' }>

/**
 * @returns empty when HAProxy takes every set; else one fault for each owner that is at fault, or a single one that
 *   is nobody's of ours. There may be more behind them.
 */
export async function validate(ports: CheckPorts, plan: CheckPlan): Promise<readonly Fault[]> {
  const foreign = await foreignTexts(ports, plan)
  const { files, alternates } = plan.candidate
  const verdict = await checkSet(ports, plan, { dir: plan.chosenDir, files, alternates, foreign })
  if (verdict.kind === 'good') return []
  if (verdict.kind === 'unable') return [verdict.fault]
  const blamed = namedOwners(verdict, plan)
  if (blamed.length > 0) return blamed
  return [await findByHalving(ports, plan, foreign, verdict)]
}

/** Whom HAProxy names, as far as that can be believed; those it has named before when it names nobody. */
function namedOwners({ faults, fault }: Bad, { candidate, known, isNew }: CheckPlan): readonly Fault[] {
  const owners = ownersOf(candidate)
  const remembered = [...known].filter(([owner]) => owners.includes(owner)).map(([, before]) => before)
  const believed = faults.filter(({ owner = '' }) => isNew(owner) || known.has(owner))
  if (believed.length > 0) return believed
  if (faults.length === 0 && fault.code !== 'FOREIGN_FILE_BROKEN' && remembered.length > 0) return remembered
  return owners.some(isNew) ? [] : faults
}

function ownersOf({ files, alternates }: Candidate): readonly string[] {
  return [...new Set([...files.values(), ...alternates].map(({ owner }) => owner))]
}

/** The shortest list of owners that HAProxy refuses: its last one is at fault. Those found good before go first. */
async function findByHalving(
  ports: CheckPorts,
  plan: CheckPlan,
  foreign: ReadonlyMap<string, string>,
  whole: Bad,
): Promise<Fault> {
  const owners = ownersOf(plan.candidate).toSorted((a, b) => Number(plan.isNew(a)) - Number(plan.isNew(b)))
  const checkFirst = (count: number) => {
    const some = new Set(owners.slice(0, count))
    const files = new Map([...plan.candidate.files].filter(([, { owner }]) => some.has(owner)))
    const alternates = plan.candidate.alternates.filter(({ owner }) => some.has(owner))
    return checkSet(ports, plan, { dir: undefined, files, alternates, foreign })
  }
  let [good, bad, worst] = [-1, owners.length, whole]
  if (whole.fault.code === 'FOREIGN_FILE_BROKEN') {
    const alone = await checkFirst(0)
    if (alone.kind !== 'good') return alone.fault
    good = 0
  }
  while (bad - good > 1) {
    const middle = good < 0 && bad <= 2 ? bad - 1 : Math.floor((Math.max(good, 0) + bad) / 2)
    const verdict = await checkFirst(middle)
    if (verdict.kind === 'unable') return verdict.fault
    if (verdict.kind === 'good') good = middle
    else [bad, worst] = [middle, verdict]
  }
  // Without any of ours it is refused too.
  if (bad === 0) return worst.fault
  const owner = owners[bad - 1]
  return worst.faults.find((fault) => fault.owner === owner) ?? clashOf(worst.fault, owner)
}

/** HAProxy names somebody else: without this owner it takes that one. */
function clashOf({ haproxy, message }: Fault, owner: string | undefined): Fault {
  return { stage: 'validate', code: 'HAPROXY_REFUSED', owner, message, haproxy }
}

/** What others have in the directory, beside ours. */
async function foreignTexts(
  { files }: CheckPorts,
  { chosenDir, candidate }: CheckPlan,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const { name, kind } of (await files.list(chosenDir)) ?? []) {
    if (kind === 'directory' || kind === 'other' || candidate.files.has(name)) continue
    if (!name.endsWith('.cfg') || name.startsWith('.')) continue
    texts.set(name, String((await files.read(join(chosenDir, name))) ?? ''))
  }
  return texts
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

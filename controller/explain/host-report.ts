/** A host's variables: value, where it comes from, and what it overrides. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { indexOf } from '../plan/index-of.ts'
import { pyText } from '../values/py-text.ts'
import { Opaque, type Value } from '../values/value.ts'
import { nearHint, nearNames } from './near-names.ts'
import { type Redact, redactorOf } from './secret.ts'
import { type Place, type Subject, subjectOf } from './subject.ts'
import { valueText } from './value-text.ts'

export interface VariableReport {
  readonly name: string
  /** Templated; undefined when it cannot be evaluated. */
  readonly value: Value | undefined
  /** Why it cannot be evaluated. */
  readonly error: AppError | undefined
  /** As it was written, where that is something else than the value. */
  readonly written: Value | undefined
  /** The place that counts. */
  readonly place: Place
  /** Weaker places, the strongest first. */
  readonly overridden: readonly Place[]
}

export interface HostReport {
  readonly host: string
  readonly cluster: string | undefined
  readonly groups: readonly string[]
  readonly variables: readonly VariableReport[]
  /** Names that were asked for and that nothing sets, with at most three that look alike. */
  readonly unset: readonly { readonly name: string; readonly near: readonly string[] }[]
}

export interface HostReportOptions {
  /** Only these; all when empty. */
  readonly names: readonly string[]
  readonly showSecrets: boolean
}

/**
 * @param hostName - a host of the inventory, or an instance
 * @throws AppError `HOST_UNKNOWN`, with names that look alike
 */
export function hostReport(
  loaded: LoadedInventory,
  hostName: string,
  { names, showSecrets }: HostReportOptions,
): HostReport {
  const subject = subjectOf(loaded, hostNamed(loaded, hostName))
  const redact: Redact = showSecrets ? (_name, value) => value : redactorOf(subject.host, [loaded.defaults])
  const known = subject.names()
  const isKnown = (name: string) => known.includes(name)
  return {
    host: subject.host.name,
    cluster: subject.cluster,
    groups: subject.host.groupNames,
    variables: (names.length === 0 ? known : names.filter(isKnown)).flatMap((name) =>
      variable(subject, name, redact),
    ),
    unset: names.filter((name) => !isKnown(name)).map((name) => ({ name, near: nearNames(name, known) })),
  }
}

/** @throws AppError `HOST_UNKNOWN` */
export function hostNamed(loaded: LoadedInventory, name: string): Host {
  const host = loaded.inventory.hosts.get(name) ?? hostOfInstance(loaded, name)
  if (host !== undefined) return host
  throw new AppError('HOST_UNKNOWN', `${name} is no host and no instance of the inventory`, {
    hint: nearHint(name, [...loaded.inventory.hosts.keys()], 'hosts'),
  })
}

/** `pg-test-3`: the member of pg-test whose pg_seq is 3. */
function hostOfInstance(loaded: LoadedInventory, name: string): Host | undefined {
  const [, cluster = '', seq] = /^(.+)-(\d+)$/.exec(name) ?? []
  const members = indexOf(loaded).clusters.get(cluster)?.hosts ?? []
  return members.find((host) => pyText(evaluated(subjectOf(loaded, host), 'pg_seq').value ?? null) === seq)
}

function variable(subject: Subject, name: string, redact: Redact): VariableReport[] {
  const [place, ...overridden] = subject
    .places(name)
    .map((one) => ({ ...one, value: redact(name, one.value) }))
  if (place === undefined) return []
  const { value, error } = evaluated(subject, name)
  const shown = value === undefined ? undefined : redact(name, value)
  const differs = shown === undefined || valueText(shown) !== valueText(place.value)
  return [{ name, value: shown, error, written: differs ? place.value : undefined, place, overridden }]
}

function evaluated(
  subject: Subject,
  name: string,
): { value: Value | undefined; error: AppError | undefined } {
  const written = subject.places(name)[0]?.value
  if (written instanceof Opaque && written.kind === 'vault') return { value: written, error: undefined }
  try {
    return { value: subject.view.get(name), error: undefined }
  } catch (error) {
    if (error instanceof AppError) return { value: undefined, error }
    throw error
  }
}

/**
 * A cluster's member as services see it: the text of its server line.
 *
 * Members bring their own fall-backs, because selectors and servers never see role defaults.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { ansibleBool, pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import type { Value } from '../values/value.ts'
import { show } from './fields.ts'
import {
  type NumberRule,
  numberFault,
  numberHint,
  plain,
  portRule,
  rangeText,
  weightRule,
} from './numbers.ts'

export interface ServerText {
  /** `<pg_cluster>-<pg_seq>`. */
  readonly instance: string
  readonly address: string
  readonly postgresPort: string
  readonly pgbouncerPort: string
  readonly patroniPort: string
  /** Asked for only when a check needs it: most inventories never need to get it right. */
  readonly exporterPort: () => string
  readonly patroniTls: boolean
  readonly weight: string
}

/** Checks are left out for the faithful mirror. */
export type Checked = 'checked' | 'mirrored'

/**
 * @throws AppError `PORT_RANGE`, `WEIGHT_RANGE`, `FIELD_TYPE` or `FIELD_NULL` for a port or weight (checked only),
 * `MEMBER_INVALID` for a member without pg_seq
 */
export function serverText(view: HostView, checked: Checked): ServerText {
  const text = (name: string, fallback: string) => {
    const value = view.get(name)
    return value === undefined ? fallback : pyText(value)
  }
  const number = (name: string, fallback: number, rule: NumberRule) =>
    checked === 'mirrored' ? text(name, String(fallback)) : wholeNumber(view, name, fallback, rule)
  return {
    instance: instanceOf(view),
    address: view.name,
    postgresPort: number('pg_port', 5432, portRule),
    pgbouncerPort: number('pgbouncer_port', 6432, portRule),
    patroniPort: number('patroni_port', 8008, portRule),
    exporterPort: () => number('pg_exporter_port', 9630, portRule),
    patroniTls: ansibleBool(view.get('patroni_ssl_enabled')),
    weight: number('pg_weight', 100, weightRule),
  }
}

/** @throws AppError `MEMBER_INVALID` for a member without pg_seq */
export function instanceOf(view: HostView): string {
  const seq = view.get('pg_seq')
  if (seq === undefined) throw invalid(view, 'pg_seq', 'pg_seq is missing')
  return `${pyText(view.get('pg_cluster') ?? null)}-${pyText(seq)}`
}

function wholeNumber(view: HostView, name: string, fallback: number, rule: NumberRule): string {
  const own = view.get(name)
  const value: Value = own === undefined ? fallback : own
  const code = value === null ? 'FIELD_NULL' : numberFault(value, rule)
  if (code === undefined) return String(Number(plain(value)))
  throw new AppError(code, `host ${view.name}: ${name} must be ${rangeText(rule)}, not ${show(value)}`, {
    at: locate(view.spot(name) ?? view.place),
    hint: numberHint(name, rule),
  })
}

function invalid(view: HostView, name: string, message: string): AppError {
  return new AppError('MEMBER_INVALID', `host ${view.name}: ${message}`, {
    at: locate(view.spot(name) ?? view.place),
    hint: `give the host a ${name}`,
  })
}

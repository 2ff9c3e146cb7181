/**
 * The default check timings: what follows `default-server` when a service has no options of its own.
 *
 * From Pigsty 4.0 the recovery time objective decides: pg_rto names a mode of pg_rto_plan, and another name
 * means `norm`. A mode is [ttl, loop, retry, start, margin, inter, fastinter, downinter, rise, fall].
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { pyStr, pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Dict, isList, type Key, type Value } from '../values/value.ts'
import { wholeDuration } from './durations.ts'
import { lineFault, show } from './fields.ts'
import type { Checked } from './member.ts'
import type { Release } from './release.ts'

const rest = 'on-marked-down shutdown-sessions slowstart 30s maxconn 3000 maxqueue 128 weight 100'

/** Timings before 4.0, and of haproxy_services in every release. */
export const fixedTimings = `inter 3s fastinter 1s downinter 5s rise 3 fall 3 ${rest}`

/**
 * @param release - before 4.0 a plan in the inventory means nothing
 * @throws AppError `RTO_INVALID` for a plan that has no such mode, or too few values in it
 */
export function defaultTimings(view: HostView, checked: Checked, release: Release): string {
  if (release.major < 4) return fixedTimings
  const plan = view.get('pg_rto_plan')
  if (plan === undefined) return fixedTimings
  const mode = modeOf(view, plan, checked)
  const element = (index: number, name: string) => {
    const value = mode[index]
    if (value === undefined) throw invalid(view, `the mode has no ${name} (value ${index + 1} of 10)`)
    return checked === 'checked' ? sound(view, name, value) : pyStr(value)
  }
  const timings = ['inter', 'fastinter', 'downinter', 'rise', 'fall']
  return `${timings.map((name, i) => `${name} ${element(i + 5, name)}`).join(' ')} ${rest}`
}

function modeOf(view: HostView, plan: Value, checked: Checked): readonly Value[] {
  if (!(plan instanceof Dict)) throw invalid(view, 'it must be a mapping of modes')
  const wanted = keyOf(view.get('pg_rto') ?? null)
  const mode = plan.get(wanted !== undefined && plan.has(wanted) ? wanted : 'norm')
  if (mode === undefined) throw invalid(view, `it has neither mode ${show(wanted ?? null)} nor norm`)
  // A template takes the n-th character of a text.
  if (typeof mode === 'string' && checked === 'mirrored') return [...mode]
  if (!isList(mode)) throw invalid(view, 'a mode must be a list of 10 values')
  return mode
}

function keyOf(value: Value): Key | undefined {
  return typeof value === 'object' && value !== null ? undefined : value
}

function sound(view: HostView, name: string, value: Value): string {
  const isCount = name === 'rise' || name === 'fall'
  const text = isCount ? count(value) : wholeDuration(value)
  if (text === undefined || lineFault(text) !== undefined) {
    throw invalid(
      view,
      `${name} must be ${isCount ? 'a whole number' : 'a duration such as 2s'}, not ${show(value)}`,
    )
  }
  return text
}

function count(value: Value): string | undefined {
  return /^[1-9]\d{0,3}$/.test(pyText(value)) ? pyText(value) : undefined
}

function invalid(view: HostView, message: string): AppError {
  return new AppError('RTO_INVALID', `pg_rto_plan of host ${view.name}: ${message}`, {
    at: locate(view.spot('pg_rto_plan')),
  })
}

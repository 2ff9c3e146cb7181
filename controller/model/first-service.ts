/**
 * A service as the template of Pigsty 1.x prints it, whatever HAProxy thinks of that.
 *
 * Source: the haproxy.cfg of Pigsty 1.5.1; its faults are listed in docs/differences.md.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { pyText } from '../values/py-text.ts'
import { locate } from '../values/spot.ts'
import { Dict, Float, type Value } from '../values/value.ts'
import type { Fields } from './fields.ts'
import { fixedTimings } from './timings.ts'

export interface FirstService {
  readonly name: string
  /** `address:port`. */
  readonly bind: string
  readonly port: string
  readonly maxconn: string
  readonly balance: string
  /** Undefined when the check is not over HTTP. */
  readonly check: { readonly path: string; readonly status: string } | undefined
  readonly defaultServer: string
  readonly selector: string
  readonly backup: string | undefined
  /** The text of a server line. */
  readonly server: (member: HostView, place: ServerPlace) => string
}

export interface ServerPlace {
  readonly backup: boolean
  /** Chosen by the selector for backups alone. */
  readonly onlyBackup: boolean
}

/**
 * @param renderer - the host that renders, with role defaults
 * @throws AppError where the template fails
 */
export function firstService(fields: Fields, renderer: HostView): FirstService {
  const { dict } = fields
  const text = (key: string, fallback: string) => textOf(dict.get(key), fallback)
  const inner = dict.get('haproxy')
  const innerText = (key: string, fallback: string) =>
    textOf(inner instanceof Dict ? inner.get(key) : undefined, fallback)
  const method = dict.get('check_method')
  const checkPort = dict.get('check_port')
  const port = pyText(fields.required('src_port'))
  const number = isNumber(checkPort) ? ` ${pyText(checkPort)}` : ''
  return {
    name: pyText(fields.required('name')),
    bind: `${sourceAddress(dict.get('src_ip'), renderer)}:${port}`,
    port,
    maxconn: innerText('maxconn', '3000'),
    balance: innerText('balance', 'roundrobin'),
    check:
      method === undefined || method === 'http'
        ? { path: text('check_url', '/'), status: text('check_code', '200') }
        : undefined,
    defaultServer: `${innerText('default_server_options', fixedTimings)}${number}`,
    selector: pyText(fields.required('selector')),
    backup: dict.has('selector_backup') ? text('selector_backup', '') : undefined,
    server: (member, place) => serverText(dict, { member, renderer, place }),
  }
}

function sourceAddress(value: Value | undefined, renderer: HostView): string {
  if (value === undefined) return '*'
  return value === 'vip' ? textOf(renderer.get('vip_address'), '127.0.0.1') : pyText(value)
}

interface ServerContext {
  readonly member: HostView
  readonly renderer: HostView
  readonly place: ServerPlace
}

function serverText(dict: Dict, context: ServerContext): string {
  const { member, place } = context
  const instance = `${variable(member, 'pg_cluster')}-${variable(member, 'pg_seq')}`
  const port = destinationPort(dict.get('dst_port'), member, place)
  const weight = member.get('pg_weight')
  const check = checkText(dict.get('check_port'), context)
  const weightText = isNumber(weight) ? ` weight ${pyText(weight)}` : ''
  return `${instance} ${member.name}:${port}${check}${weightText}${place.backup ? ' backup' : ''}`
}

function destinationPort(own: Value | undefined, member: HostView, { onlyBackup }: ServerPlace): string {
  if (own === undefined || own === 'postgres') return variable(member, 'pg_port')
  if (own === 'pgbouncer') return variable(member, 'pgbouncer_port')
  return isNumber(own) && !onlyBackup ? pyText(own) : '5432'
}

/** For none the template says nothing of a check, and for members it glues a number to the port. */
function checkText(own: Value | undefined, { member, renderer, place }: ServerContext): string {
  if (own === undefined) return ` check port ${textOf(renderer.get('patroni_port'), '8008')}`
  if (own === 'patroni') return ` check port ${variable(member, 'patroni_port')}`
  if (own === 'pg_exporter') return ` check port ${variable(member, 'pg_exporter_port')}`
  return own === 'none' && !place.onlyBackup ? '8008' : ''
}

/** Members bring no fall-backs along in 1.x. */
function variable(member: HostView, name: string): string {
  const value = member.get(name)
  if (value !== undefined) return pyText(value)
  throw new AppError('TEMPLATE_UNDEFINED', `host ${member.name} has no ${name}`, {
    at: locate(member.place),
    hint: `set ${name} in the inventory: in Pigsty 1.x role defaults do not count for servers`,
  })
}

function textOf(value: Value | undefined, fallback: string): string {
  return value === undefined ? fallback : pyText(value)
}

/** Booleans are numbers there. */
function isNumber(value: Value | undefined): value is number | bigint | boolean | Float {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    value instanceof Float
  )
}

/**
 * A service definition → a service that HAProxy will take, or an error that says what to mend.
 *
 * Where Pigsty's template would write something that HAProxy refuses, or quietly something else than was
 * meant, this refuses or does what was meant; docs/differences.md lists each case.
 */
import { pyText } from '../inventory/py-text.ts'
import { Float, Opaque, type Value } from '../inventory/value.ts'
import type { Fields } from './fields.ts'
import { show } from './fields.ts'
import type { Destination, Service, ServiceDefaults } from './service.ts'

const legacyKeys = [
  'src_ip',
  'src_port',
  'dst_port',
  'check_method',
  'check_url',
  'selector_backup',
  'haproxy',
]

/**
 * @throws AppError `FIELD_MISSING`, `FIELD_INVALID` or `SERVICE_LEGACY`, with file, line and column
 */
export function checkService(fields: Fields, defaults: ServiceDefaults): Service {
  refuseLegacy(fields, legacyKeys)
  return {
    name: serviceName(fields),
    ip: fields.word('ip', '*', /^[A-Za-z0-9_.:*@[\]-]+$/, 'one address, or *'),
    port: String(fields.port('port')),
    maxconn: String(fields.integer('maxconn', 5000, 1, 100_000_000)),
    balance: fields.line('balance', 'roundrobin'),
    check: fields.word('check', '/', /^\/[^\s"'\\]*$/, 'a path that begins with /'),
    checkCode: fields.word('check_code', '200', /^[1-5]\d\d(?:[-,][1-5]\d\d)*$/, 'an HTTP status, e.g. 200'),
    checkPort: checkPort(fields),
    options: fields.has('options') ? fields.line('options', '') : undefined,
    misplaced: '',
    destination: destination(fields, defaults),
    selector: expression(fields, 'selector', fields.required('selector')),
    backup: backup(fields),
    at: fields.at(),
  }
}

/** @throws AppError `SERVICE_LEGACY` for the key names of Pigsty 1.x */
export function refuseLegacy(fields: Fields, keys: readonly string[]): void {
  const legacy = keys.find((key) => fields.has(key))
  if (legacy === undefined) return
  throw fields.error(
    legacy,
    'SERVICE_LEGACY',
    `${legacy} is a key of Pigsty 1.x, which is not understood`,
    'write the service with name, port, dest, check, selector and backup',
  )
}

/** The service's name is part of a file name and of a section's name. */
export function serviceName(fields: Fields): string {
  fields.required('name')
  return fields.word('name', '', /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'letters, digits, _, . and -')
}

function checkPort(fields: Fields): string | undefined {
  const value = fields.dict.get('check_port')
  if (value === undefined || value === 'patroni') return undefined
  return String(fields.port('check_port'))
}

function destination(fields: Fields, defaults: ServiceDefaults): Destination {
  const own = fields.dict.get('dest')
  const isDefault = own === undefined || own === 'default'
  const key = isDefault ? 'pg_default_service_dest' : 'dest'
  const value = isDefault ? defaults.destination : own
  if (value === 'postgres' || value === 'pgbouncer') return { kind: value }
  if (typeof value === 'number') {
    return { kind: 'port', port: String(fields.integerOf(key, value, 1, 65_535)) }
  }
  const isQuoted = typeof value === 'string' && /^\d+$/.test(value)
  throw fields.error(
    key,
    'FIELD_INVALID',
    `${key} must be ${isDefault ? '' : 'default, '}postgres, pgbouncer or a port, not ${isQuoted ? 'the text ' : ''}${show(value)}`,
    isQuoted ? `write the number without quotes: ${value}; Pigsty takes the text for 5432` : undefined,
  )
}

function backup(fields: Fields): string | undefined {
  const value = fields.dict.get('backup')
  return value === undefined || value === '' ? undefined : expression(fields, 'backup', value)
}

function expression(fields: Fields, key: string, value: Value): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  if (value instanceof Opaque && value.kind === 'unsafe') return value.text
  throw fields.error(key, 'FIELD_INVALID', `${key} must be a JMESPath expression, not ${show(value)}`)
}

/** A duration of a plan in whole units: HAProxy takes no fractions, so 0.5s is written as 500ms. */
export function wholeDuration(value: Value): string | undefined {
  const found = /^(\d+(?:\.\d+)?)(us|ms|s|m|h|d)?$/.exec(pyText(value))
  const [, number = '', unit = 'ms'] = found ?? []
  if (found === null) return undefined
  if (!number.includes('.') && !(value instanceof Float)) return pyText(value)
  const milliseconds = Number(number) * (millisecondsOf.get(unit) ?? Number.NaN)
  return Number.isInteger(milliseconds) ? `${milliseconds}ms` : undefined
}

const millisecondsOf = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/**
 * A service definition → a service that HAProxy will take, or an error that says what to mend.
 *
 * Where Pigsty's template would write something that HAProxy refuses, or quietly something else than was
 * meant, this refuses or does what was meant; docs/differences.md lists each case.
 */
import { Opaque, type Value } from '../inventory/value.ts'
import type { Fields, WordRule } from './fields.ts'
import { show } from './fields.ts'
import { maxconnRule, numberFault, portRule, rangeText } from './numbers.ts'
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

export const bindRule: WordRule = {
  pattern: /^[A-Za-z0-9_.:*@[\]-]+$/,
  expected: 'one address, or *',
  code: 'BIND_INVALID',
  example: '"*"',
}
const nameRule: WordRule = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
  expected: 'letters, digits, _, . and -',
  code: 'NAME_REFUSED',
  example: 'standby',
}
const pathRule: WordRule = {
  pattern: /^\/[^\s"'\\]*$/,
  expected: 'a path that begins with /',
  code: 'CHECK_INVALID',
  example: '/read-only',
}
const statusRule: WordRule = {
  pattern: /^[1-5]\d\d(?:[-,][1-5]\d\d)*$/,
  expected: 'an HTTP status, e.g. 200',
  code: 'CHECK_INVALID',
  example: '200',
}

/**
 * @throws AppError with file, line and column: `FIELD_*`, `PORT_RANGE`, `NUMBER_RANGE`, `TEXT_BREAKS_LINE`,
 * `DURATION_INVALID`, `BIND_INVALID`, `NAME_REFUSED`, `CHECK_INVALID`, `DEST_INVALID`, `SELECTOR_INVALID`
 */
export function checkService(fields: Fields, defaults: ServiceDefaults): Service {
  refuseLegacy(fields, legacyKeys)
  return {
    name: serviceName(fields),
    ip: fields.word('ip', '*', bindRule),
    port: String(fields.port('port')),
    maxconn: String(fields.integer('maxconn', 5000, maxconnRule)),
    balance: fields.line('balance', 'roundrobin'),
    check: fields.word('check', '/', pathRule),
    checkCode: fields.word('check_code', '200', statusRule),
    checkPort: checkPort(fields),
    options: fields.has('options') ? fields.serverOptions('options', '') : undefined,
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
  return fields.word('name', '', nameRule)
}

function checkPort(fields: Fields): string | undefined {
  const value = fields.dict.get('check_port')
  if (value === undefined || value === 'patroni') return undefined
  if (typeof value !== 'string' || /^-?\d+$/.test(value)) return String(fields.port('check_port'))
  throw fields.error(
    'check_port',
    'CHECK_INVALID',
    `check_port must be patroni or a port, not ${show(value)}`,
    "leave check_port out for each member's Patroni",
  )
}

function destination(fields: Fields, defaults: ServiceDefaults): Destination {
  const own = fields.dict.get('dest')
  const isDefault = own === undefined || own === 'default'
  const key = isDefault ? 'pg_default_service_dest' : 'dest'
  const value = isDefault ? defaults.destination : own
  if (value === 'postgres' || value === 'pgbouncer') return { kind: value }
  fields.mustNotBeNull(key, value)
  const fault = typeof value === 'string' ? 'DEST_INVALID' : numberFault(value, portRule)
  if (fault === undefined) return { kind: 'port', port: String(value) }
  const isQuoted = typeof value === 'string' && /^\d+$/.test(value)
  const words = `${isDefault ? '' : 'default, '}postgres, pgbouncer or a port`
  throw fields.error(
    key,
    fault === 'PORT_RANGE' ? fault : 'DEST_INVALID',
    fault === 'PORT_RANGE'
      ? `${key} must be ${rangeText(portRule)}, not ${show(value)}`
      : `${key} must be ${words}, not ${isQuoted ? 'the text ' : ''}${show(value)}`,
    isQuoted
      ? `write the number without quotes: ${value}; Pigsty takes the text for 5432`
      : 'write postgres, pgbouncer, or a port such as 5432',
  )
}

function backup(fields: Fields): string | undefined {
  const value = fields.dict.get('backup')
  return value === undefined || value === '' ? undefined : expression(fields, 'backup', value)
}

function expression(fields: Fields, key: string, value: Value): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  if (value instanceof Opaque && value.kind === 'unsafe') return value.text
  fields.mustNotBeNull(key, value)
  throw fields.error(
    key,
    'SELECTOR_INVALID',
    `${key} must be a JMESPath expression, not ${show(value)}`,
    `write for example ${key}: "[? pg_role == 'replica' ]"`,
  )
}

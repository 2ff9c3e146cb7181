/**
 * A service definition → a service that HAProxy will take, or an error that says what to mend.
 *
 * Where Pigsty's template would write something that HAProxy refuses, or quietly something else than was
 * meant, this refuses or does what was meant; docs/differences.md lists each case.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import { locate } from '../values/spot.ts'
import { Dict, Opaque, type Value } from '../values/value.ts'
import type { Definition } from './definitions.ts'
import type { Fields, WordRule } from './fields.ts'
import { show } from './fields.ts'
import { maxconnRule, numberFault, portRule, rangeText } from './numbers.ts'
import type { CheckPort, Destination, Service, ServiceDefaults } from './service.ts'
import type { Vip } from './vip.ts'

export const bindRule: WordRule = {
  pattern: /^[A-Za-z0-9_.:*@[\]-]+$/,
  expected: 'one address, vip, or *',
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
 * @param definition - in today's words
 * @param fields - the definition's
 * @throws AppError with file, line and column: `FIELD_*`, `PORT_RANGE`, `NUMBER_RANGE`, `TEXT_BREAKS_LINE`,
 * `DURATION_INVALID`, `BIND_INVALID`, `VIP_MISSING`, `NAME_REFUSED`, `CHECK_INVALID`, `DEST_INVALID`,
 * `SELECTOR_INVALID`, `BOTH_WORDS`
 */
export function checkService(definition: Definition, fields: Fields, defaults: ServiceDefaults): Service {
  refuseBothWords(definition, fields)
  return {
    name: serviceName(fields),
    ip: bindIp(fields, defaults.vip),
    port: String(fields.port('port')),
    maxconn: String(fields.integer('maxconn', definition.isOld ? 3000 : 5000, maxconnRule)),
    balance: fields.line('balance', 'roundrobin'),
    checkMethod: checkMethod(fields),
    check: fields.word('check', '/', pathRule),
    checkCode: fields.word('check_code', '200', statusRule),
    checkPort: checkPort(fields),
    options: fields.has('options') ? fields.serverOptions('options', '') : undefined,
    misplaced: '',
    // What 1.x leaves out is the server itself, whatever later releases have for a default.
    destination: destination(fields, definition.isOld ? { ...defaults, destination: 'postgres' } : defaults),
    selector: expression(fields, 'selector', fields.required('selector')),
    backup: backup(fields),
    at: fields.at(),
    selectorAt: fields.at('selector'),
    backupAt: fields.at('backup'),
  }
}

/** @throws AppError `BOTH_WORDS`, naming both places; `FIELD_TYPE` for a haproxy that is no mapping */
export function refuseBothWords(definition: Definition, fields: Fields): void {
  const [first] = definition.twice
  if (first !== undefined) {
    const place = locate(first.dict.spots.get(first.key))
    const where = place === undefined ? '' : ` (${place.file}:${place.line}:${place.column})`
    const message = `${first.now} and ${first.old}${where} say the same thing`
    throw fields.error(first.now, 'BOTH_WORDS', message, `keep ${first.now}, take ${first.old} out`)
  }
  const inner = fields.dict.get('haproxy')
  if (inner === undefined || inner instanceof Dict) return
  fields.mustNotBeNull('haproxy', inner)
  const hint = 'write haproxy: { maxconn: 3000 }, or the keys without haproxy'
  throw fields.error('haproxy', 'FIELD_TYPE', `haproxy must be a mapping, not ${show(inner)}`, hint)
}

/**
 * The address to listen on.
 *
 * @throws AppError `VIP_MISSING` for `vip` on a node that has no virtual address
 */
export function bindIp(fields: Fields, virtual: () => Vip): string {
  const ip = fields.word('ip', '*', bindRule)
  if (ip !== 'vip') return ip
  const { node, variables, address } = virtual()
  const vip = address()
  if (vip !== undefined && bindRule.pattern.test(vip)) return vip
  throw fields.error(
    'ip',
    'VIP_MISSING',
    vip === undefined
      ? `${fields.name('ip')} is vip, and the inventory gives host ${node} no ${variables.join(' or ')}`
      : `${fields.name('ip')} is vip, and that of host ${node} is no address: ${show(vip)}`,
    vipHint(variables),
  )
}

function vipHint(variables: readonly string[]): string {
  const way = 'vip_enabled: true and vip_address'
  return variables.includes('pg_vip_address')
    ? `set ${way} (or pg_vip_enabled and pg_vip_address) for the nodes of the service, or write the address itself`
    : `set ${way} for the nodes of the provider group, which carry the service, or write the address itself`
}

function checkMethod(fields: Fields): 'http' | 'tcp' {
  const value = fields.dict.get('check_method')
  if (value === undefined || value === 'http' || value === 'tcp') return value ?? 'http'
  fields.mustNotBeNull('check_method', value)
  const message = `check_method must be http or tcp, not ${show(value)}`
  throw fields.error('check_method', 'CHECK_INVALID', message, 'leave it out for http')
}

/** The service's name is part of a file name and of a section's name. */
export function serviceName(fields: Fields): string {
  fields.required('name')
  return fields.word('name', '', nameRule)
}

function checkPort(fields: Fields): CheckPort {
  const value = fields.dict.get('check_port')
  if (value === undefined) return { kind: 'patroni' }
  if (value === 'patroni' || value === 'pg_exporter') return { kind: value }
  if (typeof value !== 'string' || /^-?\d+$/.test(value))
    return { kind: 'port', port: String(fields.port('check_port')) }
  throw fields.error(
    'check_port',
    'CHECK_INVALID',
    value === 'none'
      ? 'check_port none would leave members that are down in the service'
      : `check_port must be patroni, pg_exporter or a port, not ${show(value)}`,
    "leave check_port out for each member's Patroni, or write check_method: tcp to only open a connection",
  )
}

/** @param defaults - for a service that names none */
function destination(fields: Fields, defaults: ServiceDefaults): Destination {
  const own = fields.dict.get('dest')
  const isDefault = own === undefined || own === 'default'
  const key = isDefault ? 'pg_default_service_dest' : 'dest'
  const value = isDefault ? defaults.destination : own
  if (value === 'postgres' || value === 'pgbouncer') return { kind: value }
  if (!isDefault) fields.mustNotBeNull(key, value)
  const fault = typeof value === 'string' ? 'DEST_INVALID' : numberFault(value, portRule)
  if (fault === undefined) return { kind: 'port', port: String(value) }
  const isQuoted = typeof value === 'string' && /^\d+$/.test(value)
  const words = `${isDefault ? '' : 'default, '}postgres, pgbouncer or a port`
  const code = fault === 'PORT_RANGE' ? fault : 'DEST_INVALID'
  const message =
    fault === 'PORT_RANGE'
      ? `${fields.name(key)} must be ${rangeText(portRule)}, not ${show(value)}`
      : `${fields.name(key)} must be ${words}, not ${isQuoted ? 'the text ' : ''}${show(value)}`
  const hint = isQuoted
    ? `write the number without quotes: ${value}; Pigsty takes the text for 5432`
    : 'write postgres, pgbouncer, or a port such as 5432'
  if (!isDefault) throw fields.error(key, code, message, hint)
  const { host, at } = defaults.destinationFrom
  throw new AppError(code, `host ${host}: ${message}`, { at, hint })
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
    `${fields.name(key)} must be a JMESPath expression, not ${show(value)}`,
    `write for example ${fields.name(key)}: "[? pg_role == 'replica' ]"`,
  )
}

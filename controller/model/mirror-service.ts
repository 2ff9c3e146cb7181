/**
 * A service definition → exactly what Pigsty's template prints for it, whatever HAProxy thinks of that.
 */
import { pyText } from '../values/py-text.ts'
import { Float, type Value } from '../values/value.ts'
import type { Fields } from './fields.ts'
import type { Destination, Service, ServiceDefaults } from './service.ts'

/**
 * @throws AppError where the template fails: name, port or selector missing
 */
export function mirrorService(fields: Fields, defaults: ServiceDefaults): Service {
  const checkPort = fields.dict.get('check_port')
  return {
    name: pyText(fields.required('name')),
    ip: text(fields, 'ip', '*'),
    port: pyText(fields.required('port')),
    maxconn: text(fields, 'maxconn', '5000'),
    balance: text(fields, 'balance', 'roundrobin'),
    checkMethod: 'http',
    check: text(fields, 'check', '/'),
    checkCode: '200',
    checkPort: { kind: 'patroni' },
    options: fields.has('options') ? text(fields, 'options', '') : undefined,
    misplaced: defaults.misplacesCheckPort && isNumber(checkPort) ? ` ${pyText(checkPort)}` : '',
    destination: destination(fields.dict.get('dest'), defaults),
    selector: pyText(fields.required('selector')),
    backup: fields.has('backup') ? text(fields, 'backup', '') : undefined,
    at: fields.at(),
  }
}

/** `default()` fills a missing key only: an explicit null prints as nothing. */
function text(fields: Fields, key: string, fallback: string): string {
  const value = fields.dict.get(key)
  return value === undefined ? fallback : pyText(value)
}

/** Anything that is neither a number nor one of the known words leads to 5432. */
function destination(own: Value | undefined, defaults: ServiceDefaults): Destination {
  const value = own === undefined || own === 'default' ? defaults.destination : own
  if (isNumber(value) || typeof value === 'boolean') return { kind: 'port', port: pyText(value) }
  if (value === 'postgres' || value === 'pgbouncer') return { kind: value }
  return { kind: 'port', port: '5432' }
}

function isNumber(value: Value | undefined): value is number | bigint | Float {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Float
}

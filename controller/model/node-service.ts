/** A node's own service (haproxy_services), ready to be rendered. */
import { toInt } from '../inventory/expression.ts'
import { ansibleBool, pyText } from '../inventory/py-text.ts'
import { Dict, isList, type Value } from '../inventory/value.ts'
import { serviceName } from './check-service.ts'
import { Fields, lineFault, show } from './fields.ts'
import type { Checked } from './member.ts'
import { fixedTimings } from './timings.ts'

export interface NodeServer {
  readonly name: string
  readonly ip: string
  readonly port: string
  readonly backup: boolean
  /** undefined for none. */
  readonly weight: string | undefined
  readonly options: string | undefined
}

export interface NodeService {
  readonly name: string
  readonly ip: string
  readonly port: string
  readonly protocol: string
  readonly maxconn: string
  readonly balance: string
  /** Lines as they are. */
  readonly options: readonly string[]
  readonly timings: string
  readonly servers: readonly NodeServer[]
}

/** @throws AppError `FIELD_MISSING` or `FIELD_INVALID` with file, line and column */
export function nodeService(fields: Fields, checked: Checked): NodeService {
  return checked === 'checked' ? checkNodeService(fields) : mirrorNodeService(fields)
}

function checkNodeService(fields: Fields): NodeService {
  return {
    name: serviceName(fields),
    ip: fields.word('ip', '*', /^[A-Za-z0-9_.:*@[\]-]+$/, 'one address, or *'),
    port: String(fields.port('port')),
    protocol: fields.word('protocol', 'tcp', /^(?:tcp|http)$/, 'tcp or http'),
    maxconn: String(fields.integer('maxconn', 10_000, 1, 100_000_000)),
    balance: fields.line('balance', 'roundrobin'),
    options: lines(fields),
    timings: fields.line('default', fixedTimings),
    servers: servers(fields).map(checkServer),
  }
}

function checkServer(fields: Fields): NodeServer {
  fields.required('name')
  fields.required('ip')
  return {
    name: fields.word('name', '', /^[A-Za-z0-9_.:-]+$/, 'letters, digits, _, ., : and -'),
    ip: fields.word('ip', '', /^[A-Za-z0-9_.:@/[\]-]+$/, 'an address'),
    port: String(fields.port('port')),
    backup: ansibleBool(fields.dict.get('backup')),
    weight: weight(fields.dict.get('weight')),
    options: fields.has('options') ? fields.line('options', '') : undefined,
  }
}

function mirrorNodeService(fields: Fields): NodeService {
  const text = (key: string, fallback: string) => {
    const value = fields.dict.get(key)
    return value === undefined ? fallback : pyText(value)
  }
  return {
    name: pyText(fields.required('name')),
    ip: text('ip', '*'),
    port: pyText(fields.required('port')),
    protocol: text('protocol', 'tcp'),
    maxconn: text('maxconn', '10000'),
    balance: text('balance', 'roundrobin'),
    options: mirrorOptions(fields),
    timings: text('default', fixedTimings),
    servers: servers(fields).map(mirrorServer),
  }
}

/** A loop in a template takes the characters of a text and the keys of a mapping too. */
function mirrorOptions(fields: Fields): readonly string[] {
  const value = fields.dict.get('options')
  if (typeof value === 'string') return [...value]
  return value instanceof Dict ? [...value.keys()].map(pyText) : optionValues(fields).map(pyText)
}

function mirrorServer(fields: Fields): NodeServer {
  const options = fields.dict.get('options')
  return {
    name: pyText(fields.required('name')),
    ip: pyText(fields.required('ip')),
    port: pyText(fields.required('port')),
    backup: ansibleBool(fields.dict.get('backup')),
    weight: weight(fields.dict.get('weight')),
    options: options === undefined ? undefined : pyText(options),
  }
}

/** A weight outside 0 ... 255 is left out, as the template does. */
function weight(value: Value | undefined): string | undefined {
  if (value === undefined) return undefined
  const number = toInt(value)
  return number >= 0 && number < 256 ? pyText(value) : undefined
}

function lines(fields: Fields): string[] {
  return optionValues(fields).map((value) => {
    const text = pyText(value)
    const why = lineFault(text)
    if (why !== undefined) throw fields.error('options', 'FIELD_INVALID', `each of options ${why}`)
    return text
  })
}

function optionValues(fields: Fields): readonly Value[] {
  const value = fields.dict.get('options')
  if (value === undefined) return []
  if (!isList(value))
    throw fields.error('options', 'FIELD_INVALID', `options must be a list, not ${show(value)}`)
  return value
}

function servers(fields: Fields): Fields[] {
  const value = fields.required('servers')
  if (!isList(value))
    throw fields.error('servers', 'FIELD_INVALID', `servers must be a list, not ${show(value)}`)
  return value.map((item, i) => {
    if (item instanceof Dict)
      return new Fields(item, `server ${i + 1} of ${fields.what}`, fields.at('servers'))
    throw fields.error('servers', 'FIELD_INVALID', `a server must be a mapping, not ${show(item)}`)
  })
}

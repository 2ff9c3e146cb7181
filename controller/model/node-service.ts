/** A node's own service (haproxy_services), ready to be rendered. */

import { toInt } from '../template/python-number.ts'
import { ansibleBool, pyText } from '../values/py-text.ts'
import { Dict, isList, type Value } from '../values/value.ts'
import { bindIp, refuseBothWords, serviceName } from './check-service.ts'
import type { Definition } from './definitions.ts'
import { timeoutFault } from './durations.ts'
import { Fields, show, type WordRule } from './fields.ts'
import type { Checked } from './member.ts'
import { maxconnRule, weightRule } from './numbers.ts'
import { fixedTimings } from './timings.ts'
import type { Vip } from './vip.ts'

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

export interface NodeSetting {
  readonly checked: Checked
  /** What `vip` stands for. */
  readonly vip: () => Vip
  /** Releases whose mirror takes maxconn and balance from `haproxy` alone. */
  readonly nestsLimits: boolean
}

const listHint = 'put its values into a list: [ ... ]'
const protocolRule: WordRule = {
  pattern: /^(?:tcp|http)$/,
  expected: 'tcp or http',
  code: 'FIELD_INVALID',
  example: 'tcp',
}
const serverNameRule: WordRule = {
  pattern: /^[A-Za-z0-9_.:-]+$/,
  expected: 'letters, digits, _, ., : and -',
  code: 'NAME_REFUSED',
  example: 'web-1',
}
const serverAddressRule: WordRule = {
  pattern: /^[A-Za-z0-9_.:@/[\]-]+$/,
  expected: 'an address',
  code: 'FIELD_INVALID',
  example: '10.10.10.11',
}

/** @throws AppError with file, line and column; the codes are those of `checkService` */
export function nodeService(definition: Definition, fields: Fields, setting: NodeSetting): NodeService {
  return setting.checked === 'checked'
    ? checkNodeService(definition, fields, setting.vip)
    : mirrorNodeService(fields, setting.nestsLimits)
}

function checkNodeService(definition: Definition, fields: Fields, vip: () => Vip): NodeService {
  refuseBothWords(definition, fields)
  return {
    name: serviceName(fields),
    ip: bindIp(fields, vip),
    port: String(fields.port('port')),
    protocol: fields.word('protocol', 'tcp', protocolRule),
    maxconn: String(fields.integer('maxconn', 10_000, maxconnRule)),
    balance: fields.line('balance', 'roundrobin'),
    options: lines(fields),
    timings: fields.serverOptions('default', fixedTimings),
    servers: servers(fields).map(checkServer),
  }
}

function checkServer(fields: Fields): NodeServer {
  fields.required('name')
  fields.required('ip')
  return {
    name: fields.word('name', '', serverNameRule),
    ip: fields.word('ip', '', serverAddressRule),
    port: String(fields.port('port')),
    backup: ansibleBool(fields.dict.get('backup')),
    weight: checkWeight(fields),
    options: fields.has('options') ? fields.serverOptions('options', '') : undefined,
  }
}

/** Pigsty leaves a weight outside 0 ... 255 out without a word. */
function checkWeight(fields: Fields): string | undefined {
  return fields.has('weight') ? String(fields.integer('weight', 0, weightRule)) : undefined
}

function mirrorNodeService(fields: Fields, nestsLimits: boolean): NodeService {
  const textIn = (dict: Dict, key: string, fallback: string) => {
    const value = dict.get(key)
    return value === undefined ? fallback : pyText(value)
  }
  const text = (key: string, fallback: string) => textIn(fields.dict, key, fallback)
  const limits = nestsLimits ? innerOf(fields.dict) : fields.dict
  return {
    name: pyText(fields.required('name')),
    ip: text('ip', '*'),
    port: pyText(fields.required('port')),
    protocol: text('protocol', 'tcp'),
    maxconn: textIn(limits, 'maxconn', '10000'),
    balance: textIn(limits, 'balance', 'roundrobin'),
    options: mirrorOptions(fields),
    timings: text('default', fixedTimings),
    servers: servers(fields).map(mirrorServer),
  }
}

/** What is no mapping has nothing in it, and is no error in a template. */
function innerOf(dict: Dict): Dict {
  const inner = dict.get('haproxy')
  return inner instanceof Dict ? inner : new Dict()
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
    fields.mustStayInLine('options', 'each of options', text)
    fields.mustBeDuration('options', timeoutFault(text))
    return text
  })
}

function optionValues(fields: Fields): readonly Value[] {
  const value = fields.dict.get('options')
  if (value === undefined) return []
  if (!isList(value))
    throw fields.error('options', 'FIELD_TYPE', `options must be a list, not ${show(value)}`, listHint)
  return value
}

function servers(fields: Fields): Fields[] {
  const value = fields.required('servers')
  if (!isList(value))
    throw fields.error('servers', 'FIELD_TYPE', `servers must be a list, not ${show(value)}`, listHint)
  return value.map((item, i) => {
    if (item instanceof Dict)
      return new Fields(item, `server ${i + 1} of ${fields.what}`, fields.at('servers'))
    throw fields.error(
      'servers',
      'FIELD_TYPE',
      `a server must be a mapping, not ${show(item)}`,
      'write { name: a, ip: 10.0.0.1, port: 80 }',
    )
  })
}

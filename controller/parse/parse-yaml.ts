/**
 * YAML text as PyYAML and Ansible load it, with the place of every value.
 *
 * The YAML library only parses: what a scalar means, merge keys, duplicate keys and tags are decided here,
 * because the library's YAML 1.1 differs from PyYAML's in all of them.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import { AppError } from '../../shared/errors/app-error.ts'
import { yamlHint } from '../../shared/errors/yaml-hint.ts'
import { asUnsafe } from '../values/as-unsafe.ts'
import { locate, type SourceFile, type Spot, sourceFile } from '../values/spot.ts'
import { Dict, Float, isList, type Key, Opaque, type Value } from '../values/value.ts'
import type { LoadWarning } from './load-warning.ts'
import { tryJson } from './parse-json.ts'
import { plainScalar, taggedScalar } from './yaml-scalar.ts'

export interface ParsedYaml {
  /** null for an empty file. */
  readonly value: Value
  readonly warnings: readonly LoadWarning[]
}

/**
 * @param path - name of the file, for messages
 * @throws AppError `INVENTORY_INVALID` with the place of the fault
 */
export function parseYaml(path: string, text: string): ParsedYaml {
  const json = tryJson(sourceFile(path, text), text)
  return json === undefined ? parseYamlOnly(path, text) : { value: json, warnings: [] }
}

function parseYamlOnly(path: string, text: string): ParsedYaml {
  const lines = new LineCounter()
  refuseControls(sourceFile(path, text), text)
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error', // 'silent' would accept a second document
    lineCounter: lines,
  })
  const source: SourceFile = { path, linePos: (offset) => lines.linePos(offset) }
  const fault = document.errors[0]
  if (fault) throw invalid({ source, offset: fault.pos[0] }, fault.message, yamlHint(fault.code))
  // A block scalar that the file's end cuts off has no last line break for PyYAML.
  const cutAt = /[\r\n]$/.test(text) ? undefined : text.length
  const loader = new Loader(source, (node) => (isAlias(node) ? node.resolve(document) : node), cutAt)
  return { value: loader.load(document.contents), warnings: loader.warnings }
}

/** Characters that PyYAML refuses, and line breaks of Unicode, which it alone takes for line breaks. */
function refuseControls(source: SourceFile, text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find
  const found = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|(?!^)\ufeff/.exec(text)
  if (found === null) return
  const code = found[0].charCodeAt(0).toString(16).padStart(4, '0')
  throw invalid({ source, offset: found.index }, `the character U+${code} has no place in YAML`)
}

function invalid(spot: Spot, message: string, hint?: string): AppError {
  return new AppError('INVENTORY_INVALID', message.split('\n')[0] ?? message, { at: locate(spot), hint })
}

const standard = 'tag:yaml.org,2002:'

class Loader {
  readonly warnings: LoadWarning[] = []
  private readonly source: SourceFile
  private readonly follow: (node: Node) => Node | undefined
  /** Values by node, so that an alias is the same value; a mark while a node is being read. */
  private readonly known = new Map<Node, Value | 'reading'>()

  private readonly cutAt: number | undefined

  constructor(
    source: SourceFile,
    follow: (node: Node) => Node | undefined,
    cutAt: number | undefined = undefined,
  ) {
    this.source = source
    this.follow = follow
    this.cutAt = cutAt
  }

  load(node: Node | null | undefined): Value {
    if (node === null || node === undefined) return null
    const target = this.follow(node)
    if (target === undefined) throw invalid(this.spot(node), 'an alias without its anchor')
    if (isScalar(target)) return this.scalar(target)
    const known = this.known.get(target)
    if (known === 'reading') throw invalid(this.spot(node), 'a value that contains itself')
    if (known !== undefined) return known
    this.known.set(target, 'reading')
    const value = this.collection(target)
    this.known.set(target, value)
    return value
  }

  private collection(node: Node): Value {
    if (isMap(node)) return this.protect(node, this.map(node))
    if (isSeq(node)) {
      // The parser's items are nodes, or pairs in a set; pairs are no nodes and are refused.
      return this.protect(
        node,
        node.items.map((item) => this.load(this.node(item, node))),
      )
    }
    throw invalid(this.spot(node), 'this kind of value is not understood')
  }

  private protect(node: Node, value: Value): Value {
    const tag = node.tag
    if (tag === undefined || [`${standard}map`, `${standard}seq`].includes(tag)) return value
    if (tag === '!unsafe') {
      // Ansible empties them, which nobody means.
      if (hasCollections(value)) throw invalid(this.spot(node), '!unsafe on nested values is not understood')
      return asUnsafe(value)
    }
    throw invalid(this.spot(node), `unknown tag ${tag}`)
  }

  private map(node: YAMLMap): Dict {
    const own = node.items.map((pair) => ({
      key: this.node(pair.key, node),
      value: pair.value === null ? null : this.node(pair.value, node),
    }))
    const dict = new Dict()
    dict.spot = this.spot(node)
    for (const { key, value } of own.filter((pair) => isMergeKey(pair.key))) this.merge(dict, key, value)
    const seen = new Set<Key>()
    for (const { key, value } of own.filter((pair) => !isMergeKey(pair.key))) {
      const name = this.key(key)
      if (seen.has(name)) this.warnDuplicate(name, key)
      seen.add(name)
      dict.set(name, this.load(value))
      dict.spots.set(name, this.spot(value ?? key))
    }
    return dict
  }

  private merge(into: Dict, key: Node, value: Node | null): void {
    // The tag of a merged mapping is of no account: its entries are taken, not itself.
    const target = value === null ? undefined : this.follow(value)
    const merged = isMap(target) && target.tag === '!unsafe' ? this.map(target) : this.load(value)
    const sources = Array.isArray(merged) ? [...merged].reverse() : [merged]
    for (const source of sources) {
      if (!(source instanceof Dict)) throw invalid(this.spot(key), 'only mappings can be merged')
      for (const [name, item] of source) {
        into.set(name, item)
        into.spots.set(name, source.spots.get(name) ?? this.spot(key))
      }
    }
  }

  private key(node: Node): Key {
    const key = this.load(node)
    if (key instanceof Float && !Number.isInteger(key.value)) return key.value
    if (key instanceof Opaque && key.kind === 'unsafe') return key.text
    // As keys these would turn into text or into integers here, and into neither with Ansible.
    if (key instanceof Float || key instanceof Opaque)
      throw invalid(this.spot(node), 'a date, a float, binary or secret text as a key: put it in quotes')
    if (typeof key === 'object' && key !== null) throw invalid(this.spot(node), 'a key must be a scalar')
    return key
  }

  private scalar(node: Node): Value {
    if (!isScalar(node)) throw invalid(this.spot(node), 'not a scalar')
    const text = this.scalarText(node)
    try {
      return scalarValue(node.tag, text, node.type === 'PLAIN' || node.value === null)
    } catch (error) {
      throw invalid(this.spot(node), error instanceof Error ? error.message : String(error))
    }
  }

  private scalarText(node: Scalar): string {
    const text = typeof node.value === 'string' ? node.value : ''
    const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
    const isCut = isBlock && this.cutAt !== undefined && (node.range?.[1] ?? 0) >= this.cutAt
    return isCut ? text.replace(/\n$/, '') : text
  }

  private node(value: unknown, parent: Node): Node {
    const isFlow = (isMap(parent) || isSeq(parent)) && parent.flow === true
    if (isFlow && isScalar(value) && value.type === 'PLAIN' && value.source?.startsWith('?'))
      throw invalid(this.spot(value), 'a ? inside brackets begins a key: put the text in quotes')
    if (isMap(value) || isSeq(value) || isScalar(value) || isAlias(value)) return value
    throw invalid(this.spot(parent), 'this kind of value is not understood')
  }

  private spot(node: Node): Spot {
    return { source: this.source, offset: node.range?.[0] ?? 0 }
  }

  private warnDuplicate(key: Key, node: Node): void {
    this.warnings.push({
      code: 'DUPLICATE_KEY',
      message: `${String(key)} stands twice in one mapping; the last one counts`,
      at: locate(this.spot(node)),
    })
  }
}

function isMergeKey(node: Node): boolean {
  return isScalar(node) && node.type === 'PLAIN' && node.value === '<<' && node.tag === undefined
}

function scalarValue(tag: string | undefined, text: string, isPlain: boolean): Value {
  if (tag === undefined) return isPlain ? plainScalar(text) : text
  // The bare tag says nothing: PyYAML resolves as if it were not there.
  if (tag === '!') return isPlain && text !== '' ? plainScalar(text) : text
  if (tag === '!unsafe') return new Opaque('unsafe', text)
  if (tag === '!vault' || tag === '!vault-encrypted') return new Opaque('vault', text)
  if (tag.startsWith(standard)) return taggedScalar(tag.slice(standard.length), text)
  throw new SyntaxError(`unknown tag ${tag}`)
}

function hasCollections(value: Value): boolean {
  const items = value instanceof Dict ? [...value.values()] : isList(value) ? value : []
  return items.some((item) => isList(item) || item instanceof Dict)
}

/**
 * Sections of HAProxy's files, as far as their servers' states depend on them. Pure.
 */
import { timeInMs } from '../../shared/haproxy/time.ts'
import { splitWords } from '../../shared/haproxy/words.ts'
import { type Probe, probeOf, questionOf } from './probe.ts'
import { addOptions, type ServerOptions } from './server-options.ts'

export interface Section {
  readonly name: string
  readonly servers: readonly StatefulServer[]
}

export interface StatefulSection extends Section {
  /** Base name of its state file. */
  readonly file: string
}

export interface StatefulServer {
  readonly name: string
  /** As written: an address or a host's name. */
  readonly address: string
  readonly port: number
  readonly weight: number
  /** Only used while all others are down. */
  readonly backup: boolean
  /** `disabled` in the text. */
  readonly disabled: boolean
  readonly ssl: boolean
  /** Asks a program on the server as well; its state is only carried over, never made up. */
  readonly agentCheck: boolean
  /** How long it is held back when it comes up, milliseconds; 0 for not at all. */
  readonly slowstartMs: number
  /** Most connections at once; 0 for any number. */
  readonly maxconn: number
  readonly check: ServerCheck | undefined
}

export interface ServerCheck {
  /** Changes whenever something else is asked, or somebody else. */
  readonly key: string
  /** As written; undefined for the server's own. */
  readonly port: number | undefined
  readonly address: string | undefined
  /** Checks in a row that make a server up, and down; undefined when the text does not say. */
  readonly rise: number | undefined
  readonly fall: number | undefined
  /** Undefined when nobody but HAProxy can ask. */
  readonly probe: Probe | undefined
}

type Lines = readonly (readonly string[])[]

/** Every section with servers. */
export function sectionsOf(texts: Iterable<string>): readonly Section[] {
  return [...texts].flatMap(splitSections).map(({ name, lines }) => ({ name, servers: serversOf(lines) }))
}

/**
 * @param dir - where the states are; a section that names another place is none of ours
 */
export function statefulSections(texts: Iterable<string>, dir: string): readonly StatefulSection[] {
  return [...texts].flatMap(splitSections).flatMap(({ name, lines }): StatefulSection[] => {
    const file = stateFileOf(lines, dir)
    return file === undefined ? [] : [{ name, file, servers: serversOf(lines) }]
  })
}

function splitSections(text: string): readonly { readonly name: string; readonly lines: Lines }[] {
  const sections: { name: string; lines: (readonly string[])[] }[] = []
  for (const raw of text.split('\n')) {
    const words = splitWords(raw) ?? []
    const [keyword = '', name = ''] = words
    if (keyword === '') continue
    // A keyword in the first column that is no `listen` begins a section that is none of ours.
    if (keyword === 'listen' || keyword === 'backend') sections.push({ name, lines: [] })
    else if (/^(global|defaults|frontend|peers|resolvers|userlist|program|ring|cache|mailers)$/.test(keyword))
      sections.push({ name: '', lines: [] })
    else sections.at(-1)?.lines.push(words)
  }
  return sections.filter(({ name }) => name !== '')
}

function stateFileOf(lines: Lines, dir: string): string | undefined {
  const last = (keyword: string) => lines.findLast(([word]) => word === keyword)?.[1]
  const path = last('server-state-file-name')
  if (last('load-server-state-from-file') !== 'local' || !path?.startsWith(`${dir}/`)) return undefined
  const name = path.slice(dir.length + 1)
  return /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(name) ? name : undefined
}

function serversOf(lines: Lines): readonly StatefulServer[] {
  const checkLines = lines.filter((words) => /^(option|http-check|tcp-check)$/.test(words[0] ?? ''))
  const question = questionOf(checkLines)
  const servers: StatefulServer[] = []
  let defaults: ServerOptions = new Map()
  for (const [keyword, ...words] of lines) {
    if (keyword === 'default-server') defaults = addOptions(defaults, words)
    if (keyword !== 'server') continue
    const [name = '', target = '', ...rest] = words
    const options = addOptions(defaults, rest)
    const place = placeOf(target)
    if (place === undefined) continue
    servers.push({
      name,
      ...place,
      weight: Number(options.get('weight') ?? 1),
      backup: options.has('backup'),
      disabled: options.has('disabled'),
      ssl: options.has('ssl'),
      agentCheck: options.has('agent-check'),
      slowstartMs: timeInMs(options.get('slowstart') ?? '') ?? 0,
      maxconn: Number(options.get('maxconn') ?? 0),
      check: options.has('check')
        ? checkOf(checkLines, probeOf(question, place, options), place, options)
        : undefined,
    })
  }
  return servers
}

/** `10.0.0.1:80`, `host:80`, `[::1]:80`, `::1:80`; undefined for sockets, ranges and other forms. */
function placeOf(target: string): { address: string; port: number } | undefined {
  const match = /^\[?([A-Za-z0-9_.:-]+?)\]?:(\d+)$/.exec(target)
  return match ? { address: match[1] ?? '', port: Number(match[2]) } : undefined
}

/** Options of a server that decide what its check asks and whom. */
const checkOptions =
  'addr ca-file check-alpn check-proto check-send-proxy check-sni check-ssl port send-proxy send-proxy-v2 ssl track verify verifyhost'.split(
    ' ',
  )

function checkOf(
  lines: Lines,
  probe: Probe | undefined,
  place: { readonly address: string; readonly port: number },
  options: ServerOptions,
): ServerCheck {
  const number = (name: string) => {
    const text = options.get(name)
    return text === undefined ? undefined : Number(text)
  }
  const own = checkOptions.map((name) => options.get(name) ?? null)
  const where = [options.get('addr') ?? place.address, number('port') ?? place.port]
  return {
    key: JSON.stringify([lines, own, where]),
    port: number('port'),
    address: options.get('addr'),
    rise: number('rise'),
    fall: number('fall'),
    probe,
  }
}

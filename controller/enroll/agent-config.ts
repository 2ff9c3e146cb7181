/** The agent's configuration file as enrolment writes it, and what is done about one that is there. Pure. */
import { createHash } from 'node:crypto'
import { parse } from 'yaml'
import { AppError } from '../../shared/errors/app-error.ts'

export type ConfigDecision =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'write'; readonly text: string }
  /** Somebody has edited it: theirs counts. */
  | { readonly kind: 'kept'; readonly missing: readonly string[] }

const mark = '# pgsvc enroll wrote this; an edited file is left alone. '

/** @param controllers - host:port */
export function configText(node: string, controllers: readonly string[]): string {
  const body = `node: ${JSON.stringify(node)}\ncontrollers: [${controllers.map((one) => JSON.stringify(one)).join(', ')}]\n`
  return `${mark}${digestOf(body)}\n${body}`
}

/**
 * @param present - the file on the node; undefined when there is none
 * @throws AppError `NODE_IS_ANOTHER` when it is another node's
 */
export function decideConfig(
  present: string | undefined,
  node: string,
  controllers: readonly string[],
): ConfigDecision {
  const text = configText(node, controllers)
  if (present === undefined) return { kind: 'write', text }
  if (present === text) return { kind: 'unchanged' }
  const said = configValues(present)
  if (said.node !== undefined && said.node !== node) {
    throw new AppError('NODE_IS_ANOTHER', `this host is enrolled as ${String(said.node)}, not as ${node}`, {
      hint: `two names in the inventory for one host? "pgsvc unenroll" under the old name, or edit node: in its /etc/pgsvc/agent.yml`,
    })
  }
  if (isOurs(present)) return { kind: 'write', text }
  // An edited file that says the same of what enrolment says is as good.
  const missing = [
    ...(said.node === undefined ? [`node: ${node}`] : []),
    ...(sameList(said.controllers, controllers) ? [] : [`controllers: ${controllers.join(', ')}`]),
  ]
  return missing.length === 0 ? { kind: 'unchanged' } : { kind: 'kept', missing }
}

function isOurs(text: string): boolean {
  const end = text.indexOf('\n')
  return text.startsWith(mark) && text.slice(mark.length, end) === digestOf(text.slice(end + 1))
}

function digestOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16)
}

/** Settings of the agent that are of interest here, as they stand there. */
interface AgentValues {
  readonly node?: unknown
  readonly controllers?: unknown
  readonly tls_cert?: unknown
  readonly tls_key?: unknown
  readonly tls_ca?: unknown
}

/** What a configuration says; nothing of one that cannot be read. */
export function configValues(text: string): AgentValues {
  try {
    const value: unknown = parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {} // the agent says what is wrong with it, with line and column
  }
}

function sameList(said: unknown, wanted: readonly string[]): boolean {
  const list = typeof said === 'string' ? said.split(',') : Array.isArray(said) ? said.map(String) : []
  return list.length === wanted.length && list.every((one, index) => one.trim() === wanted[index])
}

/** A reload of one section as the pure part of the hand-over sees it: texts, dumped rows, answers. */
import { carryOver, openQuestions } from '../../agent/server-state/carry.ts'
import { type Answer, probeKey } from '../../agent/server-state/probe.ts'
import { type NewRow, parseServersState } from '../../agent/server-state/rows.ts'
import { sectionsOf, statefulSections } from '../../agent/server-state/sections.ts'

export const stateDir = '/run/pgsvc/server-state'
export const usualServers = [
  'a 10.0.0.1:5432 check port 8008 weight 100',
  'b 10.0.0.2:5432 check port 8008 weight 100',
]

export function sectionText(servers: readonly string[], path = '/primary'): string {
  const own = ['load-server-state-from-file local', `server-state-file-name ${stateDir}/x`]
  const check = ['option httpchk', `http-check send meth OPTIONS uri ${path}`, 'http-check expect status 200']
  const lines = [
    ...check,
    ...own,
    'default-server rise 3 fall 2 inter 2s',
    ...servers.map((s) => `server ${s}`),
  ]
  return `listen x\n${lines.map((line) => `  ${line}\n`).join('')}`
}

export const stateHeader =
  '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n'
/** As HAProxy 2.6.12 says them; `a` is up, `b` is down. */
export const rowA = '4 x 1 a 10.0.0.1 2 0 100 100 77 15 3 4 6 0 0 0 - 5432 - 0 8008 - - 8008\n'
export const rowB = '4 x 2 b 10.0.0.2 0 0 100 100 77 17 2 0 6 0 0 0 - 5432 - 0 8008 - - 8008\n'

export interface ReloadScene {
  readonly before?: string
  readonly after: string
  /** 'untold' when nobody tells them. */
  readonly rows?: string
  /** Addresses that answer as expected. Others say no. */
  readonly up?: readonly string[]
  /** Addresses that do not answer. */
  readonly silent?: readonly string[]
}

export interface Reloaded {
  /** Addresses. */
  readonly asked: readonly string[]
  /** Those that have a row. */
  readonly states: readonly string[]
  readonly rows: readonly NewRow[]
}

export function reloaded({
  before = sectionText(usualServers),
  after,
  rows = rowA + rowB,
  up = [],
  silent = [],
}: ReloadScene): Reloaded {
  const input = {
    next: statefulSections([after], stateDir),
    loaded: sectionsOf([before]),
    rows: rows === 'untold' ? undefined : parseServersState(stateHeader + rows),
  }
  const asked = openQuestions(input)
  const answerOf = (host: string): Answer =>
    silent.includes(host) ? 'silent' : up.includes(host) ? 'passes' : 'fails'
  const answers = asked.map((probe) => [probeKey(probe), answerOf(probe.host)] as const)
  const out: readonly NewRow[] = carryOver(input, new Map(answers)).get('x') ?? []
  const short = (row: NewRow) => `${row.server} ${row.operation ? 'up' : 'down'}`
  return { asked: asked.map(({ host }) => host), states: out.map(short), rows: out }
}

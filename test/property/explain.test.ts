/** An explanation must never say anything else than what is rendered. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Explanation, explainService } from '../../controller/explain/explain-service.ts'
import type { MemberReport } from '../../controller/explain/member-report.ts'
import { filesOf, inventoryOf, planOf, serversIn } from '../support/inventory.ts'

const clause = fc.constantFrom(
  "pg_role == 'replica'",
  "pg_role != 'primary'",
  'pg_offline_query',
  '!pg_offline_query',
  'pg_seq > `1`',
  "contains(['offline', 'primary'], pg_role)",
  'zone',
  '!(zone && pg_offline_query)',
  '`true`',
)
const condition = fc.oneof(
  clause,
  fc.tuple(clause, fc.constantFrom('&&', '||'), clause).map((parts) => parts.join(' ')),
  fc.tuple(clause, clause, clause).map(([a, b, c]) => `(${a} || ${b}) && !(${c})`),
)
const selector = fc.oneof(
  fc.constantFrom(
    '[]',
    '[1:]',
    '[::-1]',
    'reverse(@)',
    '[[0],[1]][]',
    '[?pg_seq > `1`] | [:1]',
    'sort_by(@, &pg_seq)',
  ),
  condition.map((text) => `[? ${text} ]`),
  condition.map((text) => `[] | [? ${text} ]`),
  fc.tuple(condition, condition).map(([a, b]) => `[? ${a} ] | [? ${b} ]`),
  condition.map((text) => `sort_by([? ${text} ], &pg_seq)[:2]`),
)

const member = fc.record({
  pg_role: fc.constantFrom('replica', 'offline', 'standby'),
  pg_offline_query: fc.boolean(),
  zone: fc.constantFrom('', 'a', null),
  pg_port: fc.constantFrom(5432, 5555),
  pg_weight: fc.constantFrom(0, 100, 200),
})

const clusters = fc
  .record({
    members: fc.array(member, { minLength: 1, maxLength: 4 }),
    primary: fc.nat({ max: 3 }),
    selector,
    backup: fc.option(selector, { nil: undefined }),
    dest: fc.constantFrom('default', 'postgres', 'pgbouncer', 1433),
    isDelegated: fc.boolean(),
  })
  .map(({ members, primary, isDelegated, ...service }) => {
    const hosts = members.map((vars, i) => [
      `10.10.10.${i + 11}`,
      { ...vars, pg_seq: i + 1, ...(i === primary % members.length ? { pg_role: 'primary' } : {}) },
    ])
    const vars = {
      pg_cluster: 'pg-test',
      pg_services: [{ name: 'x', port: 6000, ...service }],
      ...(isDelegated ? { pg_service_provider: 'proxy' } : {}),
    }
    const children = {
      'pg-test': { hosts: Object.fromEntries(hosts), vars },
      proxy: { hosts: { '10.10.10.99': {} } },
    }
    return JSON.stringify({ all: { children } })
  })

/** Server lines as an explanation would have them, in order of members. */
function explained(members: readonly MemberReport[]): string[] {
  return members.flatMap(({ instance, host, state, server }) => {
    if (state === 'out') return []
    const value = (what: string) => server?.find((part) => part.what === what)?.value
    const backup = state === 'backup' ? ' backup' : ''
    return [
      `server ${instance} ${host}:${value('port')} check port ${value('check port')} weight ${value('weight')}${backup}`,
    ]
  })
}

/** What the traces alone say. */
function traced({ selector: steps, backup }: MemberReport): MemberReport['state'] {
  const isIn = steps.at(-1)?.kept ?? true
  const isBackup = backup !== undefined && (backup.at(-1)?.kept ?? true)
  if (isBackup) return 'backup'
  return isIn ? 'server' : 'out'
}

test('explained servers, ports, weights and backups are the rendered ones, for every leader', () => {
  let compared = 0
  fc.assert(
    fc.property(clusters, (text) => {
      const loaded = inventoryOf(text)
      const plan = planOf(loaded)
      expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([])
      const explain = (leader?: string): Explanation =>
        explainService(loaded, { cluster: 'pg-test', service: 'x', leader, showSecrets: false })
      const rows = explain().views.flatMap((view) => view.byLeader)
      for (const { leader, members } of rows) {
        const own = explain(leader).views
        const nodes = own.flatMap((view) => view.nodes)
        const files = filesOf(plan, leader)
        expect(nodes.length).toBeGreaterThan(0)
        for (const node of nodes) {
          expect(explained(members).toSorted()).toEqual(serversIn(files[`${node}/pg-test-x.cfg`]).toSorted())
          compared += 1
        }
        for (const report of [...members, ...own.flatMap((view) => view.members)]) {
          expect([report.instance, traced(report)]).toEqual([report.instance, report.state])
        }
      }
    }),
    { numRuns: 60 },
  )
  expect(compared).toBeGreaterThan(60)
})

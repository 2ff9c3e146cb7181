/** What is rendered is what HAProxy takes: every file of the corpus and of our own defaults, with haproxy -c. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { computePlan } from '../../controller/plan/compute-plan.ts'
import type { Plan } from '../../controller/plan/owner-plan.ts'
import { readInventory } from '../../controller/reader/read-inventory.ts'
import { clusterText, inventoryOf, planOf } from '../support/inventory.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-haproxy-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** HAProxy's words about each node's files in each variant; '' for every one that it accepts. */
function verdicts(plan: Plan): string[] {
  const certificate = join(folder, 'ca.crt')
  execFileSync(
    'openssl',
    [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca -days 1 -keyout'.split(
        ' ',
      ),
      join(folder, 'ca.key'),
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  )
  return plan.owners.flatMap((owner) =>
    owner.nodes.flatMap(({ variants }) =>
      variants.map(({ leader, files }) => {
        const set = join(folder, `${owner.owner.replace(':', '-')}-${leader}`)
        mkdirSync(set, { recursive: true })
        writeFileSync(
          join(set, 'a-global.cfg'),
          'global\n  log stdout local0\ndefaults\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n',
        )
        for (const { name, digest } of files) {
          writeFileSync(
            join(set, name),
            (plan.blobs.get(digest) ?? '').replaceAll(/ca-file \S+/g, `ca-file ${certificate}`),
          )
        }
        const result = spawnSync('haproxy', ['-c', '-f', set], { encoding: 'utf8', timeout: 20_000 })
        return result.status === 0 ? '' : result.stderr + result.stdout
      }),
    ),
  )
}

function expectAccepted(plan: Plan): void {
  const all = verdicts(plan)
  expect(all.length).toBeGreaterThan(0)
  expect(all.filter((verdict) => verdict !== '')).toEqual([])
}

const corpus = join(import.meta.dirname, '..', 'conformance')

/** What is refused of a case; the rest of it is for HAProxy to judge. */
const refused: Readonly<Record<string, readonly string[]>> = {
  // A server of haproxy_services has weight 256, which Pigsty leaves out.
  delegated: ['WEIGHT_RANGE'],
}

test.each(readdirSync(corpus).filter((name) => existsSync(join(corpus, name, 'case.yml'))))(
  'HAProxy accepts what we make of %s',
  async (name) => {
    const loaded = await readInventory({
      inventory: join(corpus, name, 'inventory', 'pigsty.yml'),
      defaults: join(corpus, name, 'defaults.yml'),
    })
    const plan = computePlan(loaded, { strict: false, node: true })
    const errors = plan.problems.filter(({ severity }) => severity === 'error')
    expect([...new Set(errors.map(({ code }) => code))]).toEqual(refused[name] ?? [])
    expectAccepted(plan)
  },
)

test('HAProxy accepts all timings of the stock plan, those it refuses from Pigsty included', () => {
  for (const mode of ['fast', 'norm', 'safe', 'wide']) {
    expectAccepted(planOf(inventoryOf(clusterText(`pg_rto: ${mode}`))))
  }
})

test('HAProxy accepts every key in use, with TLS checks', () => {
  const vars = `patroni_ssl_enabled: yes
pg_services:
  - { name: full.er_1, port: 6001, ip: 127.0.0.1, dest: 1433, check: "/a?b=c&d", check_port: 9999, check_code: "200-299", maxconn: 10, balance: "hash src", options: "inter 1s", selector: "[]", backup: "[1:]" }
  - { name: none, port: 6002, selector: "[? pg_seq > \`9\`]" }`
  const plan = planOf(inventoryOf(clusterText(vars.replace('hash src', 'source'))))
  expect(plan.problems).toEqual([])
  expectAccepted(plan)
})

test('it refuses the fraction that the mirror prints, so this test can fail', () => {
  const plan = planOf(inventoryOf(clusterText('pg_rto: fast')), { strict: true })
  expect(verdicts(plan).join('')).toContain("unexpected character '.'")
})

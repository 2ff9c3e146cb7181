/**
 * Renders every inventory of the conformance corpus and compares with what Pigsty itself made of it.
 *
 * The corpus: test/conformance, and every folder named in PGSVC_CONFORMANCE (colon separated). Each case has an
 * inventory, the role defaults of its release, and the expected files of every node.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { computePlan } from '../controller/plan/compute-plan.ts'
import type { OwnerPlan, Plan } from '../controller/plan/owner-plan.ts'
import { resolveTargets } from '../controller/plan/targets.ts'
import { readInventory } from '../controller/reader/read-inventory.ts'
import { AppError } from '../shared/errors/app-error.ts'
import { canonicalText } from '../shared/haproxy/canonical.ts'

const Case = z.object({
  title: z.string(),
  run: z.object({
    /** node.yml ran first: haproxy_services are there. */
    node: z.boolean().default(false),
    /** Runs of bin/pgsql-svc; the whole inventory when absent. */
    svc: z.array(z.array(z.string())).optional(),
    /** The playbook ran with this limit instead. */
    limit: z.string().optional(),
  }),
})

const here = join(import.meta.dirname, 'conformance')
const folders = [here, ...(process.env.PGSVC_CONFORMANCE ?? '').split(':').filter((folder) => folder !== '')]
const cases = folders.flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .filter((path) => existsSync(join(path, 'case.yml'))),
)

type Files = Record<string, string>

describe('what Pigsty writes, file by file', () => {
  test('the corpus has cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(6)
  })

  test.each(cases)('%s', async (path) => {
    const { run } = Case.parse(parse(readFileSync(join(path, 'case.yml'), 'utf8')))
    const loaded = await readInventory({
      inventory: join(path, 'inventory', 'pigsty.yml'),
      defaults: join(path, 'defaults.yml'),
    })
    const plan = computePlan(loaded, { strict: true, node: run.node })
    const commands = run.svc ?? (run.limit === undefined ? undefined : [[run.limit]])
    const clusters = commands && clustersOf(loaded, commands)

    expect(filesOf(plan, clusters)).toEqual(expectedFiles(join(path, 'expected')))
  })
})

type Loaded = Awaited<ReturnType<typeof readInventory>>

/** Clusters that the commands of a case refresh; what a command refuses refreshes nothing. */
function clustersOf(loaded: Loaded, commands: readonly (readonly string[])[]): Set<string> {
  const owners = commands.flatMap(([pattern = '', ...nodes]) => {
    try {
      return resolveTargets(loaded, pattern, nodes, 'cluster').owners.map(({ owner }) => owner)
    } catch (error) {
      if (error instanceof AppError) return []
      throw error
    }
  })
  return new Set(owners)
}

function filesOf(plan: Plan, clusters: ReadonlySet<string> | undefined): Files {
  const wanted = plan.owners.filter(
    ({ owner }) => owner.startsWith('node:') || (clusters?.has(owner) ?? true),
  )
  return Object.fromEntries(wanted.flatMap((owner) => ownerFiles(plan, owner)).sort())
}

function ownerFiles(plan: Plan, owner: OwnerPlan): [string, string][] {
  return owner.nodes.flatMap(({ node, variants }) => {
    const variant = variants.find(({ leader }) => leader === owner.leader)
    const files = variant?.files ?? []
    return files.map(({ name, digest }): [string, string] => [
      `${node}/${name}`,
      canonicalText(plan.blobs.get(digest) ?? ''),
    ])
  })
}

function expectedFiles(folder: string): Files {
  if (!existsSync(folder)) return {}
  const files = readdirSync(folder).flatMap((node) =>
    readdirSync(join(folder, node)).map((name): [string, string] => [
      `${node}/${name}`,
      canonicalText(readFileSync(join(folder, node, name), 'utf8')),
    ]),
  )
  return Object.fromEntries(files.sort())
}

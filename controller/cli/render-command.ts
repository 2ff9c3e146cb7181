/** `pgsvc render`: writes the files of an inventory into a directory, and nothing else. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import { type FileRef, hostOfNodeOwner } from '../../shared/model/snapshot.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { mirrorWarnings, planWithWarnings } from '../lint/lint.ts'
import { computePlan, type PlanOptions } from '../plan/compute-plan.ts'
import type { OwnerPlan, Plan, Problem } from '../plan/owner-plan.ts'
import { clustersMeant } from './clusters-meant.ts'
import { addGuardOptions, type GuardFlags, guardOf } from './guard-flags.ts'
import { addInventoryOptions, type InventoryFlags } from './inventory-options.ts'
import { ownInventory } from './own-inventory.ts'
import { visible } from './paint.ts'
import type { IoAndEnv } from './terminal.ts'

interface RenderOptions extends InventoryFlags, GuardFlags {
  readonly strict?: boolean
  readonly leader?: string
  readonly node?: boolean
  readonly output: string
}

const help = `
Exit status: 0 everything was written, 1 a cluster was refused (the others are written), 2 wrong arguments.

Example:
  pgsvc render pg-test -i pigsty.yml -o out
`

/**
 * The command, to be added to the program.
 *
 * Exit status: 0 when everything was written; 1 when a cluster or node was refused, or nothing could be done.
 */
export function renderCommand(io: IoAndEnv): Command {
  const command = new Command('render')
    .description('Writes the HAProxy files of an inventory into a directory.')
    .argument('[cls...]', 'clusters, groups or patterns, as of pgsql-svc; all when none is named')
  return addGuardOptions(addInventoryOptions(command))
    .addHelpText('after', help)
    .option('--strict', "exactly what Pigsty's own templates write, its faults included")
    .option('--leader <instance>', 'as if this instance led its cluster')
    .option('--node', "also the nodes' haproxy_services (the default when no cluster is named)")
    .option('--no-node', 'without them')
    .requiredOption(
      '-o, --output <dir>',
      'required: directory to write <node>/<file>.cfg into; what is there stays',
    )
    .action(async (names: string[], options: RenderOptions) => {
      try {
        io.setExitCode(await render(io, names, options))
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        io.stderr(`${describeError(error)}\n`)
        io.setExitCode(1)
      }
    })
}

async function render(io: IoAndEnv, names: readonly string[], options: RenderOptions): Promise<number> {
  const loaded = await ownInventory(options, io.env)
  for (const warning of loaded.warnings)
    io.stderr(problemText({ ...warning, owner: '', severity: 'warning' }))
  const planOptions: PlanOptions = {
    strict: options.strict ?? false,
    owners: names.length === 0 ? undefined : ownersOf(loaded, names, options.node ?? false),
    node: options.node ?? names.length === 0,
    leader: options.leader,
    guard: guardOf(options),
  }
  const plan = planOptions.strict ? computePlan(loaded, planOptions) : planWithWarnings(loaded, planOptions)
  const owners = plan.owners.map((owner) => leaderOf(owner, options.leader))
  checkLeader(plan, options.leader)
  const unwritable: Problem[] = []
  const written = owners.flatMap(({ owner, leader }) =>
    writeOwner(resolve(options.output), plan, owner, leader, unwritable),
  )
  for (const problem of [...plan.problems, ...unwritable]) io.stderr(problemText(problem))
  // The mirror is for whoever compares: what would be refused or mended is told, and written as Pigsty does.
  for (const finding of planOptions.strict ? mirrorWarnings(loaded, plan, planOptions) : []) {
    io.stderr(problemText(asWritten(finding)))
  }
  io.stdout(`${written.length} files written to ${options.output}\n`)
  const refused = refusedOwners([...plan.problems, ...unwritable])
  const what = planOptions.strict
    ? 'with an error, so that not all of it is written'
    : 'refused, nothing of it is written'
  if (refused.length > 0) io.stdout(`${what}: ${refused.join(', ')}\n`)
  return refused.length > 0 ? 1 : 0
}

/** With --node the services of all nodes are written, whatever clusters are named. */
function ownersOf(loaded: LoadedInventory, names: readonly string[], node: boolean): Set<string> {
  const hosts = node ? [...loaded.inventory.hosts.keys()].map((host) => `node:${host}`) : []
  return new Set([...clustersMeant(loaded, names), ...hosts])
}

function leaderOf(owner: OwnerPlan, wanted: string | undefined): { owner: OwnerPlan; leader: string } {
  const leads = wanted !== undefined && owner.members.some((member) => member.instance === wanted)
  return { owner, leader: leads ? wanted : owner.leader }
}

function checkLeader(plan: Plan, wanted: string | undefined): void {
  if (wanted === undefined) return
  const instances = plan.owners.flatMap((owner) => owner.members.map((member) => member.instance))
  // A refused cluster has problems of its own to show.
  if (instances.includes(wanted) || plan.problems.some(({ severity }) => severity === 'error')) return
  throw new AppError('LEADER_UNKNOWN', `${wanted} is no instance of these clusters`, {
    hint: `instances: ${instances.join(', ') || 'none'}`,
  })
}

function writeOwner(
  output: string,
  plan: Plan,
  owner: OwnerPlan,
  leader: string,
  unwritable: Problem[],
): string[] {
  return owner.nodes.flatMap(({ node, variants }) => {
    const files = variants.find((candidate) => candidate.leader === leader)?.files ?? []
    return files.flatMap((file) => {
      if (isPlainName(node) && isPlainName(file.name)) return [writeContent(output, plan, node, file)]
      const message = `${JSON.stringify(isPlainName(node) ? file.name : node)} cannot be the name of a file`
      unwritable.push({ owner: owner.owner, severity: 'error', code: 'FILE_NAME', message })
      return []
    })
  })
}

function writeContent(output: string, plan: Plan, node: string, { name, digest }: FileRef): string {
  const content = plan.blobs.get(digest)
  if (content === undefined) throw new Error(`no content for ${name}`)
  const path = join(output, node, name)
  try {
    makeDirectory(join(output, node))
    writeFileSync(path, content)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('OUTPUT_FAILED', `cannot write ${path}: ${why}`, { cause, hint: 'name another -o' })
  }
  return path
}

/** One level after the other: Node's own recursive mkdir never ends where a level cannot be made, as in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path)
}

/** Names come from the inventory: none may lead out of the output directory. */
function isPlainName(name: string): boolean {
  return /^[^/\0]+$/.test(name) && name !== '.' && name !== '..'
}

/** Whose files are missing. */
function refusedOwners(problems: readonly Problem[]): string[] {
  const errors = problems.filter(({ severity }) => severity === 'error')
  return [...new Set(errors.map(({ owner }) => hostOfNodeOwner(owner) ?? owner))]
}

/** In what the mirror writes nothing is mended. */
function asWritten(finding: Problem): Problem {
  const isMended = finding.hint?.startsWith('nothing to do for publishing') === true
  const hint = finding.code === 'STRICT_REFUSED' ? 'HAProxy refuses it as it is written here' : undefined
  return { ...finding, severity: 'warning', hint: isMended ? hint : finding.hint }
}

/** In the shape in which lint says it. */
function problemText({ owner, severity, code, message, at, hint }: Problem): string {
  const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `
  const who = hostOfNodeOwner(owner) ?? owner
  const whose = who === '' || message.includes(who) ? '' : `${who}: `
  const right = hint === undefined ? '' : `  right: ${visible(hint)}\n`
  return `${visible(`${place}${severity} ${code}: ${whose}${message}`)}\n${right}`
}

/** `scripts/lab`: the real lab for people. See USAGE. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { accessHost, enterArgs } from '../host.ts'
import { sweepLabs } from '../lab.ts'
import { hostPath } from '../pgsvc.ts'
import { ended, isAlive, killPid, waitFor } from '../process.ts'
import { isHeld, type LabState, labLog, labNames, readState, removeState } from '../real/lab-state.ts'
import { PATRONI_FILE } from '../real/patroni-config.ts'
import { labStatus, statusTable } from '../real/status.ts'
import { PARTS } from '../real/topology.ts'
import { whyNoSystemd } from '../systemd/cgroups.ts'

const USAGE = `usage: scripts/lab up [--name NAME] [--without PART,...] [--timings pigsty|fast]
       scripts/lab up --bare [--name NAME]
       scripts/lab status [--name NAME]
       scripts/lab shell [--name NAME] HOST [-- COMMAND ARG...]
       scripts/lab down [--name NAME]

Hosts on this machine, in namespaces without a route out, with PostgreSQL, Patroni, pgbouncer, HAProxy and etcd of
Debian's packages, and pgsvc as it is built here. Needs root.

  admin                 10.10.10.10     controller, etcd, the inventory /etc/pigsty/pigsty.yml
  part test   pg-test   10.10.10.11-13  three members with HAProxy and agent
  part duo    pg-duo    10.10.10.14-15  a primary and a replica, with HAProxy and agent
  part proxy  pg-meta   10.10.10.16-17  a primary and a replica, whose services are on
              proxy-N   10.10.10.18-19  two hosts with HAProxy and agent

up      starts them and returns when everything serves; nothing is published yet
status  who runs what, who leads, which agents are connected; exit status 1 when there is no lab
shell   a shell on a host, or one command; pgsvc, pgsql-svc, patronictl and psql are at hand
down    ends them; nothing is left

--bare               hosts that boot systemd and have HAProxy and sshd, and nothing of pgsvc but on admin: to enrol. There
                     10.10.10.11-13 and the proxies are up; without PostgreSQL, so that no service has a server that is up
--without PART,...   leave parts out
--timings            Patroni's: pigsty (ttl 30, loop 10; the default) or fast (ttl 20, loop 5)
--name NAME          another lab beside the first; for all four (default: lab)
`

interface Options {
  readonly name: string
  readonly without: string | undefined
  readonly timings: string
  readonly isBare: boolean
}

const usualName = 'lab'

class UsageError extends Error {}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** What to type: another lab than the usual one has to be named. */
function labCommand(verb: string, name: string): string {
  return `scripts/lab ${verb}${name === usualName ? '' : ` --name ${name}`}`
}

/** The lab of that name, or an error that says how to get one. */
function running(name: string): LabState {
  const state = readState(name)
  if (state === undefined) {
    const others = labNames()
    const hint = others.length > 0 ? `; there is: ${others.join(', ')} (--name)` : ''
    throw new Error(`no lab "${name}" is up${hint}. Start it with ${labCommand('up', name)}`)
  }
  if (!isHeld(state))
    throw new Error(`the lab "${name}" has ended by itself; ${labCommand('down', name)} clears it away`)
  return state
}

function chosenParts(without: string | undefined): readonly string[] {
  const left = without?.split(',') ?? []
  const unknown = left.find((part) => !PARTS.some((known) => known === part))
  if (unknown !== undefined) {
    throw new UsageError(`--without: there is no part "${unknown}"; parts are ${PARTS.join(', ')}`)
  }
  return PARTS.filter((part) => !left.includes(part))
}

/** The lab's holder in a network without any route, whose end does not hang on ours. */
function startHolder({ name, timings, isBare }: Options, parts: readonly string[]) {
  const log = openSync(labLog(name), 'w')
  const program = path.join(import.meta.dirname, '../daemon/main.ts')
  const what = isBare ? ['bare'] : ['real', parts.join(','), timings]
  const args = ['--net', '--', process.execPath, program, name, ...what]
  const holder = spawn('unshare', args, { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  return holder
}

function checkBare({ without, timings }: Options): void {
  if (without !== undefined || timings !== 'pigsty')
    throw new UsageError('--bare: there are no parts and no Patroni, so neither --without nor --timings')
  const why = whyNoSystemd()
  if (why !== undefined) throw new Error(`--bare: hosts cannot boot systemd here: ${why}`)
}

const UP_MS = 300_000

async function up(options: Options): Promise<number> {
  const { name, timings } = options
  if (!['pigsty', 'fast'].includes(timings))
    throw new UsageError(`--timings: pigsty or fast, not "${timings}"`)
  const parts = chosenParts(options.without)
  if (options.isBare) checkBare(options)
  const before = readState(name)
  if (before && isHeld(before))
    throw new Error(`the lab "${name}" is up already; end it with ${labCommand('down', name)}`)
  removeState(name)
  const holder = startHolder(options, parts)
  const stop = (): void => killPid(holder.pid ?? 0, 'SIGTERM')
  process.once('SIGINT', stop)
  const gone = ended(holder).then(() => undefined)
  const state = await Promise.race([
    waitFor('the lab', () => readState(name), { timeoutMs: UP_MS, everyMs: 50 }),
    gone,
  ])
  if (state === undefined) {
    await sweepLabs()
    const words = readFileSync(labLog(name), 'utf8')
    removeState(name)
    throw new Error(`the lab did not come up:\n${words}`)
  }
  holder.unref()
  say(await statusText(state))
  say(`\nlab: up in ${(state.upMs / 1000).toFixed(1)} s`)
  const first = options.isBare ? 'pgsvc enroll pg-test proxy --accept-new' : 'pgsql-svc pg-test'
  say(`To begin with: ${labCommand('shell', name)} admin -- ${first}`)
  return 0
}

async function statusText(state: LabState): Promise<string> {
  const hosts = state.hosts.map((host) => accessHost(host, host.initPid))
  return statusTable(await labStatus(hosts, state.members, state.nodes))
}

async function status({ name }: Options): Promise<number> {
  say(await statusText(running(name)))
  return 0
}

async function shell({ name }: Options, hostName: string, command: readonly string[]): Promise<number> {
  const { hosts } = running(name)
  const host = hosts.find((each) => each.name === hostName || each.address === hostName)
  if (!host) {
    throw new UsageError(`no host "${hostName}"; there is ${hosts.map((each) => each.name).join(', ')}`)
  }
  if (!isAlive(host.initPid)) throw new Error(`${host.name} is dead`)
  const env = [`PATH=${hostPath()}`, `PATRONICTL_CONFIG_FILE=${PATRONI_FILE}`]
  const psql = ['PGHOST=/run/postgresql', 'PGUSER=postgres']
  const program = command.length > 0 ? command : ['bash']
  const entered = spawn('nsenter', [...enterArgs(host.initPid), 'env', ...env, ...psql, ...program], {
    stdio: 'inherit',
  })
  // Ctrl-C is for the program in there.
  process.on('SIGINT', () => undefined)
  return (await ended(entered)) ?? 1
}

const DOWN_MS = 60_000

async function down({ name }: Options): Promise<number> {
  const state = readState(name)
  if (state === undefined) {
    say(`no lab "${name}" is up`)
    return 0
  }
  if (isHeld(state)) {
    killPid(state.pid, 'SIGTERM')
    await waitFor('the lab to end', () => (isHeld(state) ? undefined : true), { timeoutMs: DOWN_MS }).catch(
      () => killPid(state.pid),
    )
  }
  await waitFor('the hosts to be gone', () =>
    state.hosts.some(({ initPid }) => isAlive(initPid)) ? undefined : true,
  )
  await sweepLabs()
  removeState(name)
  say(`lab: down; nothing is left`)
  return 0
}

async function main(argv: readonly string[]): Promise<number> {
  const dashes = argv.indexOf('--')
  const own = dashes < 0 ? argv : argv.slice(0, dashes)
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      name: { type: 'string', default: usualName },
      without: { type: 'string' },
      timings: { type: 'string', default: 'pigsty' },
      bare: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [verb, host, ...more] = positionals
  if (!/^[\w-]+$/.test(values.name)) throw new UsageError('--name: letters, digits, - and _ only')
  const { name, without, timings, bare: isBare } = values
  const options = { name, without, timings, isBare }
  if (values.help || verb === 'help') {
    say(USAGE.trimEnd())
    return 0
  }
  if (verb === 'shell' && host !== undefined && more.length === 0) {
    return await shell(options, host, dashes < 0 ? [] : argv.slice(dashes + 1))
  }
  if (host !== undefined || dashes >= 0) throw new UsageError('only shell takes a host and a command')
  if (verb === 'up') return await up(options)
  if (verb === 'status') return await status(options)
  if (verb === 'down') return await down(options)
  throw new UsageError(verb === undefined ? 'what to do?' : `unknown: ${argv.join(' ')}`)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Error)) throw error
  process.stderr.write(`lab: ${error.message}\n`)
  const usage =
    error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
  if (usage) process.stderr.write(`\n${USAGE}`)
  process.exitCode = usage ? 2 : 1
}

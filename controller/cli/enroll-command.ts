/** `pgsvc enroll` and `pgsvc unenroll`: agents to nodes and off them, over SSH, many at the same time. */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { AppError } from '../../shared/errors/app-error.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemExec } from '../../shared/ports/exec.ts'
import { notFollowed } from '../enroll/ansible-config.ts'
import { atOnce } from '../enroll/at-once.ts'
import { type EnrollPorts, enrollNode } from '../enroll/enroll-node.ts'
import { accessTo, hostsMeant, providersLeftOut, viewOf } from '../enroll/known-nodes.ts'
import { createPrograms } from '../enroll/program.ts'
import type { StepListener, StepName } from '../enroll/step.ts'
import { unenrollNode } from '../enroll/unenroll-node.ts'
import { units } from '../enroll/units.ts'
import type { Host, LoadedInventory } from '../inventory/inventory.ts'
import { ansibleConfigPath, type InventorySource, inventoryPath } from '../reader/inventory-path.ts'
import { connect } from '../ssh/connect.ts'
import type { ToldOfKey } from '../ssh/host-key-check.ts'
import { pyText } from '../values/py-text.ts'
import { acceptHosts, tookNewText } from './accept-host.ts'
import { addColourOptions, addControllerOptions, type ControllerFlags, operatorName } from './act-options.ts'
import { becomePassword } from './become-password.ts'
import { controllerView } from './controller-view.ts'
import { asNodeError, createEnrollView, type EnrollView, endJson, type NodeEnd } from './enroll-view.ts'
import { verbExit } from './exit.ts'
import { expectReadableFiles } from './expect-readable.ts'
import { addInventoryOptions, type InventoryFlags } from './inventory-options.ts'
import { failingAsJson } from './json-failure.ts'
import { controllerAddress, openClient } from './open-client.ts'
import { controllerConfig, ownInventory, ownSource } from './own-inventory.ts'
import { createPaint, type Line, wantsColour } from './paint.ts'
import { accessFlags, addSshOptions, type SshFlags, usualForks } from './ssh-flags.ts'
import type { Terminal } from './terminal.ts'

interface Flags extends ControllerFlags, InventoryFlags, SshFlags {
  readonly check?: boolean
  readonly json?: boolean
  readonly color?: boolean
}

interface EnrollFlags extends Flags {
  readonly controllers?: readonly string[]
  /** Milliseconds. */
  readonly wait?: number
}

const usualWaitMs = 60_000

const exits = `
Exit status: 0 every node is as it should be (with --check: would be), 1 at least one is not, 2 wrong arguments,
3 the controller cannot be reached.
`
const enrollHelp = `
For each node: connect over SSH as Ansible would and become root; bring program, configuration and units beside what is
there; have the node make a key and the controller sign it; try all of that; put it in place and start it; wait until
the controller has seen it. What is as it should be is left alone. An upgrade whose agent does not connect is undone.
${exits}
Examples:
  pgsvc enroll pg-test proxy --check     what would be done
  pgsvc enroll pg-test proxy             do it
  pgsvc enroll 10.10.10.11 --accept-new  a host never met before
`
const unenrollHelp = `
For each node: stop the agent, make conf.d a plain directory again, remove program, units, configuration, key, certificate
and memory, and revoke its certificates. HAProxy, its files and their content stay; HAProxy is not reloaded.
${exits}`

export function enrollCommand(terminal: Terminal): Command {
  const command = nodesCommand('enroll')
    .description('Brings agents to nodes over SSH, or brings them up to date.')
    .option(
      '--controllers <host:port,...>',
      "controllers for the agents' configuration (default: admin_ip of the inventory)",
      toControllers,
    )
    .option(
      '--wait <seconds>',
      `how long an agent may take to be seen (default: ${usualWaitMs / 1000})`,
      toMs,
    )
    .addHelpText('after', enrollHelp)
  return command.action((patterns: string[], flags: EnrollFlags) =>
    carryOut(terminal, patterns, flags, async (job) => {
      const { listen: own } = await controllerConfig(terminal.env)
      return (host, ports, listener, signal) => {
        const controllers = flags.controllers ?? [usualController(job.loaded, host, own)]
        const options = { node: host.name, controllers, units, check: flags.check === true }
        return enrollNode(ports, { ...options, waitMs: flags.wait ?? usualWaitMs }, listener, signal)
      }
    }),
  )
}

export function unenrollCommand(terminal: Terminal): Command {
  const command = nodesCommand('unenroll')
    .description('Takes agents off nodes; HAProxy and its files stay.')
    .addHelpText('after', unenrollHelp)
  return command.action((patterns: string[], flags: Flags) =>
    carryOut(terminal, patterns, flags, async () => (host, ports, listener, signal) => {
      const options = { node: host.name, units, check: flags.check === true }
      return unenrollNode(ports, options, listener, signal)
    }),
  )
}

function nodesCommand(name: string): Command {
  const command = new Command(name)
    .argument('<cls|group|ip...>', 'clusters, groups, hosts or patterns; all of them together')
    .option('--check', 'say per step what would be done, and change nothing')
    .option('--json', 'one JSON object per line; the last one is the summary')
  return addControllerOptions(addColourOptions(addSshOptions(addInventoryOptions(command))))
}

/** As an agent takes them: what is wrong is said before any node is touched. */
function toControllers(text: string): readonly string[] {
  const controllers = text.split(',').map((one) => one.trim())
  const wrong = controllers.find((one) => {
    const port = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/]+):(\d{1,5})$/.exec(one)?.[1]
    return port === undefined || Number(port) < 1 || Number(port) > 65_535
  })
  if (wrong === undefined) return controllers
  throw new InvalidArgumentError(`${JSON.stringify(wrong)} is not host:port`)
}

function toMs(text: string): number {
  const seconds = Number(text)
  if (seconds > 0 && seconds <= 3_600) return Math.round(seconds * 1000)
  throw new InvalidArgumentError('give seconds, more than 0, at most 3600')
}

/** Pigsty's admin node, where the controller of this configuration listens. */
function usualController(loaded: LoadedInventory, host: Host, listen: string): string {
  const address = viewOf(loaded, host).get('admin_ip')
  if (address === undefined || address === null || address === '') {
    throw new AppError('CONTROLLERS_UNKNOWN', `nothing says where ${host.name} finds its controller`, {
      hint: 'say --controllers host:port, or set admin_ip in the inventory',
    })
  }
  return `${pyText(address)}:${listen.slice(listen.lastIndexOf(':') + 1)}`
}

/** Of the ansible.cfg that Ansible would take for this inventory. */
async function ansibleConfigWords(source: InventorySource): Promise<readonly string[]> {
  const file = ansibleConfigPath(source.pigstyHome ?? dirname(inventoryPath(source)))
  return notFollowed(file, await readFile(file, 'utf8').catch(() => ''))
}

interface Job {
  readonly loaded: LoadedInventory
}

type NodeWork = (
  host: Host,
  ports: EnrollPorts,
  listener: StepListener,
  signal: AbortSignal,
) => Promise<boolean>

async function carryOut(
  terminal: Terminal,
  patterns: readonly string[],
  flags: Flags,
  prepare: (job: Job) => Promise<NodeWork>,
): Promise<void> {
  const json = flags.json === true
  await failingAsJson(terminal, json, async () => {
    expectReadableFiles(flags)
    const askPassword = await becomePassword(flags, terminal)
    const loaded = await ownInventory(flags, terminal.env)
    const hosts = hostsMeant(loaded, patterns)
    const work = await prepare({ loaded })
    const become = await askPassword()
    const admin = await openClient(controllerAddress(flags, terminal.env), flags, terminal.env)
    const interrupt = new AbortController()
    const stopListening = terminal.onInterrupt(() => {
      // The next one does what it does to any program.
      stopListening()
      interrupt.abort()
    })
    try {
      const operator = operatorName(terminal.env)
      const controller = controllerView(admin, terminal.monotonic, operator)
      // Before any node is touched: without it nothing would come to its end.
      await controller.certificates()
      const paint = createPaint(wantsColour(flags.color, terminal.isTty, terminal.env))
      const nodes = hosts.map(({ name }) => name)
      const view = createEnrollView(terminal, { nodes, json, paint, check: flags.check === true })
      const unfollowed = await ansibleConfigWords(await ownSource(flags, terminal.env))
      for (const text of [...unfollowed, ...providersLeftOut(loaded, patterns, hosts)])
        view.say({ sign: 'warn', text }, { event: 'warning', text })
      interrupt.signal.addEventListener('abort', () => view.say(interruptedLine, { event: 'interrupted' }))
      const tookNew: ToldOfKey = (key, file) =>
        view.say(
          { sign: file === undefined ? 'warn' : 'step', text: tookNewText(key, file) },
          { event: 'host_key', ...key, file: file ?? null },
        )
      const acceptNew = acceptHosts(flags, terminal, interrupt.signal)
      const ports = { exec: systemExec(), env: terminal.env, acceptNew, tookNew, now: systemClock().now }
      const programs = createPrograms(flags.program, process.argv[1] ?? '')
      const ends = await atOnce(hosts, flags.forks ?? usualForks, (host) =>
        oneNode(view, host.name, interrupt.signal, (listener) => {
          const access = accessTo(loaded, host, accessFlags(flags, become))
          const way = (signal: AbortSignal) => connect(ports, access, signal)
          return work(
            host,
            { connect: way, become: access.become, programs, controller, operator },
            listener,
            interrupt.signal,
          )
        }),
      )
      terminal.setExitCode(tellSum(view, nodes, ends, flags.check === true, interrupt.signal.aborted))
    } finally {
      stopListening()
      admin.close()
    }
  })
}

const interruptedLine: Line = {
  sign: 'warn',
  text: 'interrupted: what is in hand on the nodes comes to a safe end first; Ctrl-C again leaves at once',
}

async function oneNode(
  view: EnrollView,
  node: string,
  signal: AbortSignal,
  work: (listener: StepListener) => Promise<boolean>,
): Promise<NodeEnd> {
  let step: StepName | undefined
  const listener: StepListener = {
    begin(name) {
      step = name
      view.begin(node, name)
    },
    done: (done) => view.done(node, done),
  }
  let end: NodeEnd
  try {
    if (signal.aborted) throw new AppError('CANCELLED', 'given up before it was begun')
    end = { kind: 'done', changed: await work(listener) }
  } catch (error) {
    end = { kind: 'failed', step, error: asNodeError(error) }
  }
  view.end(node, end)
  return end
}

function tellSum(
  view: EnrollView,
  nodes: readonly string[],
  ends: readonly NodeEnd[],
  check: boolean,
  interrupted: boolean,
): number {
  const failed = nodes.filter((_, index) => ends[index]?.kind === 'failed')
  const changed = ends.filter((end) => end.kind === 'done' && end.changed).length
  const exit = failed.length === 0 ? verbExit.ok : verbExit.failed
  const nodesJson = nodes.map((node, index) => {
    const end = ends[index]
    return end ? endJson(node, end) : { node }
  })
  const summary = { event: 'summary', ok: exit === verbExit.ok, check, interrupted, exit, nodes: nodesJson }
  view.say(sumLine(nodes.length, changed, failed, check), summary)
  return exit
}

function sumLine(count: number, changed: number, failed: readonly string[], check: boolean): Line {
  const all = `${count} node${count === 1 ? '' : 's'}`
  const allRight = `${all} as ${count === 1 ? 'it' : 'they'} should be`
  if (failed.length > 0) {
    const text = `${failed.length} of ${all} failed: ${failed.join(' ')}; run the same command again to go on`
    return { sign: 'fail', text }
  }
  if (count === 0) return { sign: 'ok', text: 'nothing to do: no host is meant' }
  if (changed === 0) return { sign: 'ok', text: `nothing to do: ${allRight}` }
  return {
    sign: 'ok',
    text: check
      ? `${changed} of ${all} would change; no node was changed`
      : `${allRight}, ${changed} changed`,
  }
}

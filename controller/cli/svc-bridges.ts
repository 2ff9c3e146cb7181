/**
 * `pgsql-svc --ssh`: targets without a running agent are joined to the controller over SSH for as long as the command
 * lasts. The publish itself is the usual one, so that results, revisions and exit statuses are.
 */
import { AppError, describeError } from '../../shared/errors/app-error.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemExec } from '../../shared/ports/exec.ts'
import { atOnce } from '../enroll/at-once.ts'
import { type Bridge, buildBridge } from '../enroll/bridge.ts'
import { accessTo } from '../enroll/known-nodes.ts'
import { createPrograms } from '../enroll/program.ts'
import type { LoadedInventory } from '../inventory/inventory.ts'
import { resolveTargets } from '../plan/targets.ts'
import { type ConnectPorts, connect } from '../ssh/connect.ts'
import type { ToldOfKey } from '../ssh/host-key-check.ts'
import type { AccessFlags } from '../ssh/node-access.ts'
import { rootShell } from '../ssh/root-shell.ts'
import { acceptHosts, tookNewText } from './accept-host.ts'
import type { AdminClient } from './admin-client.ts'
import { becomePassword } from './become-password.ts'
import { expectReadable, expectReadableFiles } from './expect-readable.ts'
import { ownInventory } from './own-inventory.ts'
import { type Joined, joinInTurn } from './relay-turn.ts'
import { accessFlags, usualForks } from './ssh-flags.ts'
import type { OpenBridges, SvcCall } from './svc-call.ts'

const statusMs = 10_000

export const openBridges: OpenBridges = async (call, open, printer, terminal) => {
  expectReadableFiles(call.flags)
  // Else each node would be told to lack it, and the others published to.
  expectReadable('--program', call.flags.program)
  const askPassword = await becomePassword(call.flags, terminal)
  const interrupt = new AbortController()
  const stopListening = terminal.onInterrupt(() => interrupt.abort())
  const say = (node: string, ok: boolean, text: string, error?: AppError) =>
    printer.say(
      { sign: ok ? 'step' : 'warn', text: node === '' ? text : `${node}  ${text}` },
      { event: 'ssh', node, ok, text, code: error?.code ?? '' },
    )
  const acceptNew = acceptHosts(call.flags, terminal, interrupt.signal)
  const tookNew: ToldOfKey = (key, file) => say('', file !== undefined, tookNewText(key, file))
  const ports = { exec: systemExec(), env: terminal.env, acceptNew, tookNew, now: systemClock().now }
  let client: AdminClient | undefined
  let bridges: readonly Bridge[] = []
  try {
    client = await open()
    const admin = client
    const loaded = await ownInventory(call.flags, terminal.env)
    const nodes = await withoutAgent(call, loaded, admin)
    if (nodes.length === 0)
      say('', true, 'every target has an agent that is connected; nothing goes over SSH')
    const become = nodes.length === 0 ? undefined : await askPassword(interrupt.signal)
    const programs = createPrograms(call.flags.program, process.argv[1] ?? '')
    const { signal } = interrupt
    const work = { call, loaded, ports, programs, admin, signal, become }
    const joinAll = (some: readonly string[]) =>
      atOnce(some, call.flags.forks ?? usualForks, (node) => joinOne(node, work, say))
    const turn = {
      clock: systemClock(),
      random: Math.random,
      relayed: async () => (await streamsOf(admin)).relayed,
      say: (node: string, text: string) => say(node, true, text),
    }
    const joined = nodes.length === 0 ? [] : await joinInTurn(nodes, joinAll, turn, signal)
    for (const one of joined) {
      if ('error' in one) say(one.node, false, `not reached over SSH: ${describeError(one.error)}`, one.error)
    }
    bridges = joined.flatMap((one) => ('bridge' in one ? [one.bridge] : []))
  } catch (error) {
    const isGivenUp = error instanceof AppError && error.code === 'CANCELLED'
    if (isGivenUp) client?.close()
    if (isGivenUp || !(error instanceof AppError)) throw error
    // The publish is tried all the same, and says what is wrong with the controller or the target.
    say('', false, `nothing goes over SSH: ${describeError(error)}`, error)
  } finally {
    stopListening()
  }
  return async () => {
    await Promise.all(bridges.map((bridge) => bridge.close()))
    client?.close()
  }
}

/** Targets, in inventory order, whose agent the controller has no stream with. */
async function withoutAgent(
  { cls, addresses }: SvcCall,
  loaded: LoadedInventory,
  admin: AdminClient,
): Promise<readonly string[]> {
  const { owners } = resolveTargets(loaded, cls, addresses, 'cluster')
  const targets = [...new Set(owners.flatMap(({ nodes }) => nodes))]
  const { own } = await streamsOf(admin)
  return targets.filter((node) => !own.has(node))
}

/** Nodes that are connected: by their agent's own stream, or by one that a command carries. */
async function streamsOf(
  admin: AdminClient,
): Promise<{ readonly own: ReadonlySet<string>; readonly relayed: ReadonlySet<string> }> {
  const { nodes } = await admin.status({ names: [] }, statusMs)
  const connected = nodes.filter((node) => node.connected)
  const names = (some: typeof nodes) => new Set(some.map(({ node }) => node))
  return {
    own: names(connected.filter(({ relayed }) => !relayed)),
    relayed: names(connected.filter(({ relayed }) => relayed)),
  }
}

async function joinOne(
  node: string,
  work: BridgeWork,
  say: (node: string, ok: boolean, text: string) => void,
): Promise<Joined<Bridge>> {
  try {
    const bridge = await bridgeTo(node, work)
    say(node, true, 'reached over SSH')
    return { node, bridge }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { node, error }
  }
}

interface BridgeWork {
  readonly call: SvcCall
  readonly loaded: LoadedInventory
  readonly ports: ConnectPorts
  readonly programs: ReturnType<typeof createPrograms>
  readonly admin: AdminClient
  readonly signal: AbortSignal
  readonly become: AccessFlags['become']
}

async function bridgeTo(
  node: string,
  { call, loaded, ports, programs, admin, signal, become }: BridgeWork,
): Promise<Bridge> {
  const host = loaded.inventory.hosts.get(node)
  if (!host) throw new AppError('NODE_UNKNOWN', `${node} is not in the inventory`)
  const access = accessTo(loaded, host, accessFlags(call.flags, become))
  const session = await connect(ports, access, signal)
  try {
    const shell = rootShell(session, access.become)
    const bridge = await buildBridge({ node, shell, programs, startRelay: admin.relay }, signal)
    return {
      broken: bridge.broken,
      async close() {
        await bridge.close()
        session.close()
      },
    }
  } catch (error) {
    session.close()
    throw error
  }
}

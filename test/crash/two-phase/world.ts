/** A controller and two agents, each beside a HAProxy of its own, with a relay between each agent and the controller. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { AdminClient } from '../../../controller/cli/admin-client.ts'
import { openClient } from '../../../controller/cli/open-client.ts'
import { statusTroubles } from '../../../controller/cli/status-view.ts'
import { runSvc } from '../../../controller/cli/svc-command.ts'
import { initAuthority, issueCertificate } from '../../../controller/pki/pki.ts'
import type { Pem } from '../../integration/controller-agent.ts'
import {
  type Backend,
  createHaproxyLab,
  freePorts,
  type HaproxyLab,
  startBackend,
  until,
  whoAnswers,
} from '../../support/haproxy-lab.ts'
import { cluster, type PlanFile } from './cluster-plan.ts'
import type { ControllerProcess, Process, Programs } from './programs.ts'
import { Relay } from './relay.ts'

export const nodes = ['n1', 'n2'] as const

const fileName = `${cluster}-primary.cfg`

/** Every look is a connection of its own. */
const lookEveryMs = 50

/** A number that makes every publish a real change. */
interface Content {
  /** Port of the service by node. */
  readonly ports: Readonly<Record<string, number>>
  /** Ports of the servers: which one is served tells odd bodies from even ones. */
  readonly servers: readonly [number, number]
  readonly body: number
}

/** The one file of a node. */
function fileText({ ports, servers, body }: Content, node: string): string {
  return `listen ${cluster}-primary
    bind 127.0.0.1:${ports[node]}
    mode tcp
    maxconn ${1_000 + body}
    server s1 127.0.0.1:${servers[body % 2]}
`
}

interface Node {
  readonly name: string
  readonly lab: HaproxyLab
  readonly relay: Relay
  readonly relayPort: number
  agent: Process | undefined
}

/** How a `pgsql-svc` came out. */
export interface Published {
  readonly exit: number
  readonly text: string
}

/** Names that only an apply in hand may have. */
const leftover = /pgsvc-new|stage-|check-/

/** Those that have not ended: a test that fails leaves its own. */
const worlds = new Set<World>()

export async function endWorlds(): Promise<void> {
  await Promise.all([...worlds].map((world) => world.end()))
}

export interface WorldOptions {
  readonly programs: Programs
  /** How long a controller that was started again waits for nodes before a publish; its usual time unless given. */
  readonly settleMs?: number
}

/** Of controller and agents. */
export const heartbeatMs = 300

export class World {
  readonly nodes: readonly Node[]
  private content: Content
  private controller: ControllerProcess | undefined
  private port = 0
  private readonly dir: string
  private readonly programs: Programs
  private readonly settleMs: number | undefined
  private readonly backends: readonly Backend[]

  private constructor(
    dir: string,
    { programs, settleMs }: WorldOptions,
    content: Content,
    backends: readonly Backend[],
    make: (port: () => number) => readonly Node[],
  ) {
    this.dir = dir
    this.programs = programs
    this.settleMs = settleMs
    this.content = content
    this.backends = backends
    this.nodes = make(() => this.port)
  }

  /** Everything is up and the first revision is published. */
  static async create(options: WorldOptions): Promise<World> {
    const labs = [await createHaproxyLab(), await createHaproxyLab()]
    const dir = labs[0]?.dir ?? ''
    initAuthority(dir, Date.now())
    issueCertificate({ kind: 'controller' }, { dir, out: dir, days: 1, nowMs: Date.now() })
    for (const name of nodes) {
      issueCertificate({ kind: 'node', name }, { dir, out: dir, days: 1, nowMs: Date.now() })
    }
    const pemOf = async (name: string): Promise<Pem> => ({
      ca: await readFile(join(dir, 'ca.crt')),
      cert: await readFile(join(dir, `${name}.crt`)),
      key: await readFile(join(dir, `${name}.key`)),
    })
    const backends = [await startBackend('even'), await startBackend('odd')]
    const [a = 0, b = 0] = await freePorts(2)
    const servers = [backends[0]?.port ?? 0, backends[1]?.port ?? 0] as const
    const pems = await Promise.all(nodes.map((name) => pemOf(`node-${name}`)))
    const own = await pemOf('controller')
    const made: Node[] = []
    const world = new World(dir, options, { ports: { n1: a, n2: b }, servers, body: 0 }, backends, () => made)
    worlds.add(world)
    for (const [i, name] of nodes.entries()) {
      const [lab, pem] = [labs[i], pems[i]]
      if (!lab || !pem) throw new Error('as many labs as nodes')
      const relay = new Relay(() => world.port, pem)
      made.push({ name, lab, relay, relayPort: await relay.listen(own), agent: undefined })
      await lab.start()
    }
    await world.startController()
    for (const node of world.nodes) world.startAgent(node)
    await world.settled(['nothing is published yet'])
    const first = await world.publishNext()
    if (first.exit !== 0) throw new Error(first.text)
    return world
  }

  /** What the inventory says. */
  get body(): number {
    return this.content.body
  }

  get process(): ControllerProcess {
    if (!this.controller) throw new Error('no controller')
    return this.controller
  }

  get target(): Node {
    const [first] = this.nodes
    if (!first) throw new Error('no node')
    return first
  }

  async startController(killAt?: number): Promise<void> {
    const flags = {
      listen: '127.0.0.1:0',
      socket: join(this.dir, 'c.sock'),
      stateDir: join(this.dir, 'controller'),
      tlsCa: join(this.dir, 'ca.crt'),
      tlsCert: join(this.dir, 'controller.crt'),
      tlsKey: join(this.dir, 'controller.key'),
      heartbeatMs,
      silenceMs: 4_000,
      publishTimeoutMs: 15_000,
      logLevel: process.env.PGSVC_TEST_LOG ?? 'silent',
    }
    await this.writePlan()
    const { planFile, settleMs } = this
    this.controller = this.programs.controller({ flags, planFile, killAt, settleMs })
    this.port = await this.controller.up
  }

  startAgent(node: Node): void {
    const { lab, name, relayPort } = node
    const flags = {
      node: name,
      controllers: `127.0.0.1:${relayPort}`,
      stateDir: join(lab.dir, 'state'),
      haproxyConfig: lab.config,
      haproxyPidfile: lab.pidFile,
      tlsCa: join(this.dir, 'ca.crt'),
      tlsCert: join(this.dir, `node-${name}.crt`),
      tlsKey: join(this.dir, `node-${name}.key`),
      // Both agents are on one host, and their clusters have no Patroni.
      follow: 'off',
      notifySocket: '',
      logLevel: process.env.PGSVC_TEST_LOG ?? 'silent',
    }
    node.agent = this.programs.agent({ flags, statesDir: `/run/pgsvc/${basename(lab.dir)}/server-state` })
  }

  async killController(): Promise<void> {
    await this.process.kill()
    await this.startController()
  }

  async killAgent(node: Node): Promise<void> {
    await node.agent?.kill()
    this.startAgent(node)
  }

  /** Edits the inventory and publishes. */
  async publishNext(): Promise<Published> {
    this.content = { ...this.content, body: this.content.body + 1 }
    await this.writePlan()
    let text = ''
    const write = (more: string) => {
      text += more
    }
    const terminal = {
      stdout: write,
      stderr: write,
      setExitCode: () => undefined,
      env: { PGSVC_CONTROLLER: this.address },
      isTty: false,
      size: () => ({ columns: 0, rows: 0 }),
      monotonic: () => performance.now(),
      onInterrupt: () => () => undefined,
    }
    return { exit: await runSvc([cluster], terminal, openClient), text }
  }

  /** What was given up before its commit is edited again. */
  takeBack(): void {
    this.content = { ...this.content, body: this.content.body - 1 }
  }

  /** The body whose revision is the newest; every act is one revision. */
  async newestBody(): Promise<number> {
    return await this.asking(async (admin) => {
      const { owners } = await admin.status({ names: [] }, 2_000)
      return owners[0]?.newest ?? 0
    })
  }

  async connected(): Promise<readonly string[]> {
    return await this.asking(async (admin) => {
      const status = await admin.status({ names: [] }, 2_000)
      return status.nodes.flatMap(({ node, connected }) => (connected ? [node] : []))
    })
  }

  async outcomes(): Promise<readonly string[]> {
    return await this.asking(async (admin) =>
      (await admin.history({ owner: cluster, limit: 3 }, 2_000)).acts.map(({ outcome }) => outcome),
    )
  }

  /**
   * Waits until the controller itself finds nothing to complain about.
   *
   * @param allowed - troubles that may stay
   */
  async settled(allowed: readonly string[] = []): Promise<void> {
    let troubles: readonly string[] = []
    const isSettled = async () => {
      troubles = await this.asking(async (admin) => {
        const status = await admin.status({ names: [] }, 2_000)
        const missing = nodes.filter((name) => !status.nodes.some((n) => n.node === name && n.connected))
        const published = status.owners.length === 0 ? ['nothing is published yet'] : []
        return [...statusTroubles(status), ...missing, ...published]
      }).catch((error: unknown) => [String(error)])
      return troubles.every((trouble) => allowed.includes(trouble))
    }
    await until(isSettled, 20_000, lookEveryMs).catch(() => {
      throw new Error(`never at rest: ${troubles.join('; ')}`)
    })
  }

  /** What is wrong with the nodes, seen from outside: files, and what HAProxy does. */
  async wrongOnDisk(body: number): Promise<readonly string[]> {
    const wrong: string[] = []
    for (const { name, lab } of this.nodes) {
      const text = await lab.get(fileName).catch(String)
      if (text !== fileText({ ...this.content, body }, name)) wrong.push(`${name}: not body ${body}: ${text}`)
      const answer = await whoAnswers(this.content.ports[name] ?? 0)
      if (answer !== ['even', 'odd'][body % 2]) wrong.push(`${name}: body ${body} is served by ${answer}`)
    }
    return wrong
  }

  /** Names below the nodes' directories that only an apply in hand may have. */
  async leftovers(): Promise<readonly string[]> {
    const found = await Promise.all(
      this.nodes.map(({ lab }) =>
        Promise.all(
          ['haproxy', 'state'].map((dir) => readdir(join(lab.dir, dir), { recursive: true }).catch(() => [])),
        ),
      ),
    )
    return found.flat(2).filter((name) => leftover.test(name))
  }

  async end(): Promise<void> {
    await Promise.all([this.controller?.kill(), ...this.nodes.map(({ agent }) => agent?.kill())])
    for (const { relay } of this.nodes) relay.end()
    for (const backend of this.backends) await backend.close()
    for (const { lab } of this.nodes) await lab.destroy()
    worlds.delete(this)
  }

  private get address(): string {
    return `unix:${join(this.dir, 'c.sock')}`
  }

  private get planFile(): string {
    return join(this.dir, 'plan.json')
  }

  private async writePlan(): Promise<void> {
    const files = nodes.map((name) => [name, { [fileName]: fileText(this.content, name) }] as const)
    const plan: PlanFile = { nodes: Object.fromEntries(files) }
    await writeFile(this.planFile, JSON.stringify(plan))
  }

  private async asking<T>(work: (admin: AdminClient) => Promise<T>): Promise<T> {
    const { connectAdmin } = await import('../../../controller/cli/admin-client.ts')
    const none = { ca: undefined, cert: undefined, key: undefined }
    const admin = connectAdmin({ kind: 'socket', path: join(this.dir, 'c.sock') }, none)
    try {
      return await work(admin)
    } finally {
      admin.close()
    }
  }
}

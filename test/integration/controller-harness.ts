/** A controller on loopback with certificates of its own and an inventory made of sample plans. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentials } from '@grpc/grpc-js'
import { type RunningController, startController } from '../../controller/daemon.ts'
import { type ControllerConfig, controllerOptions } from '../../controller/options.ts'
import { initAuthority, issueCertificate } from '../../controller/pki/pki.ts'
import type { Catalogue } from '../../controller/publish/catalogue.ts'
import { resolveConfig } from '../../shared/config/options.ts'
import { createLogger, logLevels } from '../../shared/log/logger.ts'
import type { Identity } from '../../shared/pki/identity.ts'
import type { PublishEvent__Output } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import type { PublishRequest } from '../../shared/rpc/generated/pgsvc/v1/PublishRequest.ts'
import { AdminService } from '../../shared/rpc/services.ts'
import type { SamplePlan } from '../unit/store/sample.ts'
import { type Behaviour, controllerNameOverride, type Pem, TestAgent, until } from './controller-agent.ts'

export type AdminClient = InstanceType<typeof AdminService>

/** PGSVC_TEST_LOG=debug shows what the controller thinks. */
const logLevel = logLevels.find((level) => level === process.env.PGSVC_TEST_LOG) ?? 'silent'

export class Harness {
  readonly dir = mkdtempSync(join(tmpdir(), 'pgsvc-controller-'))
  /** What the inventory says now, by owner. */
  readonly inventory = new Map<string, SamplePlan>()
  private readonly agents: TestAgent[] = []
  private readonly admins: AdminClient[] = []
  private controller: RunningController | undefined

  /** @param settleMs - how long it waits for nodes that were here before it */
  async start(overrides: Partial<ControllerConfig> = {}, settleMs?: number): Promise<void> {
    const config: ControllerConfig = {
      ...resolveConfig(controllerOptions, { flags: {}, env: {} }),
      listen: '127.0.0.1:0',
      socket: this.socket,
      state_dir: join(this.dir, 'state'),
      tls_ca: join(this.dir, 'pki', 'ca.crt'),
      tls_cert: join(this.dir, 'pki', 'controller.crt'),
      tls_key: join(this.dir, 'pki', 'controller.key'),
      ca_dir: join(this.dir, 'pki'),
      ...overrides,
    }
    const parts = { catalogue: this.catalogue(), findShrink: () => [] }
    this.controller = await startController(config, createLogger('controller', logLevel), parts, settleMs)
  }

  get socket(): string {
    return join(this.dir, 'run', 'controller.sock')
  }

  get groupSocket(): string {
    return join(this.dir, 'run', 'group.sock')
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  /** The authority that the controller trusts. */
  caPem(): Buffer {
    return readFileSync(this.path('pki/ca.crt'))
  }

  get running(): RunningController {
    if (!this.controller) throw new Error('not started')
    return this.controller
  }

  get port(): number {
    return this.running.address.port
  }

  async stop(): Promise<void> {
    await this.controller?.stop()
    this.controller = undefined
  }

  async destroy(): Promise<void> {
    for (const agent of this.agents) agent.close()
    for (const admin of this.admins) admin.close()
    await this.stop()
    rmSync(this.dir, { recursive: true })
  }

  /** Makes an authority; `pki` is the one the controller trusts. */
  async authority(name = 'pki'): Promise<void> {
    initAuthority(join(this.dir, name), Date.now())
  }

  async issue(subject: Identity, authority = 'pki'): Promise<Pem> {
    const dir = join(this.dir, authority)
    const { cert, key } = issueCertificate(subject, { dir, out: dir, days: 1, nowMs: Date.now() })
    // Peers trust the controller's authority, whoever signed their own certificate.
    return {
      ca: readFileSync(join(this.dir, 'pki', 'ca.crt')),
      cert: readFileSync(cert),
      key: readFileSync(key),
    }
  }

  agent(node: string, pem: Pem, behaviour: Behaviour = {}, hello: object = {}): TestAgent {
    const agent = new TestAgent(this.port, pem, { node, ...hello }, behaviour)
    this.agents.push(agent)
    return agent
  }

  /** An agent that was there, and is gone. */
  async visit(node: string, pem?: Pem): Promise<void> {
    const agent = this.agent(node, pem ?? (await this.issue({ kind: 'node', name: node })))
    await until('welcome', () => agent.heard.length > 0)
    agent.close()
  }

  /** Over the unix socket, or over TLS with a certificate. */
  admin(pem?: Pem): AdminClient {
    const admin = pem
      ? new AdminService(
          `127.0.0.1:${this.port}`,
          credentials.createSsl(pem.ca, pem.key, pem.cert),
          controllerNameOverride,
        )
      : new AdminService(`unix:${this.socket}`, credentials.createInsecure(), {
          'grpc.use_local_subchannel_pool': 1,
        })
    this.admins.push(admin)
    return admin
  }

  private catalogue(): Catalogue {
    return {
      look: async (pattern, nodes) => {
        const samples = [...this.inventory].filter(([owner]) => pattern.split(',').includes(owner))
        const plans = samples.map(([, sample]) => sample.plan)
        return {
          targets: {
            owners: plans.map(({ owner, provider, nodes: planned }) => ({
              owner,
              provider,
              nodes: planned
                .map(({ node }) => node)
                .filter((node) => nodes.length === 0 || nodes.includes(node)),
            })),
            warnings: [],
          },
          plan: {
            owners: plans,
            problems: [],
            blobs: new Map(samples.flatMap(([, { blobs }]) => [...blobs])),
          },
          inventoryDigest: 'i'.repeat(64),
          warnings: [],
        }
      },
    }
  }
}

/** All events of a publish. */
export async function publish(
  admin: AdminClient,
  request: PublishRequest,
): Promise<readonly PublishEvent__Output[]> {
  const events: PublishEvent__Output[] = []
  for await (const event of admin.Publish(request)) events.push(event)
  return events
}

/** How each node came out, and the result, short. */
export function summary(events: readonly PublishEvent__Output[]) {
  const nodes = events.flatMap(({ node }) =>
    node ? [`${node.node} ${node.outcome.replace('NODE_OUTCOME_', '').toLowerCase()}`] : [],
  )
  const result = events.at(-1)?.result
  return {
    nodes: nodes.sort(),
    ok: result?.ok,
    committed: result?.committed,
    nothingToDo: result?.nothingToDo,
    errors: result?.errors.map(({ code }) => code),
  }
}

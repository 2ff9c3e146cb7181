/** A publisher on a real store with nodes that answer as a test says, and time that only tests move. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoadWarning } from '../../../controller/parse/load-warning.ts'
import type { OwnerPlan, Problem } from '../../../controller/plan/owner-plan.ts'
import type { PublishEvent } from '../../../controller/publish/events.ts'
import type {
  NodeAnswer,
  NodeLink,
  NodeLinks,
  PrepareRequest,
} from '../../../controller/publish/node-links.ts'
import type { PublishPorts } from '../../../controller/publish/publish-ports.ts'
import {
  createPublisher,
  type Publisher,
  type PublisherOptions,
} from '../../../controller/publish/publisher.ts'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import type { Store } from '../../../controller/store/store.ts'
import type { Fault } from '../../../shared/errors/fault.ts'
import { createLogger } from '../../../shared/log/logger.ts'
import type { SamplePlan } from '../store/sample.ts'

const timings = { stageMs: 1, validateMs: 2, swapMs: 3, reloadMs: 4 }

export function ack(change: 'none' | 'reload' | 'not-running' = 'reload'): NodeAnswer {
  return { kind: 'ack', change, reasons: [], timings, liveFiles: [] }
}

export function nack(fault: Partial<Fault> = {}): NodeAnswer {
  return { kind: 'nack', fault: { stage: 'validate', code: 'HAPROXY_REFUSED', message: 'refused', ...fault } }
}

/** Never answers. */
export const silent = new Promise<NodeAnswer>(() => undefined)

type Answering<T> = (request: T) => NodeAnswer | Promise<NodeAnswer>

/** One node: what it answers, and what it heard. */
export class FakeNode implements NodeLink {
  readonly heard: string[] = []
  online = true
  onPrepare: Answering<PrepareRequest> = () => ack()
  onCommit: Answering<number> = () => ack()
  onConverge: Answering<number> = () => ack()

  async prepare(request: PrepareRequest): Promise<NodeAnswer> {
    const { snapshot, dryRun } = request
    const owners = snapshot.assignments.map(({ owner, revision }) => `${owner}@${revision}`)
    this.heard.push([dryRun ? 'dry' : 'prepare', `v${snapshot.version}`, ...owners].join(' '))
    return this.onPrepare(request)
  }

  async commit(_publishId: string, version: number): Promise<NodeAnswer> {
    this.heard.push(`commit v${version}`)
    return this.onCommit(version)
  }

  abort(): void {
    this.heard.push('abort')
  }
}

export class Bench {
  private readonly dir = mkdtempSync(join(tmpdir(), 'pgsvc-publish-'))
  readonly store: Store = openStore(join(this.dir, 'pgsvc.db'))
  readonly nodes = new Map<string, FakeNode>()
  /** What the inventory says now. */
  readonly inventory = new Map<string, SamplePlan>()
  readonly problems: Problem[] = []
  /** What was noticed while the inventory was read. */
  readonly warnings: LoadWarning[] = []
  readonly shrinks: Problem[] = []
  /** The controller has been up for long, unless a test says otherwise. Only short sleeps move it on. */
  uptimeMs = 1_000_000
  whileSettling: () => void = () => undefined
  /** Ends the time-outs that are running. */
  timeOut: () => void = () => undefined
  readonly publisher: Publisher

  constructor(...names: string[]) {
    for (const name of names) {
      this.nodes.set(name, new FakeNode())
      void this.store.recordNode(name, { lastSeenMs: 1 })
    }
    let id = 0
    const ports: PublishPorts = {
      store: this.store,
      links: this.links(),
      clock: {
        now: () => 1_000,
        monotonic: () => this.uptimeMs,
        sleep: (ms, signal) => this.sleep(ms, signal),
      },
      log: createLogger('test', 'silent'),
      findShrink: () => this.shrinks,
      newId: () => `publish-${++id}`,
      settledAtMs: 1_000,
    }
    const look = async (pattern: string, only: readonly string[]) => this.look(pattern, only)
    this.publisher = createPublisher(ports, { look }, { timeoutMs: 1_000, leaseMs: 2_000 })
  }

  node(name: string): FakeNode {
    const node = this.nodes.get(name)
    if (!node) throw new Error(`no node ${name}`)
    return node
  }

  async publish(
    pattern: string,
    {
      nodes = [],
      signal = new AbortController().signal,
      ...options
    }: Partial<PublisherOptions> & {
      nodes?: readonly string[]
      signal?: AbortSignal
    } = {},
  ): Promise<PublishEvent[]> {
    return this.act(
      (how, emit) => this.publisher.publish({ pattern, nodes, kind: 'cluster' }, how, emit, signal),
      options,
    )
  }

  async act(
    act: (options: PublisherOptions, emit: (event: PublishEvent) => void) => Promise<void>,
    options: Partial<PublisherOptions> = {},
  ): Promise<PublishEvent[]> {
    const events: PublishEvent[] = []
    const how = { check: false, diff: false, allowShrink: false, operator: 'ann', ...options }
    await act(how, (event) => events.push(event))
    return events
  }

  /** owner@revision of every assignment, by node, and the versions. */
  async assigned(): Promise<Record<string, string>> {
    const entries = await Promise.all(
      [...this.nodes.keys()].map(async (node) => {
        const { version, assignments } = await this.store.snapshot(node)
        const text = [
          `v${version}`,
          ...assignments.map(({ owner, revision }) => `${owner}@${revision}`),
        ].join(' ')
        return [node, text] as const
      }),
    )
    return Object.fromEntries(entries)
  }

  destroy(): void {
    this.store.close()
    rmSync(this.dir, { recursive: true })
  }

  private links(): NodeLinks {
    const link = (name: string) => {
      const node = this.nodes.get(name)
      return node?.online ? node : undefined
    }
    return {
      link,
      push: (name) => void this.nodes.get(name)?.heard.push('push'),
      converge: async (name, version) => {
        const node = this.node(name)
        node.heard.push(`snapshot v${version}`)
        return node.onConverge(version)
      },
    }
  }

  private sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (ms < 100) {
      this.uptimeMs += ms
      this.whileSettling()
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.timeOut = resolve
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  private look(pattern: string, only: readonly string[]) {
    const samples = [...this.inventory].filter(([owner]) => pattern.split(',').includes(owner))
    const plans: OwnerPlan[] = samples.map(([, { plan }]) => plan)
    const broken = new Set(
      this.problems.flatMap(({ owner, severity }) => (severity === 'error' ? [owner] : [])),
    )
    return {
      targets: {
        owners: plans.map(({ owner, provider, nodes }) => ({
          owner,
          provider,
          nodes: nodes.map(({ node }) => node).filter((node) => only.length === 0 || only.includes(node)),
        })),
        warnings: [],
      },
      plan: {
        owners: plans.filter(({ owner }) => !broken.has(owner)),
        problems: this.problems,
        blobs: new Map(samples.flatMap(([, { blobs }]) => [...blobs])),
      },
      inventoryDigest: 'i'.repeat(64),
      warnings: this.warnings,
    }
  }
}

/** How each node came out, and the result, short. */
export function summary(events: readonly PublishEvent[]) {
  const nodes = events.flatMap((event) =>
    event.kind === 'node' ? [`${event.result.node} ${event.result.outcome}`] : [],
  )
  const last = events.at(-1)
  if (last?.kind !== 'result') throw new Error('the last event is no result')
  const { ok, committed, nothingToDo, errors } = last.result
  return { nodes: nodes.sort(), ok, committed, nothingToDo, errors: errors.map(({ code }) => code) }
}

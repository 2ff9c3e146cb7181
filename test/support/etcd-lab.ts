/**
 * A real etcd on loopback, of one member or three, with directories and ports of its own; removed at the end.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts, until } from './haproxy-lab.ts'

export interface EtcdLab {
  readonly dir: string
  readonly members: readonly EtcdMember[]
  /** host:port of each member. */
  readonly endpoints: readonly string[]
  /** `etcdctl`. @returns what it printed */
  ctl(args: readonly string[], options?: CtlOptions): Promise<string>
  destroy(): Promise<void>
}

export interface CtlOptions {
  /** The members that are asked; all unless given. */
  readonly asked?: readonly EtcdMember[]
  /** What it reads. */
  readonly input?: string
}

export interface EtcdMember {
  readonly endpoint: string
  /** Resolves when it answers with the agreement of the others; fine when it runs already. */
  start(): Promise<void>
  /** As a crash, or as it is told. Resolves when the process is gone. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** The process stands still: connections are taken by the kernel, and nobody answers. */
  freeze(): void
  thaw(): void
}

export interface EtcdLabOptions {
  readonly members?: 1 | 3
  /** More flags for each member. */
  readonly flags?: readonly string[]
  /** Members speak TLS to their clients. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string } | undefined
}

export async function createEtcdLab(options: EtcdLabOptions = {}): Promise<EtcdLab> {
  const dir = await mkdtemp(join(tmpdir(), 'pgsvc-etcd-'))
  const count = options.members ?? 1
  const ports = await freePorts(2 * count)
  const plans = Array.from({ length: count }, (_, i) => ({
    name: `m${i}`,
    client: `127.0.0.1:${ports[2 * i]}`,
    peer: `http://127.0.0.1:${ports[2 * i + 1]}`,
  }))
  const cluster = plans.map(({ name, peer }) => `${name}=${peer}`).join(',')
  const members = plans.map((plan) => createMember(dir, plan, cluster, options))
  // A member alone does not answer before the others are there.
  await Promise.all(members.map((member) => member.start()))
  return {
    dir,
    members,
    endpoints: plans.map(({ client }) => client),
    ctl: (args, ctlOptions) => ctl(args, { asked: members, ...ctlOptions }, options),
    async destroy() {
      await Promise.all(members.map((member) => member.kill()))
      await rm(dir, { recursive: true, force: true })
    },
  }
}

interface MemberPlan {
  readonly name: string
  readonly client: string
  readonly peer: string
}

function createMember(dir: string, plan: MemberPlan, cluster: string, options: EtcdLabOptions): EtcdMember {
  let child: ChildProcess | undefined
  const scheme = options.tls ? 'https' : 'http'
  const flags = [
    ...['--name', plan.name, '--data-dir', join(dir, plan.name), '--logger', 'zap', '--unsafe-no-fsync'],
    ...[
      '--listen-client-urls',
      `${scheme}://${plan.client}`,
      '--advertise-client-urls',
      `${scheme}://${plan.client}`,
    ],
    ...['--listen-peer-urls', plan.peer, '--initial-advertise-peer-urls', plan.peer],
    ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
    ...(options.tls ? ['--cert-file', options.tls.cert, '--key-file', options.tls.key] : []),
    ...(options.tls ? ['--trusted-ca-file', options.tls.ca] : []),
    ...(options.flags ?? []),
  ]
  const member: EtcdMember = {
    endpoint: plan.client,
    async start() {
      child ??= spawnMember(flags, join(dir, `${plan.name}.log`))
      await until(() => isWell(member, options), 60_000)
    },
    async kill(signal = 'SIGKILL') {
      const old = child
      child = undefined
      if (!old || old.exitCode !== null || old.signalCode !== null) return
      const ended = new Promise((resolve) => old.once('exit', resolve))
      // One that stands still would not take SIGTERM.
      old.kill('SIGCONT')
      old.kill(signal)
      await ended
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  }
  return member
}

/** Whatever becomes of the test, the member does not outlive it. */
function spawnMember(flags: readonly string[], logFile: string): ChildProcess {
  const command = ['--pdeathsig', 'KILL', '/usr/bin/etcd', ...flags]
  const child = spawn('setpriv', command, { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr?.pipe(createWriteStream(logFile, { flags: 'a' }))
  return child
}

/** @returns whether a member has a leader and answers with the agreement of the others */
async function isWell(member: EtcdMember, options: EtcdLabOptions): Promise<boolean> {
  return await ctl(['endpoint', 'health'], { asked: [member] }, options).then(
    () => true,
    // It is well, and wants to know who asks.
    (error: unknown) => String(error).includes('user name is empty'),
  )
}

async function ctl(
  args: readonly string[],
  { asked = [], input = '' }: CtlOptions,
  { tls }: EtcdLabOptions,
): Promise<string> {
  const scheme = tls ? 'https' : 'http'
  const endpoints = asked.map(({ endpoint }) => `${scheme}://${endpoint}`).join(',')
  const files = tls ? ['--cacert', tls.ca, '--cert', tls.cert, '--key', tls.key] : []
  const running = promisify(execFile)(
    '/usr/bin/etcdctl',
    ['--endpoints', endpoints, '--command-timeout=10s', ...files, ...args],
    { env: { ...process.env, ETCDCTL_API: '3' } },
  )
  // Most commands read nothing, and may be over by now.
  running.child.stdin?.on('error', () => {}).end(input)
  return (await running).stdout
}

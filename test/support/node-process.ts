/** The real agent program of one node without HAProxy, with files of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pem } from '../integration/controller-agent.ts'

const program = join(import.meta.dirname, '../../bin/pgsvc')

export class NodeProcess {
  readonly dir: string
  readonly name: string
  private output = ''
  private child: ChildProcess | undefined

  /** @param dir - made for it */
  constructor(dir: string, name: string) {
    this.dir = dir
    this.name = name
    mkdirSync(dir, { recursive: true })
  }

  path(file: string): string {
    return join(this.dir, file)
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8')
  }

  /** As enrollment puts the files there. */
  put({ ca, cert, key }: Pem): void {
    writeFileSync(this.path('ca.crt'), ca)
    writeFileSync(this.path('agent.crt'), cert)
    writeFileSync(this.path('agent.key'), key, { mode: 0o600 })
  }

  get log(): string {
    return this.output
  }

  start(port: number): void {
    this.output = ''
    this.child = this.spawn([
      ...['--controllers', `127.0.0.1:${port}`, '--state-dir', this.path('state'), '--log-format', 'json'],
      ...['--haproxy-config', this.path('haproxy.cfg'), '--notify-socket', '', '--patroni-poll-ms', '0'],
      ...['--metrics-file', this.path('pgsvc.prom')],
    ])
    this.child.stderr?.on('data', (chunk) => {
      this.output += String(chunk)
    })
    this.child.stdout?.on('data', (chunk) => {
      this.output += String(chunk)
    })
  }

  /** @returns when the process is gone */
  async kill(): Promise<void> {
    const { child } = this
    this.child = undefined
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  /** `pgsvc agent <action>`. @returns what it prints; @throws Error with what it says when it fails */
  async act(args: readonly string[], input = ''): Promise<string> {
    const child = this.spawn(args)
    let out = ''
    let said = ''
    child.stdout?.on('data', (chunk) => {
      out += String(chunk)
    })
    child.stderr?.on('data', (chunk) => {
      said += String(chunk)
    })
    child.stdin?.end(input)
    const status = await new Promise((resolve) => child.once('close', resolve))
    if (status !== 0) throw new Error(said)
    return out
  }

  private spawn(args: readonly string[]): ChildProcess {
    const paths = ['--tls-ca', this.path('ca.crt'), '--tls-cert', this.path('agent.crt')]
    return spawn(
      program,
      ['agent', ...args, '--node', this.name, ...paths, '--tls-key', this.path('agent.key')],
      { stdio: 'pipe', env: { PATH: process.env.PATH ?? '' } },
    )
  }
}

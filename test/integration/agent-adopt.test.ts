import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { service, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { createHaproxyLab, freePorts, type HaproxyLab, type Layout, layouts } from '../support/haproxy-lab.ts'

let lab: HaproxyLab
let ports: readonly number[]

beforeEach(() => begin('conf.d'))

async function begin(layout: Layout): Promise<void> {
  lab = await createHaproxyLab({ layout })
  ports = await freePorts(4)
}

async function inLayout(layout: Layout): Promise<void> {
  if (layout === 'conf.d') return
  await lab.destroy()
  await begin(layout)
}

afterEach(() => lab.destroy())

const source = join(import.meta.dirname, '../../agent/main.ts')
const program = `const { main } = await import(${JSON.stringify(source)}); process.exitCode = await main(process.argv.slice(1))`

async function run(...args: readonly string[]) {
  const where = ['--node', 'node-1', '--state-dir', join(lab.dir, 'state')]
  const haproxy = ['--haproxy-config', lab.config, '--haproxy-pidfile', lab.pidFile]
  const all = ['--input-type=module', '-e', program, '--', ...args, ...where, ...haproxy]
  return await promisify(execFile)(process.execPath, all).then(
    ({ stdout }) => ({ status: 0, stdout, stderr: '' }),
    (error: { code: number; stdout: string; stderr: string }) => ({ ...error, status: error.code }),
  )
}

function pigsty(name: string, port: number, servers: readonly string[]): string {
  const rows = servers.map((server) => `    server ${server} 10.10.10.11:6432 check port 8008\n`)
  return `# service [${name}] @ 2026-11-21\n\nlisten ${name}\n    bind *:${port}\n    mode tcp\n${rows.join('')}\n`
}

async function incumbent(): Promise<void> {
  const [one = 0, two = 0, three = 0] = ports
  await lab.put('pg-test-primary.cfg', pigsty('pg-test-primary', one, ['pg-test-1', 'pg-test-2']))
  await lab.put('pg-test-2-primary.cfg', pigsty('pg-test-2-primary', two, ['pg-test-2-1']))
  await lab.put('dashboard.cfg', pigsty('dashboard', three, ['dashboard']))
  await lab.put('mixed.cfg', 'frontend mixed\n    bind *:1\n')
  await lab.put('notes.txt', 'no configuration\n')
}

async function publishOver(): Promise<TestEngine> {
  const engine = await testEngine(lab)
  const [one = 0] = ports
  const text = service('pg-test-primary', one, 1)
  await engine.publish(1, { 'pg-test': { '': { 'pg-test-primary.cfg': text } } })
  return engine
}

test.each(layouts)('%s: before a publish files are told apart by name, section, servers', async (layout) => {
  await inLayout(layout)
  await incumbent()

  const result = await run('adopt', '--dry-run', '--json')

  expect(result.status).toBe(0)
  const report = JSON.parse(result.stdout)
  expect(report).toMatchObject({
    node: 'node-1',
    serviceDir: lab.serviceDir,
    layout,
    haproxyRunning: false,
    kept: [],
  })
  expect(report.files.map((file: Record<string, string>) => [file.name, file.kind, file.owner])).toEqual([
    ['dashboard.cfg', 'would-adopt', 'node:node-1'],
    ['mixed.cfg', 'others', ''],
    ['pg-test-2-primary.cfg', 'would-adopt', 'pg-test-2'],
    ['pg-test-primary.cfg', 'would-adopt', 'pg-test'],
  ])
  expect(await readdir(lab.dir)).not.toContain('state')
})

test.each(layouts)(
  '%s: after a publish it shows ours, edits, strays of a cluster, copies',
  async (layout) => {
    await inLayout(layout)
    await incumbent()
    await lab.put('mixed.cfg', '# of others\n')
    await lab.start()
    await publishOver()
    const ours = join(lab.serviceDir, 'pg-test-primary.cfg')
    await writeFile(ours, (await readFile(ours, 'utf8')).replace('mode tcp', 'mode http'))
    await lab.put('pg-test-old.cfg', pigsty('pg-test-old', ports[3] ?? 0, ['pg-test-1']))
    const before = await readdir(join(lab.dir, 'state'))

    const { status, stdout } = await run('adopt', '--dry-run')

    expect(status).toBe(0)
    expect(stdout).toContain('HAProxy runs\n')
    expect(stdout).toContain('first publish of pg-test-2 (a copy is kept):\n  pg-test-2-primary.cfg\n')
    expect(stdout).toMatch(
      /pg-test-primary\.cfg of pg-test, changed\n[\s\S]*- {4}mode tcp\n *\+ {4}mode http\n/,
    )
    expect(stdout).toContain(
      'pg-test-old.cfg (looks like one of pg-test, which was published here without it)',
    )
    expect(stdout).toMatch(/copies kept:\n {2}\S+\/pgsvc\/kept\/pg-test-primary\.cfg\.[0-9a-f]{12}\n/)
    expect(await readdir(join(lab.dir, 'state'))).toEqual(before)
  },
)

test('without --dry-run nothing is done, and the status says so', async () => {
  const { status, stderr } = await run('adopt')

  expect(status).toBe(2)
  expect(stderr).toContain('say adopt --dry-run')
})

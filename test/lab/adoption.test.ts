import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Host } from './host.ts'
import { mustShell } from './pgsvc.ts'
import { type System, serviceTexts, startSystem, workerPids } from './system.ts'

let system: System

/** The files as Ansible leaves them: a comment with the time on top, blank lines and trailing blanks. */
async function writeIncumbentFiles(node: Host): Promise<void> {
  const directory = node.file('/etc/haproxy/conf.d')
  await mkdir(directory, { recursive: true })
  for (const [name, port, check, dest, servers] of INCUMBENT) {
    await writeFile(`${directory}/pg-test-${name}.cfg`, incumbentText(name, port, check, dest, servers))
  }
}

type IncumbentFile = readonly [
  name: string,
  port: number,
  check: string,
  dest: number,
  servers: readonly string[],
]

const INCUMBENT: readonly IncumbentFile[] = [
  ['primary', 5433, '/primary', 6432, ['1', '2', '3']],
  ['replica', 5434, '/read-only', 6432, ['1 backup', '2', '3']],
  ['default', 5436, '/primary', 5432, ['1', '2', '3']],
  ['offline', 5438, '/replica', 5432, ['3', '2 backup']],
  ['standby', 5435, '/health', 5432, ['1', '2', '3']],
]

function incumbentText(
  name: string,
  port: number,
  check: string,
  dest: number,
  servers: readonly string[],
): string {
  const lines = servers.map((server) => {
    const [seq = '', backup = ''] = server.split(' ')
    return `    server pg-test-${seq} 10.10.10.1${seq}:${dest} check port 8008 weight 100 ${backup}`
  })
  return `# service [pg-test-${name}] 10.10.10.1:${port} @ 2026-11-21 10:00

listen pg-test-${name}
    bind *:${port}
    mode tcp
    maxconn 5000
    balance roundrobin
    option httpchk
    option http-keep-alive
    http-check send meth OPTIONS uri ${check}
    http-check expect status 200
    default-server inter 2s fastinter 1s downinter 2s rise 3 fall 3 on-marked-down shutdown-sessions slowstart 30s maxconn 3000 maxqueue 128 weight 100

    # servers
${lines.join('\n')}

`
}

beforeAll(async () => {
  system = await startSystem({
    prepareNode: async (node) => {
      await writeIncumbentFiles(node)
      // When a process started is known only to some tens of milliseconds, more on a busy machine. A file that may be
      // younger counts as not loaded, which costs a reload: right for an agent, but here Ansible was done long before.
      await sleep(1_000)
    },
  })
})
afterAll(() => system?.stop())

test('the check against files that Ansible wrote shows no difference and changes nothing', async () => {
  const before = await Promise.all(system.nodes.map(serviceTexts))

  const result = await system.run('pgsql-svc pg-test --check --diff')

  expect(result).toMatchObject({ status: 0 })
  expect(result.stdout).toContain('nothing')
  expect(result.stdout).not.toMatch(/^(---|\+\+\+|@@)/m)
  expect(await Promise.all(system.nodes.map(serviceTexts))).toEqual(before)
})

test('the agent of a node says beforehand what a publish would take over, and changes nothing', async () => {
  const [first] = system.nodes
  if (!first) throw new Error('the lab has three members')
  const before = await serviceTexts(first)

  const said = await mustShell(first, 'pgsvc agent adopt --dry-run')

  expect(said).toContain(
    `taken over by the first publish of pg-test (a copy is kept):\n${[...before.keys()].map((name) => `  ${name}\n`).join('')}`,
  )
  expect(await serviceTexts(first)).toEqual(before)
})

test('the first publish over files that Ansible wrote takes them over without a reload, and keeps copies', async () => {
  const workers = await workerPids(system)
  const before = await Promise.all(system.nodes.map(serviceTexts))

  const result = await system.run('pgsql-svc pg-test')

  expect(result).toMatchObject({ status: 0 })
  expect(await workerPids(system)).toEqual(workers)
  for (const [index, node] of system.nodes.entries()) {
    const kept = await mustShell(node, 'for f in /etc/haproxy/pgsvc/kept/*; do cat $f; done')
    expect(kept).toBe([...(before[index]?.values() ?? [])].join(''))
  }
})

test('when Ansible writes the same files again, the next publish still reloads nothing', async () => {
  const workers = await workerPids(system)
  await Promise.all(system.nodes.map(writeIncumbentFiles))

  const result = await system.run('pgsql-svc pg-test')

  expect(result).toMatchObject({ status: 0 })
  expect(await workerPids(system)).toEqual(workers)
})

test('after the take-over a change is published as usual', async () => {
  await system.edit('maxconn: 5000', 'maxconn: 6000')

  expect(await system.run('pgsql-svc pg-test')).toMatchObject({ status: 0 })

  const [first] = system.nodes
  expect(await readFile(first?.file('/etc/haproxy/conf.d/pg-test-standby.cfg') ?? '', 'utf8')).toContain(
    'maxconn 6000',
  )
})

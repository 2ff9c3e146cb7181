/**
 * docs/migrate-from-ansible.md as it is written: its commands are typed one after the other on hosts that Ansible manages,
 * while clients connect to the services all the time.
 */
import { spawn } from 'node:child_process'
import { cp, lstat, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reloadsOf, workerPid } from '../haproxy.ts'
import type { HostAccess, HostSpec } from '../host.ts'
import { type Lab, startLab } from '../lab.ts'
import { orLogs } from '../system.ts'
import { whyNoSystemd } from '../systemd/cgroups.ts'
import { ensurePackages } from '../systemd/packaged.ts'
import {
  ADMIN,
  DELEGATED,
  MEMBERS,
  PG_SRC_EXPECTED,
  PG_TEST_EXPECTED,
  PROXIES,
  PROXY_OWN_EXPECTED,
} from '../topology.ts'
import { type Clients, startClients } from './clients.ts'
import type { Meeting } from './connect-all-the-time.ts'
import { commandsOf, type DocumentCommand, missingLines } from './document.ts'
import { booting, bringPigsty, letAdminIn, mustType, startStandInBeside, type } from './hosts.ts'

const DOCUMENT = path.join(import.meta.dirname, '../../../docs/migrate-from-ansible.md')
const CLIENT: HostSpec = { name: 'client', address: '10.10.10.30' }
const CARRIERS = [...MEMBERS, ...PROXIES]
/** A reload or restart by Ansible has HAProxy begin with servers whose state it does not know. */
const ANSIBLE = /(^|[ &])(bin\/pgsql-svc|ansible-playbook) /
const why = whyNoSystemd()

let lab: Lab
let clients: Clients
let commands: readonly DocumentCommand[]
const typed = new Set<DocumentCommand>()
/** While Ansible ran, and until what it did to HAProxy was over. */
const excused: { readonly fromMs: number; readonly toMs: number }[] = []

const carriers = () => CARRIERS.map(({ name }) => lab.host(name))
const members = () => MEMBERS.map(({ name }) => lab.host(name))
const admin = () => lab.host(ADMIN.name)

async function startAll(): Promise<void> {
  const { deb } = await ensurePackages()
  lab = await startLab([...[ADMIN, ...CARRIERS].map(booting), ...DELEGATED, CLIENT])
  await orLogs(lab, async () => {
    const start = ([file = '', ...args]: readonly string[]) => {
      spawn(file, args, { stdio: 'ignore' })
    }
    await Promise.all(
      [...members(), ...DELEGATED.map(({ name }) => lab.host(name))].map((host) =>
        startStandInBeside(host, start),
      ),
    )
    await letAdminIn(admin(), carriers())
    await bringPigsty(admin())
    await cp(deb, admin().file(`/root/${path.basename(deb)}`))
    // As the nodes are found: Ansible has made all of it.
    await mustType(admin(), 'ansible-playbook node.yml -l pg-test,proxy -t haproxy')
    await mustType(admin(), 'bin/pgsql-svc pg-test && bin/pgsql-svc pg-src')
    const services = [...PG_TEST_EXPECTED, ...PG_SRC_EXPECTED, ...PROXY_OWN_EXPECTED]
    clients = await startClients(
      lab.host(CLIENT.name),
      services.map(({ node, port, answers }) => ({ target: `${node}:${port}`, answers })),
    )
    await clients.settled()
  })
}

/** Types a command and compares what it prints; outside of Ansible's own reloads no client meets anything wrong. */
async function carryOut(one: DocumentCommand): Promise<void> {
  const where = `${path.basename(DOCUMENT)}:${one.line}: ${one.command}`
  const fromMs = Date.now()
  const { status, stdout } = await type(admin(), one.command)
  typed.add(one)
  expect(missingLines(one.expected, stdout), `${where}\nprinted:\n${stdout}`).toEqual([])
  expect(status, `${where}\n${stdout}`).toBe(0)
  if (!ANSIBLE.test(one.command)) return expect(wrong(fromMs), where).toEqual([])
  await clients.settled()
  excused.push({ fromMs, toMs: Date.now() })
}

/** What clients met that is neither right nor Ansible's doing. */
function wrong(sinceMs: number): readonly Meeting[] {
  const isExcused = ({ atMs }: Meeting) => excused.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs)
  return clients.since(sinceMs).filter((one) => !one.isRight && !isExcused(one))
}

/** All commands of a section, or those before, or from, the first that begins like this. */
async function section(heading: string, part: { readonly before?: string; readonly from?: string } = {}) {
  const own = commands.filter((one) => one.section === heading)
  const at = (start: string | undefined, none: number) =>
    start === undefined ? none : own.findIndex(({ command }) => command.startsWith(start))
  const some = own.slice(at(part.from, 0), at(part.before, own.length))
  if (some.length === 0) throw new Error(`the document has no such commands under "${heading}"`)
  for (const one of some) await carryOut(one)
}

/** What a reload changes. */
async function workersOf(hosts: readonly HostAccess[]) {
  return await Promise.all(
    hosts.map(async (host) => ({ worker: await workerPid(host), reloads: await reloadsOf(host) })),
  )
}

/** Service files word for word. */
async function filesOf(hosts: readonly HostAccess[]): Promise<readonly string[]> {
  return await Promise.all(
    hosts.map((host) => host.must(['bash', '-c', 'cd /etc/haproxy/conf.d && tail -n +1 *.cfg'])),
  )
}

/** What they mean: without comments, blanks, and the lines that are ours. */
function meaning(files: readonly string[]): readonly string[] {
  const added = /^(#.*|retries 0|load-server-state-from-file local|server-state-file-name .*|)$/
  const linesOf = (text: string) => text.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '))
  return files.map((text) =>
    linesOf(text)
      .filter((line) => !added.test(line))
      .join('\n'),
  )
}

const areLinks = (hosts: readonly HostAccess[]) =>
  Promise.all(hosts.map(async (host) => (await lstat(host.file('/etc/haproxy/conf.d'))).isSymbolicLink()))

// Each test goes on where the one before ended.
describe.skipIf(why !== undefined)(`from Ansible to pgsvc${why ? ` (skipped: ${why})` : ''}`, () => {
  let atFirst: readonly string[]

  beforeAll(async () => {
    commands = commandsOf(await readFile(DOCUMENT, 'utf8'))
    await startAll()
    atFirst = await filesOf(carriers())
  }, 900_000)
  afterAll(async () => {
    await clients?.stop()
    await lab?.stop()
  })

  test('comparing and enrolling touch no file of HAProxy; the publish reloads nothing and means the same', async () => {
    const before = await workersOf(carriers())

    await section('Before you begin')
    await section('1. The controller')
    await section('2. Compare, with nothing on the nodes')
    await section('3. Enrol')
    await section('4. Compare, on the nodes')
    expect(await filesOf(carriers())).toEqual(atFirst)
    expect(await areLinks(members())).toEqual([false, false, false])

    await section('5. Publish')
    expect(await areLinks(members())).toEqual([true, true, true])
    expect(meaning(await filesOf(carriers()))).toEqual(meaning(atFirst))
    expect(await workersOf(carriers())).toEqual(before)
  }, 900_000)

  test('a change and a rollback reload without a stray connection', async () => {
    const before = await workersOf(members())

    await section('6. Verify')

    const reloads = (await workersOf(members())).map(({ reloads: now }) => now)
    expect(reloads).toEqual(before.map(({ reloads: then }) => (then ?? Number.NaN) + 2))
    expect(meaning(await filesOf(carriers()))).toEqual(meaning(atFirst))
  }, 900_000)

  test('Ansible goes on beside it, and what it deletes comes back', async () => {
    await section('Ansible beside it')
    expect(meaning(await filesOf(carriers()))).toEqual(meaning(atFirst))
    expect(await areLinks(members())).toEqual([true, true, true])
  }, 900_000)

  test('proxies are taken over without a reload', async () => {
    const before = await workersOf(carriers())
    await section('7. The next clusters, and proxies')
    expect(await workersOf(carriers())).toEqual(before)
    expect(meaning(await filesOf(carriers()))).toEqual(meaning(atFirst))
    expect(await areLinks(carriers())).toEqual([true, true, true, true, true])
  }, 900_000)

  test('agents that are stopped leave HAProxy to Ansible, and come back', async () => {
    const heading = 'At 3 am'
    await section(heading, { before: 'ssh' })
    const before = await workersOf(members())
    const byHand = { from: 'ssh', before: 'pgsvc enroll' }
    await section(heading, byHand)
    expect(await areLinks(members())).toEqual([true, true, false])
    await section(heading, { from: byHand.before })
    expect(await areLinks(members())).toEqual([true, true, true])
    expect(await workersOf(members())).toEqual(before)
  }, 900_000)

  test('the way back reloads nothing, and leaves what Ansible made and nothing of ours', async () => {
    const heading = 'The way back'
    const before = await workersOf(carriers())
    const published = await filesOf(carriers())

    await section(heading, { before: 'bin/pgsql-svc' })
    expect(await areLinks(members())).toEqual([false, false, false])
    expect(await filesOf(carriers())).toEqual(published)
    expect(await workersOf(carriers())).toEqual(before)

    await section(heading, { from: 'bin/pgsql-svc' })
    expect(await areLinks(carriers())).toEqual([false, false, false, false, false])
    const untimed = (files: readonly string[]) => files.map((text) => text.replaceAll(/ @ .*$/gm, ''))
    expect(untimed(await filesOf(members()))).toEqual(untimed(atFirst.slice(0, MEMBERS.length)))
    expect(meaning(await filesOf(carriers()))).toEqual(meaning(atFirst))
  }, 900_000)

  test('no command was left out, and no client met anything wrong but by Ansible’s own reloads', () => {
    const left = commands.filter((one) => !typed.has(one))
    expect(left.map(({ line, command }) => `${line}: ${command}`)).toEqual([])
    expect(wrong(0)).toEqual([])
    expect(clients.since(0).length).toBeGreaterThan(1_000)
  })
})

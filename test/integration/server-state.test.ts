/**
 * States of servers over reloads and starts of a real HAProxy. Its checks come every ten minutes, so what is seen
 * is what it started with.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { locate } from '../../agent/haproxy/locate.ts'
import { systemAsker } from '../../agent/server-state/ask.ts'
import { reloadCarrying } from '../../agent/server-state/carried-reload.ts'
import { clearOldStates } from '../../agent/server-state/clear-old.ts'
import { writeColdStartRows } from '../../agent/server-state/cold-start.ts'
import { systemHandOver } from '../../agent/server-state/hand-over.ts'
import { parseServersState, type StateRow } from '../../agent/server-state/rows.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemExec } from '../../shared/ports/exec.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { optionsFor, statesFor, testEngine } from '../support/haproxy-agent.ts'
import {
  createHaproxyLab,
  freePorts,
  type HaproxyLab,
  type Layout,
  layouts,
  whoAnswers,
} from '../support/haproxy-lab.ts'
import { type Member, serverLine, serviceText, startMember } from '../support/members.ts'
import { recoverLab } from '../support/recover-lab.ts'

const stateDir = `/run/pgsvc/test-${process.pid}/server-state`
const name = 'pg-test-primary'
const files = systemFiles()
const cli = systemCli()
const states = { asker: systemAsker(), handOver: systemHandOver(), dir: stateDir }
const warnings: string[] = []
const ports = {
  files,
  cli,
  exec: systemExec(),
  clock: systemClock(),
  states,
  log: { warn: (...said: unknown[]) => void warnings.push(String(said.at(-1))) },
}

let lab: HaproxyLab
let port: number
/** The first one leads. */
let members: Member[]

/** What depends on where the files lie is tried in both layouts. */
async function inLayout(layout: Layout): Promise<void> {
  await lab.destroy()
  lab = await createHaproxyLab({ layout })
}

beforeEach(async () => {
  lab = await createHaproxyLab()
  members = [
    await startMember('one', '/primary'),
    await startMember('two', '/replica'),
    await startMember('three', '/replica'),
  ]
  port = (await freePorts(1))[0] ?? 0
  warnings.length = 0
})

afterEach(async () => {
  await lab.destroy()
  for (const member of members) await member.close()
  await rm(dirname(stateDir), { recursive: true, force: true })
})

const textOf = (servers: readonly string[], path?: string) =>
  serviceText({ name, port, stateDir, servers, ...(path ? { path } : {}) })
const usual = () => members.map((member) => serverLine(member))

/** A HAProxy that knows who leads. */
async function start(text = textOf(usual())): Promise<void> {
  await lab.put(`${name}.cfg`, text)
  await writeColdStartRows(ports, lab.serviceDir)
  await lab.start()
  await states.handOver.clear(stateDir)
}

/** A reload of ours for a new text. */
async function reload(text: string): Promise<void> {
  const loaded = [await lab.get(`${name}.cfg`)]
  await lab.put(`${name}.cfg`, text)
  const located = await locate(files, optionsFor(lab).paths)
  const options = { command: [], timeoutMs: 10_000 }
  expect(await reloadCarrying(ports, located, { next: [text], loaded }, options)).toMatchObject({
    kind: 'reloaded',
  })
  expect(warnings).toEqual([])
  expect(existsSync(stateDir)).toBe(false)
  expect(readdirSync(dirname(stateDir))).toEqual([])
}

async function answers(times = 9): Promise<Readonly<Record<string, number>>> {
  const count: Record<string, number> = {}
  for (let n = 0; n < times; n += 1) {
    const who = await whoAnswers(port)
    count[who] = (count[who] ?? 0) + 1
  }
  return count
}

async function say(command: string): Promise<void> {
  expect((await cli.ask(lab.statsSocket, command, 2_000)).trim()).toBe('')
}

async function rows(): Promise<Readonly<Record<string, StateRow>>> {
  const found = parseServersState(await cli.ask(lab.statsSocket, 'show servers state', 2_000))
  return Object.fromEntries([...(found?.values() ?? [])].map((row) => [row.server, row]))
}

test.each(layouts)('%s: a start leads only to the one that its check finds good', async (layout) => {
  await inLayout(layout)
  const [, , three] = members
  if (three) three.leads = ''

  await start()

  expect(await answers()).toEqual({ one: 9 })
  expect((await rows()).one).toMatchObject({ operation: 2, health: 5 })
  expect((await rows()).three).toMatchObject({ operation: 0, health: 0 })
})

test('without states a start leads to all: what the others prove, they prove', async () => {
  await lab.put(`${name}.cfg`, textOf(usual()))
  await lab.start()

  expect(await answers()).toEqual({ one: 3, two: 3, three: 3 })
})

test.each(layouts)('%s: a reload leads only to the one that led before', async (layout) => {
  await inLayout(layout)
  await start()

  await reload(textOf(usual()).replace('balance roundrobin', 'balance leastconn'))

  expect(await answers()).toEqual({ one: 9 })
})

test.each(layouts)('%s: what the checks said last is carried over, whoever leads by now', async (layout) => {
  await inLayout(layout)
  await start()
  await say(`set server ${name}/one health down`)
  await say(`set server ${name}/two health up`)

  await reload(textOf(usual()).replace('balance roundrobin', 'balance leastconn'))

  expect(await answers()).toEqual({ two: 9 })
})

test('what a worker only believes, because it has not checked yet, is asked', async () => {
  await lab.put(`${name}.cfg`, textOf(usual()))
  await lab.start()

  await reload(textOf(usual()).replace('balance roundrobin', 'balance leastconn'))

  expect(await answers()).toEqual({ one: 9 })
})

test.each(layouts)('%s: another port of the service wins', async (layout) => {
  await inLayout(layout)
  const [one, two, three] = members
  await start()
  const moved = [one, two, three].map((member, index) =>
    serverLine({ ...(member ?? expect.fail()), port: (members[(index + 1) % 3] ?? expect.fail()).port }),
  )

  await reload(textOf(moved))

  // The server named one leads where two is.
  expect(await answers()).toEqual({ two: 9 })
})

test('reloads that come faster than checks decide do not hold the old leader up, nor the new one down', async () => {
  const [one, two] = members
  const checked = (maxconn: number) =>
    serviceText({ name, port, stateDir, interS: 1, servers: usual() })
      .replace('slowstart 30s', '')
      .replace('mode tcp', `mode tcp\n    maxconn ${maxconn}`)
  await start(checked(1_000))
  if (one && two) [one.leads, two.leads] = ['/replica', '/primary']

  const hasMoved = async () => {
    const { one, two } = await rows()
    return one?.operation === 0 && two?.operation === 2
  }
  let reloads = 0
  while (reloads < 40 && !(await hasMoved())) {
    reloads += 1
    await reload(checked(1_000 + reloads))
  }

  expect(await hasMoved()).toBe(true)
  expect(await answers()).toEqual({ two: 9 })
})

test('another address under the same name is asked, not trusted', async () => {
  await start()
  const elsewhere = usual().map((line) => line.replace('127.0.0.1', '127.0.0.2'))

  await reload(textOf(elsewhere.map((line) => `${line} addr 127.0.0.1`)))

  const found = await rows()
  expect(Object.values(found).map(({ server, address, operation }) => [server, address, operation])).toEqual([
    ['one', '127.0.0.2', 2],
    ['two', '127.0.0.2', 0],
    ['three', '127.0.0.2', 0],
  ])
})

test.each(layouts)('%s: a member that comes is asked, one that goes is gone', async (layout) => {
  await inLayout(layout)
  await start()
  const four = await startMember('four', '/primary')
  members.push(four)

  await reload(textOf([...usual().slice(1, 3), serverLine(four)]))

  expect(await answers()).toEqual({ four: 9 })
})

test('a silent member that comes is down, and holds the reload up only for a moment', async () => {
  await start()
  const four = await startMember('four', '')
  members.push(four)

  await reload(textOf(usual()))

  expect(await answers()).toEqual({ one: 9 })
})

test('states are told by the master while the stats socket is one that the next worker will have', async () => {
  await start()
  await say(`set server ${name}/one health down`)
  await say(`set server ${name}/two health up`)
  const config = await readFile(lab.config, 'utf8')
  await writeFile(lab.config, config.replaceAll(lab.statsSocket, `${lab.statsSocket}2`))

  await reload(textOf(usual()).replace('balance roundrobin', 'balance leastconn'))

  expect(await answers()).toEqual({ two: 9 })
})

test('when nobody tells them the servers are asked, and the silent lead nowhere', async () => {
  const [, , three] = members
  await start()
  if (three) three.leads = ''
  const text = textOf(usual()).replace('balance roundrobin', 'balance leastconn')
  await lab.put(`${name}.cfg`, text)
  const mute: typeof cli = {
    ask: (path, command, timeoutMs) =>
      command.includes('servers state') ? Promise.resolve('') : cli.ask(path, command, timeoutMs),
  }
  const located = await locate(files, optionsFor(lab).paths)
  const options = { command: [], timeoutMs: 10_000 }
  await reloadCarrying({ ...ports, cli: mute }, located, { next: [text], loaded: [text] }, options)

  expect(await answers()).toEqual({ one: 9 })
  expect((await rows()).three?.operation).toBe(0)
  expect(warnings).toEqual(['HAProxy does not tell the states of its servers; they are asked'])
})

test('another check is asked anew', async () => {
  await start()

  await reload(textOf(usual(), '/replica'))

  expect(Object.keys(await answers(10)).sort()).toEqual(['three', 'two'])
})

test('maintenance and drain by hand stay', async () => {
  await start(textOf(usual(), '/replica'))
  await say(`set server ${name}/two state maint`)
  await say(`set server ${name}/three state drain`)

  await reload(textOf(usual(), '/replica').replace('roundrobin', 'leastconn'))

  expect((await rows()).two?.admin).toBe(1)
  expect((await rows()).three?.admin).toBe(8)
  await say(`set server ${name}/two state ready`)
  expect(await answers()).toEqual({ two: 9 })
})

test('a weight in the text wins over one set by hand, which stays as long as the text does', async () => {
  await start()
  await say(`set server ${name}/one weight 20`)

  await reload(textOf(usual()).replace('roundrobin', 'leastconn'))
  expect((await rows()).one).toMatchObject({ weight: 20, configuredWeight: 100 })

  await reload(textOf(usual().map((line) => line.replace('100', '50'))))
  expect((await rows()).one).toMatchObject({ weight: 50, configuredWeight: 50 })
})

test('a server that is disabled in the text is, and one that no more is, is asked', async () => {
  const disabled = () => usual().map((line, index) => (index === 0 ? `${line} disabled` : line))
  await start(textOf(disabled()))
  expect((await rows()).one).toMatchObject({ admin: 5 })

  await reload(textOf(usual()))

  expect(await answers()).toEqual({ one: 9 })
  await reload(textOf(disabled()))
  expect((await rows()).one).toMatchObject({ admin: 5, operation: 0 })
})

test.each(layouts)('%s: a reload by somebody else afterwards does not load old states', async (layout) => {
  await inLayout(layout)
  await start()
  await reload(textOf(usual()).replace('roundrobin', 'leastconn'))

  await lab.reload()

  expect(Object.values(await rows()).map(({ operation }) => operation)).toEqual([2, 2, 2])
})

test('states of an agent that was killed before it took them away are not loaded', async () => {
  await start()
  const handOver = join(import.meta.dirname, '../../agent/server-state/hand-over.ts')
  const row = `1 ${name} 1 one - 0 0 100 100 0 1 2 0 6 0 0 0 - ${members[0]?.port} - 0 0 - - 0`
  const program = `
    const { systemHandOver } = await import(${JSON.stringify(handOver)})
    const header = '# be_id be_name srv_id srv_name srv_addr'
    await systemHandOver().put(${JSON.stringify(stateDir)}, new Map([[${JSON.stringify(name)}, '1\\n' + header + '\\n${row}\\n']]), 'ours')
    console.log('put')
    setInterval(() => undefined, 1000)`
  const agent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => agent.stdout.once('data', resolve))
  const ended = new Promise((resolve) => agent.once('exit', resolve))

  // While it lives they are.
  await lab.reload()
  expect((await rows()).one?.operation).toBe(0)
  agent.kill('SIGKILL')
  await ended
  await lab.reload()

  expect((await rows()).one?.operation).toBe(2)
  await reload(textOf(usual()).replace('roundrobin', 'leastconn'))
})

test.each(layouts)('%s: what runs before a start, and an apply, lead nobody astray', async (layout) => {
  await inLayout(layout)
  const own = statesFor(lab)
  const text = serviceText({ name, port, stateDir: own.dir, servers: usual() })
  await lab.put(`${name}.cfg`, text)
  await recoverLab(lab)
  await lab.start()
  await own.handOver.clear(own.dir)
  expect(await answers()).toEqual({ one: 9 })

  const engine = await testEngine(lab)
  const changed = text.replace('balance roundrobin', 'balance leastconn')
  const outcome = await engine.publish(1, { 'pg-test': { one: { [`${name}.cfg`]: changed } } })

  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
  expect(await answers()).toEqual({ one: 9 })
  expect(readdirSync(dirname(own.dir))).toEqual([])
  await rm(dirname(own.dir), { recursive: true })
})

test('before a start files are looked for where they were put, though another directory looks likelier', async () => {
  await lab.destroy()
  lab = await createHaproxyLab({ layout: 'flat' })
  await lab.start()
  const own = statesFor(lab)
  const text = serviceText({ name, port, stateDir: own.dir, servers: usual() })
  await (await testEngine(lab)).publish(1, { 'pg-test': { one: { [`${name}.cfg`]: text } } })
  await lab.stop()
  await mkdir(join(lab.serviceDir, 'conf.d'))

  await recoverLab(lab)

  expect(readdirSync(own.dir)).toEqual([name])
  await lab.start()
  expect(await answers()).toEqual({ one: 9 })
})

test('an agent that starts takes away what a start of HAProxy, or another agent, left', async () => {
  await lab.put(`${name}.cfg`, textOf(usual()))
  await writeColdStartRows(ports, lab.serviceDir)
  expect(readdirSync(stateDir)).toEqual([name])
  await lab.start()

  await clearOldStates(ports, () => locate(files, optionsFor(lab).paths), new AbortController().signal)

  expect(readdirSync(dirname(stateDir))).toEqual([])
})

test('states of a reload that comes while old ones are about to be taken away stay', async () => {
  await lab.put(`${name}.cfg`, textOf(usual()))
  await writeColdStartRows(ports, lab.serviceDir)
  await lab.start()
  const fresh = new Map([[name, 'fresh']])
  let takeAway = () => Promise.resolve()
  const locateSlowly = async () => {
    // The old ones have been looked at by now.
    takeAway = await states.handOver.put(stateDir, fresh, 'ours')
    return await locate(files, optionsFor(lab).paths)
  }

  await clearOldStates(ports, locateSlowly, new AbortController().signal)

  expect(readFileSync(join(stateDir, name), 'utf8')).toBe('fresh')
  await takeAway()
  expect(readdirSync(dirname(stateDir))).toEqual([])
})

test('states that are put and others that are taken away at the same moment do not meet', async () => {
  for (let n = 0; n < 50; n += 1) {
    await states.handOver.put(stateDir, new Map([[name, 'old']]), 'lasting')
    const old = await states.handOver.current(stateDir)
    const [takeAway] = await Promise.all([
      states.handOver.put(stateDir, new Map([[name, String(n)]]), 'ours'),
      states.handOver.clear(stateDir, old),
      states.handOver.clear(stateDir, old),
    ])

    expect(readFileSync(join(stateDir, name), 'utf8')).toBe(String(n))
    await takeAway()
    expect(readdirSync(dirname(stateDir))).toEqual([])
  }
})

test('what another process puts at the moment in which old states are taken away stays', async () => {
  const other = systemHandOver()
  for (let n = 0; n < 300; n += 1) {
    await states.handOver.put(stateDir, new Map([[name, 'old']]), 'lasting')
    const old = await states.handOver.current(stateDir)
    const clearLater = async () => {
      for (let turn = 0; turn < n % 10; turn += 1) await other.current(stateDir)
      await states.handOver.clear(stateDir, old)
    }
    await Promise.all([other.put(stateDir, new Map([[name, String(n)]]), 'lasting'), clearLater()])

    expect(readFileSync(join(stateDir, name), 'utf8')).toBe(String(n))
    await other.clear(stateDir)
    expect(readdirSync(dirname(stateDir))).toEqual([])
  }
})

/** Sessions of a server whose check is silent just when HAProxy is reloaded. */
import { rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { locate } from '../../agent/haproxy/locate.ts'
import { isMarkedDown, parseServerStats, serverStatsCommand } from '../../agent/haproxy/server-stats.ts'
import { createOldWorkers, type OldWorkers } from '../../agent/old-workers/old-workers.ts'
import { createShutdownPolicy } from '../../agent/old-workers/shutdown-policy.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { statesFor, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { createHaproxyLab, freePorts, type HaproxyLab, until } from '../support/haproxy-lab.ts'
import { serviceText } from '../support/members.ts'
import { type CheckedServer, openSession, type Session, startCheckedServer } from '../support/sessions.ts'

const cli = systemCli()
const name = 'pg-a-primary'
let lab: HaproxyLab
let engine: TestEngine
let port: number
let version: number
/** The leader; and another member. */
let one: CheckedServer
let two: CheckedServer
/** Takes every question and answers none. */
let silent: http.Server
let silentPort: number
let session: Session

beforeEach(async () => {
  lab = await createHaproxyLab()
  one = await startCheckedServer('one')
  two = await startCheckedServer('two', 503)
  silent = http.createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  // A server that listens on a network has such an address.
  silentPort = (silent.address() as AddressInfo).port
  ;[port = 0] = await freePorts(1)
  await lab.start()
  engine = await testEngine(lab)
  version = 0
  await publish({ one: one.checkPort, two: two.checkPort })
  session = await openSession(port)
  expect(session.greeting).toBe('one')
})

afterEach(async () => {
  session.close()
  await lab.destroy()
  await one.close()
  await two.close()
  silent.closeAllConnections()
  await new Promise((resolve) => silent.close(resolve))
  await rm(dirname(statesFor(lab).dir), { recursive: true, force: true })
})

/** Reloads; checks come so seldom that what is seen is what HAProxy started with. */
async function publish(checkPorts: Readonly<Record<'one' | 'two', number>>, interS = 600): Promise<void> {
  version += 1
  const server = (server: string, { port }: CheckedServer, checkPort: number) =>
    `${server} 127.0.0.1:${port} check port ${checkPort} weight ${10 + version}`
  const servers = [server('one', one, checkPorts.one), server('two', two, checkPorts.two)]
  const text = serviceText({ name, port, stateDir: statesFor(lab).dir, interS, servers })
  const outcome = await engine.publish(version, {
    'pg-a': { '': { [`${name}.cfg`]: text.replace('mode tcp', `mode tcp\n    maxconn ${1_000 + version}`) } },
  })
  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
}

async function stats() {
  const found = parseServerStats(await cli.ask(lab.statsSocket, serverStatsCommand, 5_000)) ?? []
  return Object.fromEntries(found.map((stat) => [stat.server, stat]))
}

function watcher(): OldWorkers {
  const files = systemFiles()
  return createOldWorkers(
    {
      cli,
      clock: systemClock(),
      log: pino({ level: 'silent' }),
      locate: () => locate(files, engine.options.paths),
      shutdown: createShutdownPolicy({ files, blobs: engine.blobs, state: engine.state }, lab.config),
      terminate: async () => undefined,
    },
    { maxCount: 0, maxAgeS: 0 },
  )
}

test('a leader whose new check is silent leads on, and keeps its sessions', async () => {
  await publish({ one: silentPort, two: two.checkPort })

  expect((await stats()).one).toMatchObject({ status: 'UP', checkStatus: 'INI' })
  expect((await openSession(port)).greeting).toBe('one')
  const watch = watcher()
  await watch.look()
  expect(watch.known()).toMatchObject([{ sessions: 1 }])
  expect(watch.ended()).toEqual({ markedDown: 0, overLimit: 0 })
})

test('one that starts down because another one leads keeps them until its own check has failed', async () => {
  await two.answer(200)
  await publish({ one: silentPort, two: two.checkPort })

  const { one: silenced, two: leader } = await stats()
  expect([silenced?.status, silenced?.checkStatus, leader?.status]).toEqual(['DOWN', 'INI', 'UP'])
  const watch = watcher()
  await watch.look()
  await watch.look()
  expect(watch.ended().markedDown).toBe(0)
  expect(session.endedAtMs()).toBeUndefined()

  await publish({ one: silentPort, two: two.checkPort }, 1)
  await until(async () => {
    const { one } = await stats()
    return one !== undefined && isMarkedDown(one)
  }, 20_000)
  await watch.look()
  await until(() => session.endedAtMs() !== undefined, 10_000)
  expect(watch.ended().markedDown).toBe(1)
})

test('one that answers no starts down, and its sessions are ended', async () => {
  await publish({ one: two.checkPort, two: two.checkPort })

  expect((await stats()).one).toMatchObject({ status: 'DOWN', checkStatus: 'L7STS' })
  const watch = watcher()
  await watch.look()
  await until(() => session.endedAtMs() !== undefined, 10_000)
})

import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { showProc } from '../../agent/haproxy/ask-master.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { locate } from '../../agent/haproxy/locate.ts'
import { currentWorker, supersededWorkers } from '../../agent/haproxy/show-proc.ts'
import { createOldWorkers, type OldWorkers } from '../../agent/old-workers/old-workers.ts'
import { createShutdownPolicy } from '../../agent/old-workers/shutdown-policy.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import {
  createHaproxyLab,
  freePorts,
  type HaproxyLab,
  type Layout,
  layouts,
  until,
} from '../support/haproxy-lab.ts'
import { type CheckedServer, openSession, type Session, startCheckedServer } from '../support/sessions.ts'

let lab: HaproxyLab
let engine: TestEngine
let one: CheckedServer
let two: CheckedServer
let primary: number
let replica: number
let version = 0
let sessions: Session[] = []
const cli = systemCli()

const checks = 'inter 200ms fastinter 100ms downinter 200ms rise 1 fall 2'
const shutdown = `    default-server ${checks} on-marked-down shutdown-sessions\n`

async function begin(layout: Layout): Promise<void> {
  lab = await createHaproxyLab({ layout })
  one = await startCheckedServer('one')
  two = await startCheckedServer('two', 503)
  ;[primary = 0, replica = 0] = await freePorts(2)
  await lab.start()
  engine = await testEngine(lab)
  version = 0
}

afterEach(async () => {
  for (const session of sessions) session.close()
  sessions = []
  await lab.destroy()
  await one.close()
  await two.close()
})

function listenText(name: string, port: number, options: string): string {
  const server = (server: string, { port, checkPort }: CheckedServer) =>
    `    server ${server} 127.0.0.1:${port} check port ${checkPort}\n`
  return `listen ${name}
    bind 127.0.0.1:${port}
    mode tcp
    option httpchk
    http-check expect status 200
${options}${server('s1', one)}${server('s2', two)}`
}

/** Publishes the primary service, and a second one; every call reloads. */
async function publish(options = shutdown, change = (text: string) => text): Promise<void> {
  version += 1
  const outcome = await engine.publish(version, {
    'pg-a': {
      '': {
        'pg-a-primary.cfg': change(listenText('pg-a-primary', primary, options)),
        'pg-a-replica.cfg': listenText('pg-a-replica', replica, `    fullconn ${version}\n${shutdown}`),
      },
    },
  })
  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
}

/** Waits until the current worker's own checks have found out who is what. */
async function settled(section: string, server: string, status: string): Promise<void> {
  const stat = `show stat ${section} 4 -1`
  const isSo = async () =>
    new RegExp(`^${section},${server},(?:[^,]*,){15}${status}`, 'm').test(
      await cli.ask(lab.statsSocket, stat, 5_000),
    )
  await until(isSo, 15_000)
}

async function session(port: number): Promise<Session> {
  const opened = await openSession(port)
  sessions.push(opened)
  return opened
}

function watcher(limits = { maxCount: 0, maxAgeS: 0 }): OldWorkers {
  const files = systemFiles()
  return createOldWorkers(
    {
      cli,
      clock: systemClock(),
      log: pino({ level: 'silent' }),
      locate: () => locate(files, engine.options.paths),
      shutdown: createShutdownPolicy({ files, blobs: engine.blobs, state: engine.state }, lab.config),
      terminate: async (pid) => void process.kill(pid, 'SIGTERM'),
    },
    limits,
  )
}

/** Runs the watcher until the work is done. */
async function watching<T>(work: (watch: OldWorkers) => Promise<T>, watch = watcher()): Promise<T> {
  const stop = new AbortController()
  const running = watch.run(stop.signal)
  try {
    return await work(watch)
  } finally {
    stop.abort()
    await running
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.each(layouts)('a session in a worker three reloads old, %s', (layout) => {
  let stuck: Session
  beforeEach(async () => {
    await begin(layout)
    await publish()
    await settled('pg-a-primary', 's2', 'DOWN')
    stuck = await session(primary)
    expect(stuck.greeting).toBe('one')
    for (let i = 0; i < 3; i += 1) await publish()
    await settled('pg-a-primary', 's2', 'DOWN')
  })

  test('is ended when Patroni alone is killed, and the current worker has marked its server down', async () => {
    await watching(async (watch) => {
      await until(() => watch.known().length > 0, 10_000)
      expect(watch.known()).toMatchObject([{ sessions: 1 }])
      await one.answer(0)
      await settled('pg-a-primary', 's1', 'DOWN')
      await until(() => stuck.endedAtMs() !== undefined, 10_000)
      await until(() => watch.known().length === 0, 10_000)
      expect(watch.ended()).toEqual({ markedDown: 1, overLimit: 0 })
    })
  })

  test('is ended also when the service has moved to another port of its server', async () => {
    await publish(shutdown, (text) => text.replace(`127.0.0.1:${one.port}`, `127.0.0.1:${two.port}`))
    await one.answer(503)
    await settled('pg-a-primary', 's1', 'DOWN')

    await watching(async (watch) => {
      await until(() => stuck.endedAtMs() !== undefined && watch.ended().markedDown === 1, 10_000)
    })
  })

  test('is ended when an operator puts the server into maintenance, as HAProxy does itself', async () => {
    const fresh = await session(primary)
    await watching(async () => {
      await cli.ask(lab.statsSocket, 'set server pg-a-primary/s1 state maint', 15_000)
      await until(() => stuck.endedAtMs() !== undefined && fresh.endedAtMs() !== undefined, 10_000)
    })
  })

  test('is ended by an agent that was not there when the server went down', async () => {
    await one.answer(503)
    await settled('pg-a-primary', 's1', 'DOWN')
    await pause(300)
    expect(stuck.endedAtMs()).toBeUndefined()

    await watching(() => until(() => stuck.endedAtMs() !== undefined, 10_000))
  })

  test('stays while its server is up, though another one is down', async () => {
    await watching(() => pause(800))

    expect(stuck.endedAtMs()).toBeUndefined()
  })

  test('cannot be ended by the commands that the current worker takes', async () => {
    const proc = await showProc(cli, lab.masterSocket)
    const [old] = proc ? supersededWorkers(proc) : []
    const ask = (command: string) => cli.ask(lab.masterSocket, `@!${old?.pid} ${command}`, 15_000)

    expect(await ask('set server pg-a-primary/s1 health down')).toContain('Proxy is disabled.')
    expect(await ask('shutdown sessions server pg-a-primary/s1')).toContain('Proxy is disabled.')
    expect(stuck.endedAtMs()).toBeUndefined()
  })

  test('stays when the service says nothing of on-marked-down', async () => {
    await publish(`    default-server ${checks}\n`)
    await watching(async () => {
      await one.answer(503)
      await settled('pg-a-primary', 's1', 'DOWN')
      await pause(800)
    })

    expect(stuck.endedAtMs()).toBeUndefined()
  })

  test('is ended with its worker when there are too many, but not the worker that serves', async () => {
    const other = await session(primary)
    await publish()
    const newest = await session(primary)
    await watching(
      async (watch) => {
        await until(() => stuck.endedAtMs() !== undefined, 10_000)
        await until(() => watch.known().length === 1, 10_000)
        expect(watch.ended()).toEqual({ markedDown: 0, overLimit: 1 })
      },
      watcher({ maxCount: 1, maxAgeS: 0 }),
    )

    expect([other.endedAtMs(), newest.endedAtMs()]).toEqual([undefined, undefined])
  })

  test('is ended with its worker when that has been old for too long', async () => {
    await watching(
      () => until(() => stuck.endedAtMs() !== undefined, 10_000),
      watcher({ maxCount: 0, maxAgeS: 2 }),
    )
    const proc = await showProc(cli, lab.masterSocket)

    expect(proc && currentWorker(proc)).toBe(await lab.workerPid())
  })
})

test.each(layouts)('sessions on other servers and of other services stay, %s', async (layout) => {
  await begin(layout)
  await two.answer(200)
  await publish()
  const all = await Promise.all([primary, primary, replica, replica].map(session))
  await publish(shutdown.replace(checks, `${checks} weight 3`))
  await settled('pg-a-primary', 's2', 'UP')
  await watching(async () => {
    // The check goes for the server as a whole; the second service is told apart by its own state.
    await cli.ask(lab.statsSocket, 'set server pg-a-primary/s1 health down', 15_000)
    await until(() => all.some((one) => one.endedAtMs() !== undefined), 10_000)
    await cli.ask(lab.statsSocket, 'set server pg-a-primary/s1 health up', 15_000)
    await pause(300)
  })
  const ended = all.map((one, index) => (one.endedAtMs() === undefined ? undefined : [index, one.greeting]))

  expect(ended.filter((entry) => entry !== undefined)).toEqual([[expect.any(Number), 'one']])
  expect(ended.slice(2)).toEqual([undefined, undefined])
})

test('an old worker that stands still is known to be silent, and the others go on being looked at', async () => {
  await begin('conf.d')
  await publish()
  const stuck = await lab.workerPid()
  process.kill(stuck, 'SIGSTOP')
  try {
    await publish()
    await watching(async (watch) => {
      await until(() => watch.known().some(({ pid, silent }) => pid === stuck && silent === true), 30_000)
    })
  } finally {
    process.kill(stuck, 'SIGKILL')
  }
})

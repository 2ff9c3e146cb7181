/** Controller and agent on one host, as on Pigsty's admin node: both have a socket in /run/pgsvc. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Server } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveNotifySocket } from '../../agent/follow/notify-socket.ts'
import { listenUnix, type UnixListener } from '../../controller/stream/grpc-listeners.ts'
import { createLogger } from '../../shared/log/logger.ts'
import { until } from '../support/haproxy-lab.ts'

/** Nobody's: Patroni runs as another user than the agent. */
const stranger = { uid: 65_534, gid: 65_534, cwd: '/' }

const log = createLogger('test', 'silent')

let dir: string
let stop: AbortController
let served: Promise<void>
let server: Server
let listener: UnixListener | undefined
let umask: number

beforeEach(() => {
  umask = process.umask(0o027)
  dir = mkdtempSync('/run/pgsvc-test-')
  chmodSync(dir, 0o755)
  stop = new AbortController()
  served = Promise.resolve()
  server = new Server()
})

afterEach(async () => {
  process.umask(umask)
  stop.abort()
  await served
  listener?.close()
  server.forceShutdown()
  rmSync(dir, { recursive: true })
})

/** To connect to a unix socket is to write to it. */
function canConnect(path: string): boolean {
  return spawnSync('/usr/bin/test', ['-w', path], stranger).status === 0
}

async function hear(path: string, closed: (dir: string) => void = () => undefined): Promise<void> {
  served = serveNotifySocket(path, { onCallback: () => undefined, onClosedDir: closed }, stop.signal)
  await until(async () => spawnSync('/usr/bin/test', ['-w', path]).status === 0, 20_000)
}

test.each(['controller', 'agent'])(
  'when the %s comes first Patroni reaches the agent, and only operators the controller',
  async (first) => {
    const [controller, notify] = [join(dir, 'run', 'controller.sock'), join(dir, 'run', 'notify.sock')]
    const listen = async () => {
      listener = await listenUnix(server, controller, { mode: 0o660 }, () => undefined, log)
    }
    const starts = [listen, () => hear(notify)]

    for (const start of first === 'controller' ? starts : starts.toReversed()) await start()

    expect(canConnect(notify)).toBe(true)
    expect(canConnect(controller)).toBe(false)
  },
)

test('a directory that lets Patroni not through is told', async () => {
  chmodSync(dir, 0o750)
  const closed: string[] = []

  await hear(join(dir, 'run', 'notify.sock'), (path) => closed.push(path))

  expect(closed).toEqual([dir])
})

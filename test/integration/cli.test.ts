/** HAProxy's sockets, as they behave when HAProxy is going away. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemCli } from '../../agent/haproxy/cli.ts'

let dir: string
let server: Server | undefined

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pgsvc-cli-'))
})

afterEach(async () => {
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  await rm(dir, { recursive: true, force: true })
})

async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const path = join(dir, 'stats.sock')
  // What is sent stays unread: closing then resets the connection.
  server = createServer({ pauseOnConnect: true }, onConnection)
  await new Promise<void>((resolve) => server?.listen(path, resolve))
  return path
}

test('a connection that is reset before anything was said is no answer', async () => {
  const path = await listen((socket) => setTimeout(() => socket.destroy(), 100))

  await expect(systemCli().ask(path, 'set server a/s health down', 2_000)).rejects.toMatchObject({
    code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/),
  })
})

test('what was said before a reset is the answer', async () => {
  const path = await listen((socket) => {
    socket.write('Success=1\n')
    setTimeout(() => socket.destroy(), 100)
  })

  expect(await systemCli().ask(path, 'reload', 2_000)).toBe('Success=1\n')
})

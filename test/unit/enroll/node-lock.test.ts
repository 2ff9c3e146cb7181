import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex, PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockScript, underNodeLock } from '../../../controller/enroll/node-lock.ts'
import { rootShell } from '../../../controller/ssh/root-shell.ts'
import type { SshSession } from '../../../controller/ssh/session.ts'

let folder = ''
const holders: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-lock-'))
})
afterEach(() => {
  for (const one of holders.splice(0)) one.stdin?.end()
  rmSync(folder, { recursive: true, force: true })
})

function begin(who: string, env?: NodeJS.ProcessEnv) {
  const child = spawn('/bin/sh', ['-c', lockScript(who, join(folder, 'lock'))], { env })
  holders.push(child)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const held = new Promise<void>((resolve) =>
    child.stdout.on('data', () => said.includes('held\n') && resolve()),
  )
  const ended = once(child, 'close').then(([status]) => ({ status, said }))
  return { child, held, ended }
}

test('the second is refused with the name of the first, and may when that is gone', async () => {
  const first = begin("enroll by o'hara")
  await first.held
  const refused = await begin('enroll by b').ended
  expect(refused.status).toBe(75)
  expect(refused.said).toMatch(/^enroll by o'hara, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/)

  first.child.stdin.write('..')
  expect((await begin('enroll by b').ended).status).toBe(75)
  first.child.stdin.end()
  expect((await first.ended).status).toBe(0)
  expect(existsSync(join(folder, 'lock'))).toBe(false)
  const next = begin('enroll by b')
  await next.held
})

test.each([
  ['is not there', undefined],
  ['fails, with whichever status', 'exit 75'],
])('a flock that %s is not taken for somebody who holds the lock', async (_name, script) => {
  if (script !== undefined) {
    writeFileSync(join(folder, 'flock'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'flock'), 0o755)
  }
  expect((await begin('enroll by a', { PATH: folder }).ended).status).toBe(1)
})

/** A node that takes the lock, and whose command never comes to its end. */
function hanging(): { readonly session: SshSession; readonly isClosed: () => boolean } {
  const [out, input] = [new PassThrough(), new PassThrough()]
  const channel = Duplex.from({ readable: out, writable: input })
  channel.on('error', () => undefined)
  const session: SshSession = {
    peer: 'root@n1',
    user: 'root',
    close: () => undefined,
    start: async (command) => {
      out.write(`${/pgsvc-[0-9a-f]{24}/.exec(command)?.[0]}\nheld\n`)
      return { channel, stderr: new PassThrough(), said: '', ended: new Promise(() => undefined) }
    },
  }
  return { session, isClosed: () => channel.destroyed }
}

test('a node that hangs when all is done holds nobody', async () => {
  const { session, isClosed } = hanging()
  const shell = rootShell(session, { password: undefined })
  const { signal } = new AbortController()
  const value = await underNodeLock(shell, 'n1', 'enroll by a', signal, async () => 'done', 20)
  expect(value).toBe('done')
  expect(isClosed()).toBe(true)
})

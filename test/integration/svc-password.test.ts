/** What `pgsql-svc --ssh` is told of sudo's password: whatever is wrong with it, or Ctrl-C, and nothing is published. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FakeController, startFakeController } from './cli-fake-controller.ts'
import { runCommand } from './cli-process.ts'

let fake: FakeController
let folder = ''

beforeAll(async () => {
  fake = await startFakeController()
  folder = await mkdtemp(join(tmpdir(), 'pgsvc-password-'))
  const member = '10.10.10.11: { pg_seq: 1, pg_role: primary }'
  await writeFile(
    join(folder, 'pigsty.yml'),
    `all: { children: { pg-test: { hosts: { ${member} }, vars: { pg_cluster: pg-test } } } }\n`,
  )
})
afterAll(async () => {
  await fake.stop()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  // No node is connected: all go over SSH.
  fake.script = { status: { nodes: [] }, act: async () => undefined }
  fake.requests.length = 0
})

/** A command on a terminal of its own, and somebody who types when asked. */
async function answering(keys: string, ...flags: string[]) {
  const root = join(import.meta.dirname, '../..')
  const line = ['exec', join(root, 'bin/pgsql-svc'), 'pg-test', '--ssh', ...flags].join(' ')
  const env = { ...process.env, PGSVC_CONTROLLER: fake.address, TERM: 'xterm', SHELL: '/bin/bash' }
  const child = spawn('script', ['-qefc', line, '/dev/null'], { env, timeout: 60_000, killSignal: 'SIGKILL' })
  let text = ''
  let isAsked = false
  child.stdout.setEncoding('utf8').on('data', (words: string) => {
    text += words
    if (isAsked || !text.includes('BECOME password: ')) return
    isAsked = true
    child.stdin.write(keys)
  })
  const [status] = await once(child, 'close')
  return { status, text, isAsked }
}

test.each([
  ['Ctrl-C', '\u0003'],
  ['the end of the input', '\u0004'],
])('%s at the question ends the command, and nothing is published', async (_name, keys) => {
  const run = await answering(keys, '-K', '-i', join(folder, 'pigsty.yml'))

  expect(run.isAsked, run.text).toBe(true)
  expect(run.status).toBe(2)
  expect(run.text).toContain('interrupted: nothing has changed on any node')
  expect(fake.requests).toEqual([])
})

test.each([
  ['a file that is not there', ['--become-password-file', '/nope'], '--become-password-file: ENOENT'],
  ['no terminal to ask at', ['-K'], 'there is no terminal to ask at'],
  ['both', ['-K', '--become-password-file', '/nope'], 'exclude each other'],
  ['a key that is not there', ['--private-key', '/nope'], '--private-key: ENOENT'],
  ['a program that is not there', ['--program', '/nope'], '--program: ENOENT'],
])('%s: nothing is asked of the controller', async (_name, flags, words) => {
  const args = ['pg-test', '10.10.10.11', '--ssh', '-i', join(folder, 'pigsty.yml'), ...flags]
  const env = { PGSVC_CONTROLLER: fake.address }
  const run = await runCommand('pgsql-svc', args, env)

  expect(run.status).toBe(1)
  expect(run.stdout).toContain(words)
  expect(run.stdout).toContain('nothing has changed on any node')
  expect(fake.requests).toEqual([])
  const json = await runCommand('pgsql-svc', [...args, '--json'], env)
  const last: unknown = JSON.parse(json.stdout.trim().split('\n').at(-1) ?? '')
  expect(last).toMatchObject({ event: 'summary', ok: false, committed: false, exit: 1 })
})

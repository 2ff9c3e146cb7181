import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockScript } from '../../../controller/enroll/node-lock.ts'

let folder = ''
const holders: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pgsvc-lock-'))
})
afterEach(() => {
  for (const one of holders.splice(0)) one.stdin?.end()
  rmSync(folder, { recursive: true, force: true })
})

function begin(who: string) {
  const child = spawn('/bin/sh', ['-c', lockScript(who, join(folder, 'lock'))])
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

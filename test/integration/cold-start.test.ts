/** What HAProxy starts with when the network is not there yet. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Asker, systemAsker } from '../../agent/server-state/ask.ts'
import { coldStartMs, writeColdStartRows } from '../../agent/server-state/cold-start.ts'
import { systemHandOver } from '../../agent/server-state/hand-over.ts'
import type { Answer } from '../../agent/server-state/probe.ts'
import { parseServersState } from '../../agent/server-state/rows.ts'
import { type Clock, systemClock } from '../../shared/ports/clock.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { serviceText } from '../support/members.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pgsvc-cold-'))
})
afterEach(() => rm(dir, { recursive: true }))

/** Two members; the first one leads, by address. */
const members = ['198.51.100.11', '198.51.100.12']

async function start(asker: Asker, clock: Clock = systemClock(), checkPort = 8008) {
  const [stateDir, serviceDir] = [join(dir, 'server-state'), join(dir, 'conf.d')]
  const servers = members.map((address, index) => `s${index} ${address}:5432 check port ${checkPort}`)
  const text = serviceText({ name: 'pg-a-primary', port: 5433, stateDir, servers })
  await systemFiles().makeDir(serviceDir)
  await writeFile(join(serviceDir, 'pg-a-primary.cfg'), text)
  const states = { asker, handOver: systemHandOver(), dir: stateDir }
  const made = await writeColdStartRows({ files: systemFiles(), clock, states }, serviceDir)
  const rows = parseServersState(await readFile(join(stateDir, 'pg-a-primary'), 'utf8'))
  return { made, operations: [...(rows?.values() ?? [])].map(({ operation }) => operation) }
}

/** Time passes only by waiting. */
function scene(answerAt: (nowMs: number, address: string) => Answer) {
  let nowMs = 0
  let asked = 0
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms
    },
  }
  const asker: Asker = {
    async ask({ host }) {
      asked += 1
      return answerAt(nowMs, host)
    },
  }
  return { clock, asker, elapsedMs: () => nowMs, asked: () => asked }
}

const leads = (address: string) => (address === members[0] ? 'passes' : 'fails')

test('a network that is not there yet is waited for', async () => {
  const { asker, clock, elapsedMs } = scene((nowMs, address) =>
    nowMs < 1_500 ? 'unreachable' : leads(address),
  )

  const { made, operations } = await start(asker, clock)

  expect(operations).toEqual([2, 0])
  expect(made).toEqual({ sections: 1, asked: 2, passed: 1, unreachable: 0 })
  expect(elapsedMs()).toBeLessThan(1_700)
})

test('when it does not come all start down, none by no row, and the start goes on in time', async () => {
  const { asker, clock, elapsedMs } = scene(() => 'unreachable')

  const { made, operations } = await start(asker, clock)

  expect(operations).toEqual([0, 0])
  expect(made).toMatchObject({ asked: 2, unreachable: 2 })
  expect(elapsedMs()).toBeLessThanOrEqual(coldStartMs)
})

test.each([
  ['silent', 'unreachable'],
  ['silent', 'silent'],
  ['fails', 'unreachable'],
  ['fails', 'fails'],
] as const)('where one is %s and one is %s there is a network: nobody is waited for', async (one, two) => {
  const { asker, clock, asked } = scene((_nowMs, address) => (address === members[0] ? one : two))

  expect((await start(asker, clock)).operations).toEqual([0, 0])
  expect(asked()).toBe(2)
})

test('an address that comes up meanwhile is found, by real connections', async () => {
  const patroni = http.createServer((_request, response) => response.end())
  await new Promise<void>((resolve) => patroni.listen(0, '0.0.0.0', resolve))
  // A server that listens on a network has such an address.
  const { port } = patroni.address() as AddressInfo
  const address = (what: 'add' | 'del') => execFileSync('ip', ['addr', what, `${members[0]}/24`, 'dev', 'lo'])
  const first: Answer[] = []
  const asker: Asker = {
    async ask(probe, timeoutMs) {
      const answer = await systemAsker().ask(probe, timeoutMs)
      if (first.push(answer) === members.length) address('add')
      return answer
    },
  }
  try {
    expect((await start(asker, systemClock(), port)).operations[0]).toBe(2)
    expect(first.slice(0, 2)).toEqual(['unreachable', 'unreachable'])
  } finally {
    if (first.length >= members.length) address('del')
    await new Promise((resolve) => patroni.close(resolve))
  }
})

import { expect, test } from 'vitest'
import { createLooker } from '../../../agent/follow/look.ts'
import type { Answer } from '../../../agent/server-state/probe.ts'

const probe = (name: string, path = '/primary') => ({
  ...{ host: name, port: 8008, method: 'OPTIONS', path, headers: {} },
  ...{ expect: [[200, 200]] as const, tls: undefined },
})
const group = (path: string) => ({
  sections: [],
  probes: new Map(['a', 'b'].map((name) => [name, probe(name, path)] as const)),
})

/** Time that passes only when everybody waits. */
function world() {
  let nowMs = 0
  let timers: { readonly atMs: number; readonly ring: () => void }[] = []
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = { atMs: nowMs + ms, ring: resolve }
      timers.push(timer)
      signal?.addEventListener('abort', () => {
        timers = timers.filter((one) => one !== timer)
        resolve()
      })
    })
  const clock = { monotonic: () => nowMs, sleep }
  /** Whatever is waited for. */
  const passUntil = async <T>(done: Promise<T>): Promise<T> => {
    let isOver = false
    void done.then(() => {
      isOver = true
    })
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      if (isOver) return await done
      const next = timers.sort((one, other) => one.atMs - other.atMs).shift()
      if (!next) throw new Error('nothing will happen any more')
      nowMs = Math.max(nowMs, next.atMs)
      next.ring()
    }
  }
  return { clock, passUntil, nowMs: () => nowMs }
}

/** @param tookMs - by member; longer than its patience is silence */
function members(tookMs: Record<string, number>, passing: () => readonly string[]) {
  const { clock, passUntil, nowMs } = world()
  const asked: string[] = []
  const asker = {
    async ask(
      { host, path }: { readonly host: string; readonly path: string },
      timeoutMs: number,
    ): Promise<Answer> {
      asked.push(`${host} ${path}`)
      const ms = tookMs[host] ?? 0
      await clock.sleep(Math.min(ms, timeoutMs))
      if (ms >= timeoutMs) return 'silent'
      return passing().includes(host) ? 'passes' : 'fails'
    },
  }
  const looker = createLooker(asker, clock)
  const look = async (...paths: readonly string[]) => {
    const fromMs = nowMs()
    const groups = (paths.length > 0 ? paths : ['/primary']).map(group)
    const [answers] = await passUntil(looker.look({ groups }))
    return { a: answers?.get('a'), b: answers?.get('b'), ms: nowMs() - fromMs }
  }
  return { look, asked, pass: (ms: number) => passUntil(clock.sleep(ms)), tookMs }
}

test('a busy member that answers late is heard in the next look, and has a second again from then on', async () => {
  const { look, pass, tookMs } = members({ a: 1_200 }, () => ['a'])
  expect(await look()).toEqual({ a: 'silent', b: 'fails', ms: 1_000 })

  expect(await look()).toEqual({ a: 'passes', b: 'fails', ms: 200 })
  tookMs.a = 700
  await pass(200)
  expect(await look()).toEqual({ a: 'passes', b: 'fails', ms: 700 })
  await pass(200)
  expect(await look()).toEqual({ a: 'passes', b: 'fails', ms: 700 })
})

test('an answer that came between two looks counts in the next one', async () => {
  const { look, pass } = members({ a: 1_100 }, () => ['a'])
  await look()
  await pass(200)

  expect(await look()).toEqual({ a: 'passes', b: 'fails', ms: 0 })
})

test('one that came long before does not count, and the member has a second again', async () => {
  let leads = ['a']
  const { look, pass, tookMs } = members({ a: 1_100 }, () => leads)
  await look()
  await pass(10_000)
  leads = []
  tookMs.a = 900

  expect(await look()).toEqual({ a: 'fails', b: 'fails', ms: 900 })
})

test('a member that stays silent keeps nobody waiting for long, and is asked once a second', async () => {
  const { look, asked, pass } = members({ a: 60_000 }, () => ['b'])
  expect(await look()).toEqual({ a: 'silent', b: 'passes', ms: 1_000 })
  for (let n = 0; n < 12; n += 1) {
    await pass(200)
    expect(await look()).toEqual({ a: 'silent', b: 'passes', ms: 250 })
  }

  // 6.4 s.
  expect(asked.filter((name) => name.startsWith('a '))).toHaveLength(5)
})

test('a member that did not get the question is heard when it gets the next one', async () => {
  const { look, pass, tookMs } = members({ a: 60_000 }, () => ['a'])
  await look()
  tookMs.a = 10
  await pass(200)

  expect(await look()).toEqual({ a: 'passes', b: 'fails', ms: 10 })
})

test('what two groups ask of a member is asked once', async () => {
  const { look, asked } = members({}, () => [])
  await look('/primary', '/primary', '/leader')

  expect(asked.sort()).toEqual(['a /leader', 'a /primary', 'b /leader', 'b /primary'])
})

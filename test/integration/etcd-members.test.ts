import { execFileSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createEtcdLab, type EtcdLab, type EtcdMember } from '../support/etcd-lab.ts'
import { startWatch, type TestWatch, type TestWatchOptions } from '../support/etcd-watch.ts'
import { until } from '../support/haproxy-lab.ts'

let lab: EtcdLab
let first: EtcdMember
let second: EtcdMember
let third: EtcdMember
let watches: TestWatch[] = []

beforeAll(async () => {
  lab = await createEtcdLab({ members: 3 })
  const [a, b, c] = lab.members
  if (!a || !b || !c) throw new Error('this etcd has three members')
  first = a
  second = b
  third = c
})

afterAll(() => lab.destroy())

beforeEach(async () => {
  for (const member of lab.members) member.thaw()
  await Promise.all(lab.members.map((member) => member.start()))
  await put('pg-test-1')
})

afterEach(async () => {
  for (const watch of watches) await watch.stop()
  watches = []
})

async function watching(endpoints = lab.endpoints, options: TestWatchOptions = {}): Promise<TestWatch> {
  const watch = startWatch(endpoints, options)
  watches.push(watch)
  await watch.watching()
  return watch
}

/** Members that choose a new leader of their own take nothing meanwhile. */
async function put(leader: string, asked = lab.members): Promise<void> {
  const attempt = () => lab.ctl(['put', '/pg/pg-test/leader', leader], { asked })
  await until(
    () =>
      attempt().then(
        () => true,
        () => false,
      ),
    60_000,
  )
}

/** The member that is watched, and the others. */
async function watchedMember(watch: TestWatch): Promise<{ watched: EtcdMember; others: EtcdMember[] }> {
  await watch.watching()
  const state = watch.state()
  const watched = lab.members.find((member) => 'endpoint' in state && member.endpoint === state.endpoint)
  if (!watched) throw new Error('a member of this etcd is watched')
  return { watched, others: lab.members.filter((member) => member !== watched) }
}

/** Which of them it is hangs on which knew a new leader first. */
async function movesTo(watch: TestWatch, members: readonly EtcdMember[]): Promise<void> {
  const endpoints = members.map(({ endpoint }) => endpoint)
  await until(() => {
    const state = watch.state()
    return state.kind === 'watching' && endpoints.includes(state.endpoint)
  }, 60_000)
}

test('when the watched member dies another one is watched, and nothing is missed', async () => {
  const watch = await watching()
  const { watched, others } = await watchedMember(watch)

  await watched.kill('SIGKILL')
  await put('pg-test-2', others)
  await movesTo(watch, others)
  await watch.hears('pg-test: pg-test-2')
  await put('pg-test-3', others)
  await watch.hears('pg-test: pg-test-3')

  expect(watch.told).toEqual(['pg-test: pg-test-1', 'pg-test: pg-test-2', 'pg-test: pg-test-3'])
})

test('when the watched member stands still another one is watched', async () => {
  const watch = await watching()
  const { watched, others } = await watchedMember(watch)

  watched.freeze()
  await movesTo(watch, others)
  await put('pg-test-2', others)
  await watch.hears('pg-test: pg-test-2')
})

test('a member that has lost the others is not believed; when the majority is back, what it did is told', async () => {
  const watch = await watching([first.endpoint])

  await Promise.all([second.kill('SIGKILL'), third.kill('SIGKILL')])
  await watch.trying('no leader')
  await first.kill('SIGTERM')
  await Promise.all([second.start(), third.start()])
  await put('pg-test-2', [second, third])
  await first.start()
  await watch.hears('pg-test: pg-test-2')

  expect(watch.told).toEqual(['pg-test: pg-test-1', 'pg-test: pg-test-2'])
})

test('a host that drops everything is given up in time, and leaves nothing behind at the end', async () => {
  // A neighbour that is known, and is not there.
  ip('link add pgsvc-void type veth peer name pgsvc-gone')
  ip('link set pgsvc-gone up')
  ip('link set pgsvc-void up')
  ip('addr add 192.0.2.1/24 dev pgsvc-void')
  ip('neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev pgsvc-void nud permanent')
  try {
    const watch = await watching(['192.0.2.2:2379', second.endpoint], { times: { callTimeoutMs: 1_000 } })
    const connecting = startWatch(['192.0.2.2:2379'], { times: { callTimeoutMs: 600_000 } })
    await until(() => process.getActiveResourcesInfo().includes('ConnectWrap'), 60_000)

    await connecting.stop()

    await until(() => !process.getActiveResourcesInfo().includes('ConnectWrap'), 60_000)
    expect(watch.lines.map(({ reason }) => reason)).toContain(
      'no connection to 192.0.2.2:2379 within 1000 ms',
    )
    expect(watch.state()).toMatchObject({ kind: 'watching', endpoint: second.endpoint })
  } finally {
    ip('link del pgsvc-void')
  }
})

function ip(words: string): void {
  execFileSync('ip', words.split(' '))
}

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Cli, systemCli } from '../../agent/haproxy/cli.ts'
import { statesFor, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { type Scene, startScene } from '../support/haproxy-lab.ts'

let scene: Scene
let engine: TestEngine
/** What is asked of HAProxy's sockets; a test may put its own answer in between. */
let answer: (command: string) => string | undefined
const real = systemCli()
const cli: Cli = {
  ask: async (path, command, timeoutMs) => answer(command) ?? (await real.ask(path, command, timeoutMs)),
}

beforeEach(async () => {
  scene = await startScene()
  await scene.lab.start()
  answer = () => undefined
  engine = await testEngine(scene.lab, { cli })
})

afterEach(() => scene.end())

function text(weights: readonly number[], more = ''): string {
  const ports = [scene.red.port, scene.blue.port]
  const servers = weights.map((weight, i) => `    server s${i} 127.0.0.1:${ports[i]} weight ${weight}\n`)
  return `listen pg-a\n    bind 127.0.0.1:${scene.port}\n    mode tcp\n${more}${servers.join('')}`
}

let version = 0
const publish = (content: string) => {
  version += 1
  return engine.publish(version, { 'pg-a': { '': { 'pg-a.cfg': content } } })
}

async function weightOf(server: string): Promise<string> {
  return (await real.ask(scene.lab.statsSocket, `get weight pg-a/${server}`, 2_000)).trim()
}

test('a new weight reaches the running worker and the disk, without a reload', async () => {
  await publish(text([100, 50]))
  const worker = await scene.lab.workerPid()

  expect(await publish(text([100, 7]))).toMatchObject({
    kind: 'applied',
    change: 'runtime',
    reasons: ['weight of pg-a/s1 is 7 instead of 50'],
    causes: [],
  })

  expect(await scene.lab.workerPid()).toBe(worker)
  expect(await weightOf('s1')).toBe('7 (initial 50)')
  expect(await scene.lab.get('pg-a.cfg')).toBe(text([100, 7]))
  expect(engine.state()).toMatchObject({ confirmed: true, generation: 2 })

  // What the worker was told counts as loaded from now on.
  expect(await publish(text([100, 7]))).toMatchObject({ change: 'none' })
  expect(await publish(text([1, 50]))).toMatchObject({ change: 'runtime' })
  expect([await weightOf('s0'), await weightOf('s1')]).toEqual(['1 (initial 100)', '50 (initial 50)'])
})

test('weights told to the worker are those of the next one, whatever came before', async () => {
  await publish(text([100, 50]))
  await publish(text([100, 7]))

  expect(await publish(text([100, 50], '    fullconn 10\n'))).toMatchObject({ change: 'reload' })
  expect(await weightOf('s1')).toBe('50 (initial 50)')
})

test('a weight that was told is carried over a reload, and gives way to a new one, as any state', async () => {
  const { dir } = statesFor(scene.lab)
  const carried = `    load-server-state-from-file local\n    server-state-file-name ${dir}/pg-a\n`
  await publish(text([100, 50], carried))
  expect(await publish(text([100, 7], carried))).toMatchObject({ change: 'runtime' })

  expect(await publish(text([100, 7], `${carried}    fullconn 10\n`))).toMatchObject({ change: 'reload' })
  expect(await weightOf('s1')).toBe('7 (initial 7)')
  expect(await publish(text([100, 3], `${carried}    fullconn 10\n`))).toMatchObject({ change: 'runtime' })
  expect(await publish(text([100, 7], carried))).toMatchObject({ change: 'reload' })
  expect(await weightOf('s1')).toBe('7 (initial 7)')
})

test('more weights than fit on one line are told too', async () => {
  const many = (weight: number) =>
    `listen pg-a\n    bind 127.0.0.1:${scene.port}\n    mode tcp\n${Array.from({ length: 120 }, (_, i) => `    server s${i} 127.0.0.1:${scene.red.port} weight ${weight}\n`).join('')}`
  await publish(many(5))

  expect(await publish(many(6))).toMatchObject({ change: 'runtime' })
  expect(await weightOf('s119')).toBe('6 (initial 5)')
})

test('a worker that does not take a weight is reloaded once', async () => {
  const balance = '    balance static-rr\n'
  await publish(text([100, 50], balance))

  expect(await publish(text([100, 7], balance))).toMatchObject({
    kind: 'applied',
    change: 'reload',
    causes: ['runtime-failed'],
    reasons: [
      'weight of pg-a/s1 is 7 instead of 50',
      expect.stringMatching(/^the running worker did not take it: Backend is using a static LB algorithm/),
    ],
  })
  expect(await weightOf('s1')).toBe('7 (initial 7)')
})

test('a reload by somebody else between the files and the weights is followed by one of ours', async () => {
  await publish(text([100, 50]))
  // The worker that is current at the end is not the one that was told.
  let seen = 0
  answer = (command) => {
    if (command !== 'show proc') return undefined
    seen += 1
    return seen === 2
      ? '1 master 99 [failed: 0] 0d00h00m01s 2.6\n# workers\n5 worker 0 0d00h00m01s 2.6\n'
      : undefined
  }
  expect(await publish(text([100, 8]))).toMatchObject({
    change: 'reload',
    causes: ['runtime-failed'],
    reasons: [expect.any(String), expect.stringContaining('reloaded by somebody else')],
  })
})

test('when neither the weights nor the reload work, the next apply takes nothing for loaded', async () => {
  await publish(text([100, 50]))
  answer = (command) => {
    if (command.includes('weight')) return 'No such server.'
    return command === 'reload' ? 'Success=0\n--\nno\n' : undefined
  }
  expect(await publish(text([100, 7]))).toMatchObject({ kind: 'failed', fault: { stage: 'reload' } })
  expect(await scene.lab.get('pg-a.cfg')).toBe(text([100, 50]))

  answer = () => undefined
  expect(await publish(text([100, 50]))).toMatchObject({ kind: 'applied', change: 'reload' })
})

/** What services of ours and files of others listen on, side by side in a real HAProxy. */
import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Applied } from '../../agent/apply/outcome.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { parseShowProc } from '../../agent/haproxy/show-proc.ts'
import { type OwnerFiles, service, type TestEngine, testEngine } from '../support/haproxy-agent.ts'
import { type HaproxyLab, type Scene, startScene, whoAnswers } from '../support/haproxy-lab.ts'

let scene: Scene
let lab: HaproxyLab
let engine: TestEngine
let port: number
let otherPort: number

beforeEach(async () => {
  scene = await startScene()
  ;({ lab, port, otherPort } = scene)
  engine = await testEngine(lab)
})

afterEach(() => scene.end())

const one = (name: string, text: string): OwnerFiles => ({ '': { [`${name}.cfg`]: text } })
const ours = (name: string, ofPort: number, more = '') =>
  one(name, service(name, ofPort, scene.blue.port, more))

async function applied(version: number, owners: Readonly<Record<string, OwnerFiles>>): Promise<Applied> {
  const outcome = await engine.publish(version, owners)
  if (outcome.kind === 'failed') throw new Error(`${outcome.fault.code}: ${outcome.fault.message}`)
  return outcome
}

const failedReloads = async () =>
  parseShowProc(await systemCli().ask(lab.masterSocket, 'show proc', 5_000))?.failed

test('a service that would share the port of a file of somebody else is left out: clients would reach either', async () => {
  await lab.put('foreign.cfg', service('foreign', port, scene.red.port))
  await lab.start()

  await applied(1, { a: ours('a', port), b: ours('b', otherPort) })

  expect(engine.state().quarantined).toMatchObject([
    {
      owner: 'a',
      fault: {
        ...{ stage: 'validate', code: 'PORT_CLASH', file: 'a.cfg', line: 2 },
        message: `port ${port} is also one of foreign.cfg:2, which is not ours; HAProxy would split the connections between both`,
      },
    },
  ])
  const answers = await Promise.all(Array.from({ length: 20 }, () => whoAnswers(port)))
  expect(new Set(answers)).toEqual(new Set(['red']))
  expect(await whoAnswers(otherPort)).toBe('blue')
})

test("the port of a service in HAProxy's own file is none for ours either", async () => {
  await writeFile(lab.config, `listen own\n    bind 127.0.0.1:${port}\n`, { flag: 'a' })
  await lab.start()

  expect(await engine.publish(1, { a: ours('a', port) })).toMatchObject({
    kind: 'failed',
    fault: { code: 'PORT_CLASH', owner: 'a', message: expect.stringMatching(/haproxy\.cfg:\d+/) },
  })
})

test.each([
  ['another address', 'bind 127.0.0.2:PORT\n'],
  ['a section that is disabled', 'bind 127.0.0.1:PORT\n    disabled\n'],
  ['every address: the service has the one of its own to itself', 'bind *:PORT\n'],
  ['another port', 'bind 127.0.0.1:1\n    disabled\n'],
])('%s of somebody else is in nobody’s way', async (_case, bind) => {
  await lab.put('foreign.cfg', `listen foreign\n    mode tcp\n    ${bind.replace('PORT', String(port))}`)
  await lab.start()

  await applied(1, { a: ours('a', port) })

  const answers = await Promise.all(Array.from({ length: 20 }, () => whoAnswers(port)))
  expect(new Set(answers)).toEqual(new Set(['blue']))
})

test('a file that Ansible wrote and that becomes ours does not clash with itself', async () => {
  await lab.put('a.cfg', service('a', port, scene.blue.port))
  await lab.start()

  expect(await applied(1, { a: ours('a', port) })).toMatchObject({ change: 'none' })
})

test.each([
  ['a port that is taken', (taken: number) => `127.0.0.1:${taken}`, /^port \d+ is taken by another program/],
  ['an address that is not there', () => '192.0.2.1:7', /^this node does not have the address 192\.0\.2\.1/],
])(
  '%s in a file of somebody else is found before a reload fails by it, and the file named',
  async (_case, bind, message) => {
    await lab.start()
    await applied(1, { a: ours('a', port) })
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const taken = typeof address === 'object' && address ? address.port : 0
    await lab.put('foreign.cfg', `# not ours\nlisten foreign\n    mode tcp\n    bind ${bind(taken)}\n`)

    const outcome = await engine.publish(2, { a: ours('a', port, '    maxconn 9\n') })
    await new Promise((resolve) => server.close(resolve))

    expect(outcome).toMatchObject({
      kind: 'failed',
      fault: { stage: 'validate', code: 'FOREIGN_FILE_BROKEN', file: 'foreign.cfg', line: 4 },
    })
    const fault = outcome.kind === 'failed' ? outcome.fault : undefined
    expect(fault?.owner).toBeUndefined()
    expect(fault?.message).toMatch(message)
    expect(await failedReloads()).toBe(0)
    expect(await readdir(lab.serviceDir)).toEqual(['a.cfg', 'foreign.cfg'])
    expect(await whoAnswers(port)).toBe('blue')
  },
)

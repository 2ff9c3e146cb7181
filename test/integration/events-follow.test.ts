/** `pgsvc events --follow` beside a controller that goes and comes back. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { version } from '../../shared/version.ts'
import { samplePlan } from '../unit/store/sample.ts'
import { startCommand } from './cli-process.ts'
import { Harness, publish } from './controller-harness.ts'

let harness: Harness

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
  await harness.issue({ kind: 'controller' })
  await harness.start({}, 0)
  await harness.visit('n1')
})

afterEach(() => harness.destroy())

async function publishBody(body: string): Promise<void> {
  harness.inventory.set('pg-a', samplePlan('pg-a', ['n1'], body))
  await publish(harness.admin(), { pattern: 'pg-a', options: { timeoutMs: 200, operator: 'ann' } })
}

test('it waits for one that is gone, and shows what came meanwhile, once', async () => {
  await publishBody('one')
  const running = startCommand('pgsvc', ['events', '-f', '--json'], {
    PGSVC_CONTROLLER: `unix:${harness.socket}`,
  })
  await running.said('published @1')
  await harness.stop()

  await harness.start({}, 0)
  await publishBody('two')
  await running.said('published @2')
  await publishBody('three')
  await running.said('published @3')
  running.child.kill('SIGINT')

  const { status, stdout, stderr } = await running.done
  expect([status, stderr]).toEqual([0, 'the controller is gone; waiting until it is back\n'])
  const ids = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { id: number }).id)
  expect(ids).toEqual(ids.map((_id, index) => index + (ids[0] ?? 0)))
})

test('the controller itself comes and goes there, and a kill can be told from a stop', async () => {
  await harness.stop()
  await harness.start({}, 0)

  const running = startCommand('pgsvc', ['events', '--json'], { PGSVC_CONTROLLER: `unix:${harness.socket}` })
  const { stdout } = await running.done

  const said = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; message: string })
    .filter(({ kind }) => kind === 'controller')
    .map(({ message }) => message)
  const up = `the controller is up: pgsvc ${version}`
  expect(said).toEqual([up, 'the controller has stopped', up])
})

test('one that was never there is an error', async () => {
  await harness.stop()
  const running = startCommand('pgsvc', ['events', '-f'], { PGSVC_CONTROLLER: `unix:${harness.socket}` })

  const { status, stderr } = await running.done
  expect(status).not.toBe(0)
  expect(stderr).toContain('CONTROLLER_UNREACHABLE')
})

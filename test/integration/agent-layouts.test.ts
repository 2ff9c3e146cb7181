import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { service, testEngine } from '../support/haproxy-agent.ts'
import {
  createHaproxyLab,
  freePorts,
  type HaproxyLab,
  startBackend,
  whoAnswers,
} from '../support/haproxy-lab.ts'
import { unseenAddresses } from '../support/unseen-addresses.ts'

let lab: HaproxyLab | undefined

afterEach(async () => {
  await lab?.destroy()
  lab = undefined
})

test('in the flat layout files are replaced one by one beside haproxy.cfg', async () => {
  lab = await createHaproxyLab({ layout: 'flat' })
  await lab.start()
  const [port = 0] = await freePorts(1)
  const backend = await startBackend('red')
  const engine = await testEngine(lab)
  const owners = { 'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, backend.port) } } }

  const outcome = await engine.publish(1, owners)

  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
  expect(await whoAnswers(port)).toBe('red')
  expect((await lstat(lab.serviceDir)).isDirectory()).toBe(true)
  expect(await readdir(lab.serviceDir)).toEqual(['haproxy.cfg', 'pg-a.cfg', 'pgsvc'])

  const removed = await engine.publish(2, {})
  expect(removed).toMatchObject({ kind: 'applied', reasons: ['pg-a.cfg removed'] })
  expect(await readdir(lab.serviceDir)).toEqual(['haproxy.cfg', 'pgsvc'])
  expect(await readdir(join(lab.serviceDir, 'pgsvc'))).toEqual(['g1', 'g2', 'replaced-g1', 'replaced-g2'])
  await backend.close()
})

test('in the flat layout a failed reload puts every file back, and haproxy.cfg is never ours', async () => {
  lab = await createHaproxyLab({ layout: 'flat' })
  await lab.start()
  const [port = 0] = await freePorts(1)
  const engine = await testEngine(lab, { files: unseenAddresses() })
  const old = service('pg-a', port, 1)
  await engine.publish(1, { 'pg-a': { '': { 'pg-a.cfg': old } } })

  const outcome = await engine.publish(2, {
    'pg-a': {
      '': { 'pg-a.cfg': old.replace('127.0.0.1', '192.0.2.1'), 'pg-b.cfg': 'listen pg-b\n  mode tcp\n' },
    },
  })

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'reload' } })
  expect(await lab.get('pg-a.cfg')).toBe(old)
  expect(await readdir(lab.serviceDir)).toEqual(['haproxy.cfg', 'pg-a.cfg', 'pgsvc'])
  const stolen = await engine.publish(3, { 'pg-a': { '': { 'haproxy.cfg': 'listen x\n  mode tcp\n' } } })
  expect(stolen).toMatchObject({ kind: 'failed', fault: { stage: 'guard', code: 'FILE_NAME_REFUSED' } })
})

test('without a master socket the stats socket bears witness of the reload', async () => {
  lab = await createHaproxyLab({ withoutMasterSocket: true })
  await lab.start()
  const [port = 0] = await freePorts(1)
  const backend = await startBackend('red')
  const engine = await testEngine(lab)
  const worker = await lab.workerPid()

  const outcome = await engine.publish(1, {
    'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, backend.port) } },
  })

  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
  expect(await lab.workerPid()).not.toBe(worker)
  expect(await whoAnswers(port)).toBe('red')
  await backend.close()
})

test('a HAProxy that does not load the service directory is named before anything is written', async () => {
  lab = await createHaproxyLab()
  await lab.start()
  const engine = await testEngine(lab, {}, { serviceDir: join(lab.dir, 'elsewhere') })

  const outcome = await engine.publish(1, { 'pg-a': { '': { 'pg-a.cfg': 'listen pg-a\n  mode tcp\n' } } })

  expect(outcome).toMatchObject({ kind: 'failed', fault: { stage: 'stage', code: 'SERVICE_DIR_NOT_LOADED' } })
  expect(await readdir(lab.dir)).not.toContain('elsewhere')
})

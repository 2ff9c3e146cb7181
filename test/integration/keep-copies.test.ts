import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { service, testEngine } from '../support/haproxy-agent.ts'
import {
  createHaproxyLab,
  freePorts,
  type HaproxyLab,
  type LabOptions,
  startBackend,
} from '../support/haproxy-lab.ts'

let lab: HaproxyLab

afterEach(() => lab.destroy())

const layouts: readonly (LabOptions['layout'] & string)[] = ['conf.d', 'flat']

async function kept(): Promise<readonly string[]> {
  const dir = join(lab.dir, 'haproxy/pgsvc/kept')
  const names = await readdir(dir).catch(() => [])
  return await Promise.all(names.toSorted().map((name) => readFile(join(dir, name), 'utf8')))
}

test.each(layouts)(
  'in the %s layout a copy of every file that is taken over stays for good',
  async (layout) => {
    lab = await createHaproxyLab({ layout })
    const backend = await startBackend('red')
    const [port = 0, otherPort = 0] = await freePorts(2)
    const ansible = `# by Ansible\n\n${service('pg-a', port, backend.port)}`
    const other = `# by Ansible, too\n${service('pg-b', otherPort, backend.port, '    maxconn 3\n')}`
    await lab.put('pg-a.cfg', ansible)
    await lab.start()
    const engine = await testEngine(lab)
    const worker = await lab.workerPid()
    const mine = { 'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, backend.port) } } }

    const first = await engine.publish(1, mine)

    expect(first).toMatchObject({ kind: 'applied' })
    expect(await lab.workerPid()).toBe(worker)
    expect(await kept()).toEqual([ansible])
    // One that Ansible wrote much later, and many generations after it.
    await writeFile(join(lab.serviceDir, 'pg-b.cfg'), other)
    for (const [version, weight] of [2, 3, 4].entries()) {
      const own = service('pg-b', otherPort, backend.port, `    maxconn ${weight}0\n`)
      await engine.publish(version + 2, { ...mine, 'pg-b': { '': { 'pg-b.cfg': own } } })
    }
    expect((await kept()).toSorted()).toEqual([ansible, other].toSorted())
    await backend.close()
  },
)

test('an edit that a publish puts right is kept, what the agent itself wrote is not', async () => {
  lab = await createHaproxyLab()
  const [port = 0] = await freePorts(1)
  await lab.start()
  const engine = await testEngine(lab)
  await engine.publish(1, { 'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, 1) } } })
  await engine.publish(2, { 'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, 2) } } })
  expect(await kept()).toEqual([])
  const edited = service('pg-a', port, 3)
  await writeFile(join(lab.serviceDir, 'pg-a.cfg'), edited)

  const done = await engine.publish(3, { 'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, 2) } } })

  expect(await kept()).toEqual([edited])
  expect(done.kind === 'applied' && [...(done.overwritten?.keys() ?? [])]).toEqual(['pg-a.cfg'])
})

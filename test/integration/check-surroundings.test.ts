/** HAProxy's own check sees what the HAProxy that runs was started with. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { service, testEngine } from '../support/haproxy-agent.ts'
import { createHaproxyLab, freePorts, type HaproxyLab } from '../support/haproxy-lab.ts'

let lab: HaproxyLab | undefined

afterEach(async () => {
  await lab?.destroy()
  lab = undefined
})

const more = (text: string) => writeFile(lab?.config ?? '', text, { flag: 'a' })

test("variables of HAProxy's own environment are no fault of its files, also after a reload", async () => {
  lab = await createHaproxyLab({ environment: { PGSVC_TEST_LIMIT: '77' } })
  await more('listen own\n    maxconn "$PGSVC_TEST_LIMIT"\n')
  await lab.start()
  const [port = 0] = await freePorts(1)
  const engine = await testEngine(lab)

  for (const version of [1, 2]) {
    const text = service('pg-a', port, version)
    expect(await engine.publish(version, { 'pg-a': { '': { 'pg-a.cfg': text } } })).toMatchObject({
      kind: 'applied',
      change: 'reload',
    })
  }
})

test('files that HAProxy finds from its own directory are found by its check', async () => {
  lab = await createHaproxyLab({ inOwnDirectory: true })
  await writeFile(join(lab.dir, 'sorry.http'), 'HTTP/1.0 503 Sorry\r\nConnection: close\r\n\r\n')
  await more('listen own\n    mode http\n    errorfile 503 sorry.http\n')
  await lab.start()
  const [port = 0] = await freePorts(1)

  const outcome = await (await testEngine(lab)).publish(1, {
    'pg-a': { '': { 'pg-a.cfg': service('pg-a', port, 1) } },
  })

  expect(outcome).toMatchObject({ kind: 'applied', change: 'reload' })
})

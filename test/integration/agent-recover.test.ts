import { spawn } from 'node:child_process'
import { lstat, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Files, systemFiles } from '../../shared/ports/files.ts'
import { type ApplyChild, buildApplyChild } from '../support/apply-child.ts'
import { optionsFor, service, testEngine } from '../support/haproxy-agent.ts'
import { type HaproxyLab, type Scene, startScene } from '../support/haproxy-lab.ts'
import { recoverLab } from '../support/recover-lab.ts'

let child: ApplyChild
let scene: Scene
let lab: HaproxyLab

beforeAll(async () => {
  child = await buildApplyChild()
})
afterAll(() => child.remove())
beforeEach(async () => {
  scene = await startScene()
  ;({ lab } = scene)
  await lab.put('foreign.cfg', service('foreign', scene.otherPort, scene.red.port))
  await lab.start()
  await (await testEngine(lab)).publish(1, owner(old()))
})
afterEach(() => scene.end())

const old = () => service('pg-a', scene.port, scene.red.port)
const fresh = () => service('pg-a', scene.port, scene.blue.port)
const owner = (text: string) => ({ 'pg-a': { '': { 'pg-a.cfg': text } } })

/** An agent that died between the swap and the reload. */
async function dieAfterSwap(): Promise<void> {
  const task = {
    stateDir: join(lab.dir, 'state'),
    options: optionsFor(lab),
    version: 2,
    owners: owner(fresh()),
    isReloadRefused: false,
  }
  const killed = `rename ${lab.dir}/haproxy/.conf.d.pgsvc-new`
  // Steps before the swap do not depend on time, so a first look at them tells the number.
  const { steps } = await stepsOf(task)
  const at = steps.findIndex((step) => step.startsWith(killed))
  await (await testEngine(lab)).publish(3, owner(old()))
  expect(await child.run({ ...task, version: 4, killAt: at + 2 })).toBe('killed')
  expect(await lab.get('pg-a.cfg')).toBe(fresh())
}

async function stepsOf(task: Omit<Parameters<ApplyChild['run']>[0], 'killAt'>) {
  const done = await child.run({ ...task, killAt: 0 })
  if (done === 'killed') throw new Error('nobody was to be killed')
  return done
}

/** The command, as the unit calls it. */
async function recover(config: string): Promise<{ status: number | null; stderr: string }> {
  const bin = resolve(import.meta.dirname, '../../bin/pgsvc')
  const run = spawn(bin, ['agent', 'recover', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  run.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  return { status: await new Promise((done) => run.once('close', done)), stderr }
}

async function writeConfig(): Promise<string> {
  const path = join(lab.dir, 'agent.yml')
  const lines = [
    'node: node-1',
    `state_dir: ${join(lab.dir, 'state')}`,
    `haproxy_config: ${lab.config}`,
    `haproxy_pidfile: ${lab.pidFile}`,
  ]
  await writeFile(path, `${lines.join('\n')}\n`)
  return path
}

test('pgsvc agent recover takes back what an agent died in the middle of, and says so', async () => {
  await dieAfterSwap()
  await lab.stop()

  const { status, stderr } = await recover(await writeConfig())

  expect(status).toBe(0)
  expect(stderr).toContain('an apply was cut off; the set of before is in place again')
  expect(await lab.get('pg-a.cfg')).toBe(old())
  await lab.start()
  expect(await recover(await writeConfig())).toEqual({ status: 0, stderr: '' })
})

test('whatever is wrong, pgsvc agent recover lets HAProxy start', async () => {
  const missing = await recover(join(lab.dir, 'none.yml'))
  await writeFile(join(lab.dir, 'state/state.json'), '{')
  const broken = await recover(await writeConfig())

  expect(missing).toMatchObject({ status: 0, stderr: expect.stringContaining('none.yml does not exist') })
  expect(broken).toMatchObject({ status: 0, stderr: expect.stringContaining('cannot be read') })
  expect(await lab.get('pg-a.cfg')).toBe(old())
})

test('what others wrote into the new set is carried into the old one', async () => {
  await dieAfterSwap()
  await lab.put('theirs.cfg', 'listen theirs\n    mode tcp\n')
  await rm(join(lab.serviceDir, 'foreign.cfg'))

  await recoverLab(lab)

  expect(await readdir(lab.serviceDir)).toEqual(['pg-a.cfg', 'theirs.cfg'])
  expect(await lab.get('pg-a.cfg')).toBe(old())
})

test('an apply in the hands of an agent that is alive is left alone', async () => {
  const real = systemFiles()
  let reached: () => void = () => undefined
  const isReached = new Promise<void>((done) => {
    reached = done
  })
  const files: Files = {
    ...real,
    sync(path) {
      if (path !== join(lab.dir, 'haproxy')) return real.sync(path)
      reached()
      return new Promise<void>(() => undefined)
    },
  }
  void (await testEngine(lab, { files })).publish(2, owner(fresh()))
  await isReached

  expect(await recoverLab(lab)).toEqual([])

  expect(await lab.get('pg-a.cfg')).toBe(fresh())
})

test('our files come back before a start when somebody removed the directory with all generations', async () => {
  await lab.stop()
  await rm(lab.serviceDir)
  await rm(join(lab.dir, 'haproxy/pgsvc'), { recursive: true })

  const [line] = await recoverLab(lab)

  expect(line).toContain('the service directory was gone; our files are back')
  expect((await lstat(lab.serviceDir)).isSymbolicLink()).toBe(true)
  expect(await readdir(lab.serviceDir)).toEqual(['pg-a.cfg'])
  expect(await lab.get('pg-a.cfg')).toBe(old())
  await lab.start()
})

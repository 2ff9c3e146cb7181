import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { cp, lstat, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Files, systemFiles } from '../../shared/ports/files.ts'
import { type ApplyChild, buildApplyChild } from '../support/apply-child.ts'
import { optionsFor, service, testEngine } from '../support/haproxy-agent.ts'
import { type HaproxyLab, type Scene, startScene, whoAnswers } from '../support/haproxy-lab.ts'
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

const bin = resolve(import.meta.dirname, '../../bin/pgsvc')

/** The command, as the unit calls it. */
async function recover(config: string): Promise<{ status: number | null; stderr: string }> {
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

/** Reads everything and answers nothing. */
async function silentNameServer(): Promise<() => void> {
  const socket = createSocket('udp4')
  await new Promise<void>((ready) => socket.bind(53, '127.0.0.53', ready))
  return () => socket.close()
}

test('name servers that do not answer hold the start up no longer than servers that do not', async () => {
  await lab.stop()
  const check = 'option httpchk\n    load-server-state-from-file local\n'
  const states = '    server-state-file-name /run/pgsvc/server-state/pg-b\n'
  await lab.put('pg-b.cfg', `listen pg-b\n    ${check}${states}    server s db.example:1 check port 1\n`)
  await writeFile(join(lab.dir, 'resolv.conf'), 'nameserver 127.0.0.53\noptions timeout:30 attempts:5\n')
  const close = await silentNameServer()
  const mounts = `mount --bind ${lab.dir}/resolv.conf /etc/resolv.conf && mount -t tmpfs none /run`
  const program = `${bin} agent recover --config ${await writeConfig()}; ls /run/pgsvc`
  const run = spawn('unshare', [
    '--mount',
    '--fork',
    '--kill-child',
    'sh',
    '-c',
    `${mounts} && { ${program}; }`,
  ])
  let output = ''
  run.stdout.on('data', (chunk) => {
    output += String(chunk)
  })

  await new Promise((done) => run.once('close', done))

  close()
  expect(output).toContain('server-state')
}, 60_000)

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

describe('without the memory of the agent, and without the link', () => {
  const workDir = () => join(lab.dir, 'haproxy/pgsvc')

  async function lose(...more: readonly string[]): Promise<void> {
    await lab.stop()
    await rm(lab.serviceDir, { recursive: true })
    for (const path of [join(lab.dir, 'state'), ...more]) await rm(path, { recursive: true })
  }

  async function published(...texts: readonly string[]): Promise<void> {
    const engine = await testEngine(lab)
    for (const [index, text] of texts.entries())
      expect(await engine.publish(index + 2, owner(text))).toMatchObject({ kind: 'applied' })
  }

  test('the newest set is put back, not what stood there before the first publish', async () => {
    await published(fresh(), old(), fresh())
    await lose()

    const { status, stderr } = await recover(await writeConfig())

    expect(status).toBe(0)
    expect(stderr).toContain('the service directory was gone; a set of before is in place')
    expect(await readlink(lab.serviceDir)).toBe('pgsvc/g4')
    expect(await readdir(lab.serviceDir)).toEqual(['foreign.cfg', 'pg-a.cfg'])
    await lab.start()
    expect(await whoAnswers(scene.port)).toBe('blue')
    expect(await whoAnswers(scene.otherPort)).toBe('red')
    // The agent takes over what it finds, and numbers go on.
    expect(await (await testEngine(lab)).publish(1, owner(fresh()))).toMatchObject({ change: 'none' })
    expect(await (await testEngine(lab)).publish(2, owner(old()))).toMatchObject({ generation: 5 })
  })

  test('the set before is put back when an apply was cut off', async () => {
    await dieAfterSwap()
    await lose()

    await recoverLab(lab)

    expect(await lab.get('pg-a.cfg')).toBe(old())
    await lab.start()
    expect(await whoAnswers(scene.port)).toBe('red')
  })

  test('what stood there is put back when the first publish was cut off', async () => {
    // As a death between the two renames of the conversion leaves it.
    await lose(join(workDir(), 'good'))

    await recoverLab(lab)

    expect((await lstat(lab.serviceDir)).isDirectory()).toBe(true)
    expect(await readdir(lab.serviceDir)).toEqual(['foreign.cfg'])
    await lab.start()
    expect(await whoAnswers(scene.otherPort)).toBe('red')
  })

  test('the one before is put back when the newest set is gone as well, also behind a link that is still there', async () => {
    await published(fresh(), old())
    await lab.stop()
    await rm(join(lab.dir, 'state'), { recursive: true })
    await rm(join(workDir(), 'g3'), { recursive: true })

    await recoverLab(lab)

    expect(await readlink(lab.serviceDir)).toBe('pgsvc/g2')
    expect(await lab.get('pg-a.cfg')).toBe(fresh())
    await lab.start()
  })

  test("somebody else's link to what is not there is left alone", async () => {
    await lose()
    await symlink('/nowhere/conf.d', lab.serviceDir)

    await recoverLab(lab)

    expect(await readlink(lab.serviceDir)).toBe('/nowhere/conf.d')
  })

  test('sets of the flat layout, from before there was a directory, are none of its sets', async () => {
    await published(fresh())
    await lab.stop()
    await cp(lab.config, join(workDir(), 'g2/haproxy.cfg'))
    await lose()

    await recoverLab(lab)

    expect(await readlink(lab.serviceDir)).toBe('pgsvc/g1')
  })
})

test('the mark of an apply that was cut off right after it went through comes with the next start', async () => {
  const mark = join(lab.dir, 'haproxy/pgsvc/good')
  await rm(mark)

  await testEngine(lab)

  expect(await readlink(mark)).toBe('g1')
})

/**
 * A real HAProxy of its own on loopback: directory, sockets and ports of its own, removed at the end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { reloadByOthers } from './reload-by-others.ts'

export interface HaproxyLab {
  readonly dir: string
  readonly config: string
  readonly serviceDir: string
  readonly masterSocket: string
  readonly statsSocket: string
  readonly pidFile: string
  /** Writes a file into the service directory. */
  put(name: string, text: string): Promise<void>
  /** A file of the service directory. */
  get(name: string): Promise<string>
  start(): Promise<void>
  stop(): Promise<void>
  /** Pid of the worker that answers on the stats socket. */
  workerPid(): Promise<number>
  /** Loads the files, as anybody can; resolves when another worker answers. */
  reload(): Promise<void>
  /** @throws Error while HAProxy is writing it: a signal to 0 would go to the whole group of the test */
  masterPid(): Promise<number>
  /** Everything away. */
  destroy(): Promise<void>
}

/** Where Pigsty keeps service files: since 4.0 in a directory of their own, before beside haproxy.cfg. */
export const layouts = ['conf.d', 'flat'] as const
export type Layout = (typeof layouts)[number]

export interface LabOptions {
  readonly layout?: Layout
  /** More lines for haproxy.cfg. */
  readonly extra?: string
  /** Without -S. */
  readonly withoutMasterSocket?: boolean
  /** Of HAProxy alone, beside the tests' own. */
  readonly environment?: Readonly<Record<string, string>>
  /** HAProxy works in the lab's directory; in that of the tests when left out. */
  readonly inOwnDirectory?: boolean
}

export async function createHaproxyLab(options: LabOptions = {}): Promise<HaproxyLab> {
  const dir = await mkdtemp(join(tmpdir(), 'pgsvc-lab-'))
  const home = join(dir, 'haproxy')
  const serviceDir = options.layout === 'flat' ? home : join(home, 'conf.d')
  await mkdir(serviceDir, { recursive: true })
  const config = join(home, 'haproxy.cfg')
  const [masterSocket, statsSocket, pidFile] = ['master.sock', 'stats.sock', 'pid'].map((name) =>
    join(dir, name),
  )
  if (!masterSocket || !statsSocket || !pidFile) throw new Error('three names make three paths')
  await writeFile(config, mainConfig(statsSocket, options.extra ?? ''))
  let child: ChildProcess | undefined
  const start = async () => {
    const paths = options.layout === 'flat' ? [home] : [config, serviceDir]
    const socket = options.withoutMasterSocket ? [] : ['-S', masterSocket]
    const args = ['-Ws', ...paths.flatMap((path) => ['-f', path]), ...socket, '-p', pidFile]
    // Nobody starts HAProxy within the same clock tick in which a file was written.
    await new Promise((resolve) => setTimeout(resolve, 50))
    child = spawn('/usr/sbin/haproxy', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...options.environment },
      cwd: options.inOwnDirectory ? dir : process.cwd(),
    })
    child.stderr?.pipe(createWriteStream(join(dir, 'haproxy.log'), { flags: 'a' }))
    await until(async () => (await ask(statsSocket, 'show info')) !== '', 5_000)
    if (!options.withoutMasterSocket)
      await until(async () => (await ask(masterSocket, 'show proc')) !== '', 5_000)
  }
  const stop = async () => {
    const old = child
    child = undefined
    if (!old || old.exitCode !== null) return
    const ended = new Promise((resolve) => old.once('exit', resolve))
    old.kill('SIGTERM')
    await ended
  }
  const workerPid = async () => Number(/^Pid: (\d+)$/m.exec(await ask(statsSocket, 'show info'))?.[1])
  return {
    dir,
    config,
    serviceDir,
    masterSocket,
    statsSocket,
    pidFile,
    put: (name, text) => writeFile(join(serviceDir, name), text),
    get: (name) => readFile(join(serviceDir, name), 'utf8'),
    start,
    stop,
    workerPid,
    reload: () => reloadByOthers({ masterSocket, workerPid }),
    async masterPid() {
      const text = await readFile(pidFile, 'utf8')
      const pid = Number(text)
      if (!Number.isInteger(pid) || pid <= 1) throw new Error(`no pid in ${pidFile}: ${JSON.stringify(text)}`)
      return pid
    },
    async destroy() {
      await stop()
      await rm(dir, { recursive: true, force: true })
      // Where the guard lets an engine's states of servers be.
      await rm(join('/run/pgsvc', basename(dir)), { recursive: true, force: true })
    },
  }
}

function mainConfig(statsSocket: string, extra: string): string {
  return `global
    stats socket ${statsSocket} mode 600 level admin expose-fd listeners
${extra}defaults
    mode tcp
    timeout connect 1s
    timeout client 10s
    timeout server 10s
`
}

async function ask(path: string, command: string): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true }, () => socket.end(`${command}\n`))
    let text = ''
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('end', () => {
      socket.destroy()
      resolve(text)
    })
    socket.on('error', () => resolve(''))
  })
}

/** Machines that run tests are slow and busy. What comes true ends the wait at once, so a long one costs nothing. */
const slack = 4

/**
 * Waits until something is so.
 *
 * @param timeoutMs - ample on an idle machine; waits up to four times as long
 */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  timeoutMs: number,
  everyMs = 15,
): Promise<void> {
  const end = performance.now() + slack * timeoutMs
  while (performance.now() < end) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  throw new Error(`not so within ${slack * timeoutMs} ms`)
}

/**
 * Below those that the kernel gives to clients, and to whoever listens on any port: none of them can come between the look
 * and the use. Each of vitest's workers has its own.
 */
const firstPort = 11_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 4) * 5_000
let portsGiven = 0

/** Ports that were free a moment ago, each given once. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const free: number[] = []
  for (let tries = 0; free.length < count && tries < 5_000; tries += 1) {
    const port = firstPort + (portsGiven % 5_000)
    portsGiven += 1
    if (await isFree(port)) free.push(port)
  }
  if (free.length < count) throw new Error(`no ${count} free ports from ${firstPort} on`)
  return free
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port, () => undefined).catch(() => undefined)
  if (server === undefined) return false
  await new Promise((resolve) => server.close(resolve))
  return true
}

export interface Backend {
  readonly port: number
  close(): Promise<void>
}

/** A server that says its name to everyone and hangs up. */
export async function startBackend(name: string, port = 0): Promise<Backend> {
  const server = await listen(port, (socket) => socket.end(`${name}\n`))
  return { port: portOf(server), close: () => new Promise((resolve) => server.close(() => resolve())) }
}

async function listen(port: number, onClient: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(onClient)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** What a client reads on a port: the backend's name, or how it failed. */
export async function whoAnswers(port: number): Promise<string> {
  return await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    socket.setTimeout(slack * 2_000, () => socket.destroy(new Error('timeout')))
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.on('close', () => resolve(text.trim()))
  })
}

/** A lab whose HAProxy is not started yet, two backends to tell apart, and two free ports. */
export interface Scene {
  readonly lab: HaproxyLab
  readonly red: Backend
  readonly blue: Backend
  readonly port: number
  readonly otherPort: number
  end(): Promise<void>
}

export async function startScene(options: LabOptions = {}): Promise<Scene> {
  const lab = await createHaproxyLab(options)
  const [red, blue] = [await startBackend('red'), await startBackend('blue')]
  const [port = 0, otherPort = 0] = await freePorts(2)
  const end = async () => {
    await red.close()
    await blue.close()
    await lab.destroy()
  }
  return { lab, red, blue, port, otherPort, end }
}

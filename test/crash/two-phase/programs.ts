/** Controller and agent as processes that can be killed. */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { AgentTask, AgentWord } from './agent/main.ts'
import type { Arm, ControllerTask, ControllerWord } from './controller/main.ts'

export interface Programs {
  controller(task: ControllerTask): ControllerProcess
  agent(task: AgentTask): AgentProcess
  remove(): Promise<void>
}

export interface Process {
  readonly pid: number
  readonly exited: Promise<void>
  /** Resolves when it is gone. */
  kill(): Promise<void>
}

export interface AgentProcess extends Process {
  /** Memory in use once all garbage is gone, kB. */
  heapKb(): Promise<number>
}

export interface ControllerProcess extends Process {
  /** Resolves when it listens. */
  readonly up: Promise<number>
  /** Counts writes from now. @returns those counted until now */
  arm(killAt: number): Promise<readonly string[]>
}

export async function buildPrograms(): Promise<Programs> {
  const dir = await mkdtemp(join(tmpdir(), 'pgsvc-programs-'))
  await build({
    entryPoints: ['controller', 'agent'].map((name) => join(import.meta.dirname, name, 'main.ts')),
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  })
  const start = (name: string, task: object) =>
    fork(join(dir, name, 'main.mjs'), [JSON.stringify(task)], {
      execPath: process.execPath,
      execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
      env: { ...process.env, NODE_COMPILE_CACHE: join(dir, 'cache') },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
  return {
    controller: (task) => controllerProcess(start('controller', task)),
    agent: (task) => agentProcess(start('agent', task)),
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

function processOf(child: ChildProcess): Process {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    pid: child.pid ?? 0,
    exited,
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

function agentProcess(child: ChildProcess): AgentProcess {
  return {
    ...processOf(child),
    heapKb: () =>
      new Promise((resolve) => {
        child.once('message', ({ heapKb }: AgentWord) => resolve(heapKb))
        child.send('memory')
      }),
  }
}

function controllerProcess(child: ChildProcess): ControllerProcess {
  const { promise: up, resolve: onUp } = Promise.withResolvers<number>()
  let onSteps: (steps: readonly string[]) => void = () => undefined
  child.on('message', (word: ControllerWord) => ('port' in word ? onUp(word.port) : onSteps(word.steps)))
  return {
    ...processOf(child),
    up,
    arm: (killAt) =>
      new Promise((resolve) => {
        onSteps = resolve
        child.send({ killAt } satisfies Arm)
      }),
  }
}

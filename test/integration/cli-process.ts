/** Runs the real launchers as processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface Finished {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly done: Promise<Finished>
  /** Resolves when standard output contains `text`; rejects when the process ends before. */
  said(text: string): Promise<void>
}

/** Starts `bin/<name>`; it is killed after 20 s. @param input - on its standard input; else there is none */
export function startCommand(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
  input?: string,
): Running {
  const child = spawn(join(root, 'bin', name), [...args], {
    env: { PATH: process.env.PATH ?? '', HOME: '/', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  child.stdin.on('error', () => undefined) // a command that does not read it
  child.stdin.end(input)
  const output = { stdout: '', stderr: '' }
  const waiting: { text: string; resolve: () => void; reject: (error: Error) => void }[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
    for (const one of waiting) if (output.stdout.includes(one.text)) one.resolve()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  const done = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status, signal) => {
      for (const one of waiting) one.reject(new Error(`never said ${one.text}: ${output.stdout}`))
      resolve({ status, signal, ...output })
    })
  })
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      if (output.stdout.includes(text)) resolve()
      else waiting.push({ text, resolve, reject })
    })
  return { child, done, said }
}

/** Runs `bin/<name>` to its end. */
export function runCommand(
  name: string,
  args: readonly string[],
  env?: Record<string, string>,
  input?: string,
): Promise<Finished> {
  return startCommand(name, args, env, input).done
}

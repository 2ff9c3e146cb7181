/** Small steps around processes that the lab needs: run one, find its child, wait for something. */
import { type ChildProcess, execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunResult {
  /** Exit status; null when ended by a signal. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; resolves for every exit status. Killed after `timeoutMs` (60 s). */
export function run(
  file: string,
  args: readonly string[],
  options: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const limits = {
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 24,
    } as const
    const child = execFile(file, [...args], { ...limits, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error && child.pid === undefined) return reject(error)
      resolve({ status: child.exitCode, stdout, stderr })
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(options.input ?? '')
  })
}

/** As `run`, but anything other than exit status 0 is an error. */
export async function mustRun(
  file: string,
  args: readonly string[],
  options: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<string> {
  const result = await run(file, args, options)
  if (result.status === 0) return result.stdout
  throw new Error(`${file} ${args.join(' ')}: status ${result.status}: ${result.stderr}${result.stdout}`)
}

/**
 * Polls until `probe` gives a value; then an error that says what was waited for.
 *
 * @param options - `timeoutMs`: at most this long; ample unless given, as machines that run tests are slow and busy
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  { timeoutMs = 60_000, everyMs = 15 }: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await probe()
    if (value !== undefined) return value
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await sleep(everyMs)
  }
}

/** First child of a process, or undefined while it has none. */
export function childOf(pid: number): number | undefined {
  try {
    const first = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]
    return first ? Number(first) : undefined
  } catch {
    return undefined
  }
}

/** Ends a process that may have gone already. */
export function killPid(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone: that is what was wanted.
  }
}

/** Whether a process is there and not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^\) Z/.test(stat.slice(stat.lastIndexOf(')')))
  } catch {
    return false
  }
}

/** Pid of a child that was started; an error when the program could not be. */
export async function pidOf(child: ChildProcess, what: string): Promise<number> {
  if (child.pid !== undefined) return child.pid
  const error = await new Promise<Error>((resolve) => child.once('error', resolve))
  throw new Error(`cannot start ${what}: ${error.message}`)
}

/** Resolves when a child has ended, at once when it has already. */
export function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => child.once('exit', (status) => resolve(status)))
}

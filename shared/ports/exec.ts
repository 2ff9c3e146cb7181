/** Running programs, passed in so that tests can see and replace it. */
import { execFile } from 'node:child_process'

export interface ExecResult {
  /** Exit status; null when the program was ended by a signal (time-out included). */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Exec {
  /**
   * Runs a program without a shell. Resolves for every exit status.
   *
   * @param input - written to standard input, which is then closed
   * @throws Error with `code` (e.g. `ENOENT`) when the program cannot be started
   */
  run(
    file: string,
    args: readonly string[],
    options: {
      readonly timeoutMs: number
      readonly input?: string
      readonly env?: Readonly<Record<string, string>>
    },
  ): Promise<ExecResult>
}

/** Real processes. Output is kept up to 1 MiB. */
export function systemExec(): Exec {
  return {
    run: (file, args, { timeoutMs, input, env }) =>
      new Promise((resolve, reject) => {
        const child = execFile(
          file,
          [...args],
          {
            timeout: timeoutMs,
            killSignal: 'SIGKILL',
            maxBuffer: 1 << 20,
            encoding: 'utf8',
            ...(env ? { env: { ...process.env, ...env } } : {}),
          },
          (error, stdout, stderr) => {
            if (error && typeof error.code === 'string' && child.pid === undefined) return reject(error)
            resolve({ status: child.exitCode, stdout, stderr })
          },
        )
        // A program that exits before reading its input is no error of ours.
        child.stdin?.on('error', () => undefined)
        child.stdin?.end(input ?? '')
      }),
  }
}

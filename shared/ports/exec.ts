/** Running programs, passed in so that tests can see and replace it. */
import { execFile } from 'node:child_process'

export interface ExecResult {
  /** Exit status; null when the program was ended by a signal, a time-out or too much output. */
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
      /** Working directory; that of this process by default. */
      readonly cwd?: string
      /** The program is killed when it prints more; 1 MiB by default. */
      readonly maxOutputBytes?: number
    },
  ): Promise<ExecResult>
}

/** Real processes. */
export function systemExec(): Exec {
  return {
    run: (file, args, { timeoutMs, input, env, cwd, maxOutputBytes = 1 << 20 }) =>
      new Promise((resolve, reject) => {
        const child = execFile(
          file,
          [...args],
          {
            timeout: timeoutMs,
            killSignal: 'SIGKILL',
            maxBuffer: maxOutputBytes,
            ...(cwd === undefined ? {} : { cwd }),
            encoding: 'utf8',
            ...(env ? { env: { ...process.env, ...env } } : {}),
          },
          (error, stdout, stderr) => {
            // Text in place of a status: it could not be started, or it printed too much.
            const isCut = typeof error?.code === 'string'
            if (error && isCut && child.pid === undefined) return reject(error)
            resolve({ status: isCut ? null : child.exitCode, stdout, stderr })
          },
        )
        // A program that exits before reading its input is no error of ours.
        child.stdin?.on('error', () => undefined)
        child.stdin?.end(input ?? '')
      }),
  }
}

/** What a command may do to the terminal: passed in, so that tests can see it. */
export interface CommandIo {
  /** Writes text as it is; lines end in a newline of their own. */
  stdout(text: string): void
  stderr(text: string): void
  /** Exit status of the process; the last call counts. */
  setExitCode(status: number): void
}

/** The real terminal and process. */
export function processIo(): CommandIo {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    setExitCode: (status) => {
      process.exitCode = status
    },
  }
}

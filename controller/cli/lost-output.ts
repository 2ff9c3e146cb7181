/** What a command prints may not arrive: a reader that has gone is no failure, a full disk is one. */

/** @param process - whose standard output it is; ends with 1 instead of 0 when something was lost */
export function tellLostOutput(process: NodeJS.Process): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return // `| head`
    process.once('exit', () => {
      process.exitCode ||= 1
    })
    process.stderr.write(`OUTPUT_LOST: what is printed could not be written: ${error.message}\n`)
  })
}

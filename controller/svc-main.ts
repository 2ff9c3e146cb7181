/** Composition root of `pgsql-svc`. It loads little: the time until it answers is part of what it promises. */

import { svcExit, svcFailure } from './cli/exit.ts'
import { processIo } from './cli/io.ts'
import { openClient } from './cli/open-client.ts'
import type { OpenBridges } from './cli/svc-call.ts'
import { runSvc } from './cli/svc-command.ts'
import { processTerminal } from './cli/terminal.ts'

/**
 * @param argv - arguments without the program's name
 * @param bridge - what --ssh does, where this runs as a part of the program that can
 * @returns exit status, 0 to 4 whatever happens
 */
export async function main(argv: readonly string[], bridge?: OpenBridges): Promise<number> {
  // A reader that has gone (`| head`) is no reason to leave a publish half told: it goes on unseen.
  process.stdout.on('error', () => undefined)
  try {
    return await runSvc(argv, processTerminal(processIo()), openClient, bridge)
  } catch (error) {
    process.stdout.write(
      `[FAIL] pgsql-svc itself failed: ${error instanceof Error ? error.stack : String(error)}\n`,
    )
    const words = argv.filter((word) => !word.startsWith('-'))
    return words.length === 0 ? svcExit.usage : svcFailure(words.slice(1))
  }
}

/** `pgsvc render`: writes the files of an inventory into a directory, and nothing else. */
import { Command } from 'commander'
import type { CommandIo } from './io.ts'

/** The command, to be added to the program. */
export function renderCommand(io: CommandIo): Command {
  return new Command('render').action(() => io.setExitCode(1))
}

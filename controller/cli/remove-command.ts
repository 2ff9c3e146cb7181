/** `pgsvc remove`: takes an owner's files off nodes. */
import { Command } from 'commander'
import { actCommand, type NamedAct } from './act-command.ts'
import type { Terminal } from './terminal.ts'

/** The command, to be added to the program. */
export function removeCommand(terminal: Terminal): Command {
  const command = new Command('remove')
    .description('Ends the assignment of a cluster: its files leave the nodes. Revisions are kept.')
    .argument('<cls>', 'cluster, or node:<ip> for haproxy_services')
    .argument('[ip...]', 'only from these nodes')
  const toAct = ([owner = '', ...nodes]: readonly string[]): NamedAct => ({
    act: { method: 'Remove', request: { owner, nodes } },
    doing: 'remove pgsql services of',
    target: nodes.length > 0 ? `${owner} from ${nodes.join(' ')}` : owner,
  })
  // Whoever names what is to go has said that it may.
  return actCommand(command, terminal, toAct, { mayShrink: false })
}

/** `pgsvc node`: publishes the nodes' own haproxy_services. */
import { Command } from 'commander'
import { actCommand } from './act-command.ts'
import type { Terminal } from './terminal.ts'

/** The command, to be added to the program. */
export function nodeCommand(terminal: Terminal): Command {
  const command = new Command('node')
    .description(
      "Publishes haproxy_services: the services of nodes themselves, as node.yml's haproxy tasks do.",
    )
    .argument('<ip|group>', 'node, group or pattern')
    .argument('[ip...]', 'only these nodes')
  return actCommand(command, terminal, ([pattern = '', ...nodes]) => ({
    act: { method: 'PublishNode', request: { pattern, nodes } },
    doing: 'reload haproxy services for',
    target: nodes.length > 0 ? `${nodes.join(' ')} of ${pattern}` : pattern,
  }))
}

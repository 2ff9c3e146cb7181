/** `pgsvc rollback`: assigns an earlier revision again. */
import { Command, InvalidArgumentError } from 'commander'
import { actCommand } from './act-command.ts'
import type { Terminal } from './terminal.ts'

/** The command, to be added to the program. */
export function rollbackCommand(terminal: Terminal): Command {
  const command = new Command('rollback')
    .description('Goes back to an earlier revision of a cluster, without reading the inventory.')
    .argument('<cls>', 'cluster, or node:<ip> for haproxy_services')
    .argument('[n]', 'revision to go back to (default: the one before)', toRevision)
  return actCommand(command, terminal, ([owner = '', n = '']) => {
    const revision = n === '' ? 0 : toRevision(n)
    const target = revision === 0 ? owner : `${owner} to @${revision}`
    return { act: { method: 'Rollback', request: { owner, revision } }, doing: 'roll back', target }
  })
}

/** `7` or `@7`. */
function toRevision(text: string): number {
  const found = /^@?([1-9]\d{0,14})$/.exec(text)
  if (!found) throw new InvalidArgumentError('a revision is a number from 1, as in "pgsvc history"')
  return Number(found[1])
}

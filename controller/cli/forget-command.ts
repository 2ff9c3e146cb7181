/** `pgsvc forget`: strikes nodes that are gone for good. */
import { Command } from 'commander'
import type { ForgottenNode__Output } from '../../shared/rpc/generated/pgsvc/v1/ForgottenNode.ts'
import { addColourOptions, addControllerOptions, type ControllerFlags, operatorName } from './act-options.ts'
import { failingAsJson } from './json-failure.ts'
import { controllerAddress, type OpenClient, openClient } from './open-client.ts'
import { createPaint, type Line, paintLine, wantsColour } from './paint.ts'
import { plain } from './publish-json.ts'
import type { Terminal } from './terminal.ts'

interface ForgetFlags extends ControllerFlags {
  readonly check?: boolean
  readonly json?: boolean
  readonly color?: boolean
}

/** It may have to wait until a publish has passed its commit. */
const answerMs = 120_000

const help = `
Nobody is asked: what lies on such a node stays there, and it may come back. Then it keeps what it runs, and is shown,
until something is published to it or it is forgotten again. While the inventory names it, the next publish of its
cluster assigns it anew. Its certificates count on: "pgsvc pki revoke node <name>" withdraws them.
`

/** The command, to be added to the program. */
export function forgetCommand(terminal: Terminal, open: OpenClient = openClient): Command {
  const command = new Command('forget')
    .description(
      'Strikes nodes that are gone for good: their assignments end, and they are not counted any more.',
    )
    .argument('<node...>', 'as status names them; none may be connected')
    .option('--check', 'say what would be forgotten, and change nothing')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
  return addControllerOptions(addColourOptions(command)).action(
    async (nodes: string[], flags: ForgetFlags) => {
      const { check = false, json = false } = flags
      await failingAsJson(terminal, json, async () => {
        const client = await open(controllerAddress(flags, terminal.env), flags, terminal.env)
        try {
          const options = { check, operator: operatorName(terminal.env) }
          const found = await client.ask('Forget', { nodes, options }, answerMs)
          const paint = createPaint(wantsColour(flags.color, terminal.isTty, terminal.env))
          const text = found.nodes.map((node) => `${paintLine(lineOf(node, check), paint)}\n`).join('')
          terminal.stdout(json ? `${JSON.stringify(plain(found))}\n` : text)
        } finally {
          client.close()
        }
      })
    },
  )
}

function lineOf({ node, ended }: ForgottenNode__Output, check: boolean): Line {
  const what = ended.map(({ owner, revision }) => `${owner}@${revision}`).join(' ')
  const had = what === '' ? 'nothing was assigned to it' : `it was assigned ${what}`
  return { sign: 'ok', text: `${node}  ${check ? 'would be forgotten' : 'forgotten'}; ${had}` }
}

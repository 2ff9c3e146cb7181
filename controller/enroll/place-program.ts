/** A program of ours on a node, for as long as a command needs it. */
import { randomBytes } from 'node:crypto'
import type { RootShell } from '../ssh/root-shell.ts'
import { quoted } from '../ssh/shell-words.ts'
import { deliver } from './deliver.ts'
import { programPath, stateHome } from './paths.ts'
import type { Programs } from './program.ts'
import { failedOn } from './remote-failure.ts'

const askMs = 60_000

export interface Place {
  readonly path: string
  remove(): Promise<void>
}

/** The node's own program when it is the same; else ours in a place of its own, for as long as it is needed. */
export async function placeProgram(
  {
    node,
    shell,
    programs,
  }: { readonly node: string; readonly shell: RootShell; readonly programs: Programs },
  signal: AbortSignal,
): Promise<Place> {
  const ask = [
    'uname -m',
    // What a command that lost its connection could not take away.
    `find ${stateHome} -maxdepth 1 -name 'once.*' -mmin +60 -exec rm -rf {} + 2>/dev/null || :`,
    `sha256sum <${programPath} 2>/dev/null || :`,
  ].join('\n')
  const asked = await shell.run(ask, { timeoutMs: askMs, signal })
  if (asked.status !== 0) throw failedOn(node, 'the node cannot be looked at', asked)
  const [machine = '', sum = ''] = asked.stdout.split('\n')
  const program = await programs.for(machine)
  if (sum.split(' ')[0] === program.sha256) return { path: programPath, remove: async () => undefined }
  const dir = `${stateHome}/once.${randomBytes(6).toString('hex')}`
  await deliver(shell, program, { dir, name: 'pgsvc', node }, signal)
  const remove = async () => {
    // Best done and not insisted on: the connection may be gone, and the next command clears it away.
    await shell.run(`rm -rf ${quoted(dir)}`, { timeoutMs: askMs }).catch(() => undefined)
  }
  return { path: `${dir}/pgsvc`, remove }
}

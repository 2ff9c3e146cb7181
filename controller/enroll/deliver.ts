/** Brings a program to a node: packed on the way, checked there, and under its name only when it is whole. */
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path/posix'
import type { RootShell } from '../ssh/root-shell.ts'
import { quoted } from '../ssh/shell-words.ts'
import type { Program } from './program.ts'
import { failedOn } from './remote-failure.ts'

/** A slow line to another site takes a minute for what is packed. */
const deliverMs = 15 * 60_000

/**
 * The script that takes a packed program from its input. What is not finished is taken away again, also when the
 * connection dies.
 *
 * @param dir - where it goes; made when it is not there
 * @param name - its name there
 */
export function takeScript(dir: string, name: string, sha256: string): string {
  const path = `${dir}/${name}`
  // Nobody else writes into it, whatever else goes on: what was checked is what takes the name.
  const unfinished = `${dir}/.${name}.${randomBytes(6).toString('hex')}.unfinished`
  return [
    'set -e; umask 022',
    `mkdir -p ${quoted(dir)}`,
    // Left by one that was killed.
    `rm -f ${dir}/.${name}.*unfinished`,
    `trap 'rm -f ${unfinished}; rmdir ${dir} ${dirname(dir)} 2>/dev/null || :' EXIT`,
    "trap 'exit 1' HUP INT TERM PIPE",
    `gzip -dc >${quoted(unfinished)}`,
    `sum=$(sha256sum <${quoted(unfinished)})`,
    `[ "\${sum%% *}" = ${sha256} ] || { echo "it arrived with the checksum \${sum%% *}" >&2; exit 1; }`,
    `chmod 755 ${quoted(unfinished)}; sync ${quoted(unfinished)}`,
    `mv -f ${quoted(unfinished)} ${quoted(path)}`,
    'trap - EXIT',
  ].join('\n')
}

/** @throws AppError `DISK_FULL`, `REMOTE_FAILED`, and those of the shell */
export async function deliver(
  shell: RootShell,
  program: Program,
  to: { readonly dir: string; readonly name: string; readonly node: string },
  signal: AbortSignal,
): Promise<void> {
  const script = takeScript(to.dir, to.name, program.sha256)
  const input = await program.packed()
  const ended = await shell.run(script, { input, timeoutMs: deliverMs, signal })
  if (ended.status !== 0) throw failedOn(to.node, 'the program did not arrive', ended)
}

/** Scripts of sh that change a node. Each can be cut off anywhere and run again. Pure but for random names. */
import { randomBytes } from 'node:crypto'
import { quoted } from '../ssh/shell-words.ts'
import type { FileToPlace } from './node-plan.ts'
import {
  agentUnit,
  beforePackageOf,
  commandPath,
  configPath,
  nextOf,
  previousOf,
  programDir,
  programPath,
  stateHome,
  unitPath,
} from './paths.ts'

/** Takes a file from its input, beside the one whose place it will take. */
export function stageScript({ path, mode }: Pick<FileToPlace, 'path' | 'mode'>, bytes: number): string {
  // Nobody else writes into it, whatever else goes on.
  const own = quoted(`${nextOf(path)}.${randomBytes(6).toString('hex')}.unfinished`)
  return [
    `set -e; umask 022; mkdir -p "$(dirname ${quoted(path)})"`,
    `trap 'rm -f ${own}' EXIT`,
    "trap 'exit 1' HUP INT TERM PIPE",
    `cat >${own}`,
    // A connection that died looks like the end of the file.
    `[ "$(wc -c <${own})" -eq ${bytes} ] || { echo "it did not arrive whole" >&2; exit 1; }`,
    `chmod ${mode} ${own}; sync ${own}`,
    `mv -f ${own} ${quoted(nextOf(path))}`,
  ].join('\n')
}

/**
 * Puts what was staged in place, keeps what was there, and has systemd start it.
 *
 * @param paths - final names
 */
export function switchScript(paths: readonly string[], isActive: boolean): string {
  return [
    'set -e',
    // The one that is known to work is kept, through any number of attempts.
    // One command per line: in a list of them `set -e` lets all but the last fail.
    ...paths.flatMap((path) => {
      const [own, previous] = [quoted(path), quoted(previousOf(path))]
      return [
        `if [ -e ${own} ] && [ ! -e ${previous} ]; then ln ${own} ${previous}; fi`,
        `mv -f ${quoted(nextOf(path))} ${own}`,
      ]
    }),
    'systemctl daemon-reload',
    `systemctl enable --quiet ${agentUnit}`,
    `systemctl ${isActive ? 'restart' : 'start'} ${agentUnit}`,
  ].join('\n')
}

/**
 * Back to what was there before, running. Whatever fails, the rest is tried: some agent is better than none; and the
 * status says that it is not whole.
 */
export function putBackScript(paths: readonly string[]): string {
  return [
    'failed=0',
    ...paths.map((path) => {
      const [own, previous] = [quoted(path), quoted(previousOf(path))]
      return `if [ -e ${previous} ]; then mv -f ${previous} ${own} || failed=1; fi`
    }),
    'systemctl daemon-reload || failed=1',
    `systemctl restart ${agentUnit} || failed=1`,
    'exit $failed',
  ].join('\n')
}

/**
 * Takes away what waited and what was before, when what runs is what was brought: a stream says that an agent runs, not
 * which.
 *
 * @param program - where it is, and its SHA-256 in lower-case hex
 */
export function tidyScript(
  paths: readonly string[],
  program: { readonly path: string; readonly sha256: string },
): string {
  const [own, previous] = [quoted(program.path), quoted(previousOf(program.path))]
  const besides = paths.flatMap((path) => [nextOf(path), previousOf(path)])
  return [
    'no() { echo "$1" >&2; exit 1; }',
    `sum=$(sha256sum <${own})`,
    `[ "\${sum%% *}" = ${program.sha256} ] || no ${quoted(`${program.path} is another program than the one that was brought`)}`,
    `pid=$(systemctl show --property MainPID --value ${agentUnit} 2>/dev/null)`,
    `[ -z "$pid" ] || [ ! /proc/$pid/exe -ef ${previous} ] || no 'the agent that runs is still the old program'`,
    `rm -f ${besides.map(quoted).join(' ')} ${paths.map((path) => `${nextOf(path)}.*unfinished`).join(' ')}`,
  ].join('\n')
}

/** Fails where there is anything of that name. */
export const commandScript = `ln -sT ${programPath} ${commandPath}`

/** What waits for the agent's end comes last but for a look: when it is cut off and undone, nothing stops it once more. */
export const stopScript = [
  `systemctl disable --quiet ${agentUnit} 2>/dev/null || :`,
  `systemctl stop ${agentUnit} 2>/dev/null || :`,
  `! systemctl is-active --quiet ${agentUnit}`,
].join('\n')

/** Undoes `stopScript`: what was, and nothing besides. */
export function startAgainScript({ isEnabled, isActive }: AgentState): string {
  return [
    'failed=0',
    ...(isEnabled ? [`systemctl enable --quiet ${agentUnit} || failed=1`] : []),
    ...(isActive ? [`systemctl start ${agentUnit} || failed=1`] : []),
    'exit $failed',
  ].join('\n')
}

/** What systemd says of the agent's unit. */
export interface AgentState {
  readonly isEnabled: boolean
  readonly isActive: boolean
}

/** The last words of the agent, for whoever has to find out. */
export const journalScript = `journalctl --no-pager --quiet --output cat --lines 12 --unit ${agentUnit} 2>/dev/null || :`

/**
 * Takes away what is left when the agent has left: not HAProxy's files, and nothing that a package or a controller on the
 * same host has.
 */
export function removeScript(
  units: readonly string[],
  { isPackaged, hasController }: { readonly isPackaged: boolean; readonly hasController: boolean },
): string {
  const own = units.map(unitPath)
  const files = [configPath, ...own]
  const besides = [...files.flatMap((path) => [nextOf(path), previousOf(path)]), ...own.map(beforePackageOf)]
  // Beside a package's units it is somebody's who wants it so.
  const inPlace = isPackaged ? [configPath] : files
  const program = isPackaged || hasController ? [] : [programPath]
  return [
    `rm -f ${[...inPlace, ...besides, ...program, nextOf(programPath), previousOf(programPath)].map(quoted).join(' ')}`,
    ...(hasController && !isPackaged
      ? []
      : [`[ "$(readlink ${commandPath})" != ${programPath} ] || rm -f ${commandPath}`]),
    // Of packages that came one after the other.
    `rm -f ${own.map((path) => `${beforePackageOf(path)}.[0-9]*`).join(' ')}`,
    // What was killed while it came.
    `rm -f ${files.map((path) => `${nextOf(path)}.*unfinished`).join(' ')} ${programDir}/.*.unfinished`,
    `rm -rf ${stateHome}/once.*`,
    hasController ? 'rm -rf /run/pgsvc/server-state /run/pgsvc/notify.sock' : 'rm -rf /run/pgsvc',
    'systemctl daemon-reload',
    `systemctl reset-failed ${agentUnit} 2>/dev/null || :`,
    // Only what is empty.
    `rmdir ${unitPath('haproxy.service.d')} ${unitPath('multi-user.target.wants')} ${stateHome} /etc/pgsvc ${programDir} /opt/pgsvc 2>/dev/null || :`,
  ].join('\n')
}

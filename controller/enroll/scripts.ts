/** Scripts of sh that change a node. Each can be cut off anywhere and run again. Pure. */
import { quoted } from '../ssh/shell-words.ts'
import type { FileToPlace } from './node-plan.ts'
import {
  agentUnit,
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
  const next = quoted(nextOf(path))
  return [
    `set -e; umask 022; mkdir -p "$(dirname ${quoted(path)})"`,
    `cat >${next}`,
    // A connection that died looks like the end of the file.
    `[ "$(wc -c <${next})" -eq ${bytes} ] || { rm -f ${next}; echo "it did not arrive whole" >&2; exit 1; }`,
    `chmod ${mode} ${next}; sync ${next}`,
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

/** Back to what was there before, running. */
export function putBackScript(paths: readonly string[]): string {
  return [
    ...paths.map((path) => {
      const [own, previous] = [quoted(path), quoted(previousOf(path))]
      return `if [ -e ${previous} ]; then mv -f ${previous} ${own}; fi`
    }),
    'systemctl daemon-reload',
    `systemctl restart ${agentUnit}`,
  ].join('\n')
}

/** The new one has proved itself. */
export function tidyScript(paths: readonly string[]): string {
  return `rm -f ${paths
    .flatMap((path) => [nextOf(path), previousOf(path)])
    .map(quoted)
    .join(' ')}`
}

export const stopScript = `systemctl disable --now --quiet ${agentUnit} 2>/dev/null || :\nsystemctl stop ${agentUnit} 2>/dev/null || :\n! systemctl is-active --quiet ${agentUnit}`

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
  const besides = files.flatMap((path) => [nextOf(path), previousOf(path)])
  const program = isPackaged || hasController ? [] : [programPath]
  return [
    `rm -f ${[...files, ...besides, ...program, nextOf(programPath), previousOf(programPath)].map(quoted).join(' ')}`,
    `rm -rf ${stateHome}/once.*`,
    hasController ? 'rm -rf /run/pgsvc/server-state /run/pgsvc/notify.sock' : 'rm -rf /run/pgsvc',
    'systemctl daemon-reload',
    `systemctl reset-failed ${agentUnit} 2>/dev/null || :`,
    // Only what is empty.
    `rmdir ${unitPath('haproxy.service.d')} ${unitPath('multi-user.target.wants')} ${stateHome} /etc/pgsvc ${programDir} /opt/pgsvc 2>/dev/null || :`,
  ].join('\n')
}

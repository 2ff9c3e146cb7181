/**
 * Control groups for lab hosts that boot systemd: it keeps each unit's processes in one of its own, below the one
 * the host was given.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import { isAlive, waitFor } from '../process.ts'

/** systemd's own hierarchy and version 2 beside it, as systemd calls "hybrid". */
const hierarchies = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified'] as const
const PREFIX = 'pgsvc-hosts-'

/** Why no host can boot systemd on this machine; undefined: it can. */
export function whyNoSystemd(): string | undefined {
  if (!existsSync('/usr/lib/systemd/systemd')) return 'systemd is not installed'
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  for (const directory of hierarchies) {
    const mount = mounts.find((line) => line.split(' ')[1] === directory)
    if (!mount) return `${directory} is not mounted`
    if (!(mount.split(' ')[3] ?? '').split(',').includes('rw')) return `${directory} cannot be written`
  }
  return undefined
}

/** Makes the groups of a host. */
export function makeCgroups(name: string): readonly string[] {
  const made = hierarchies.map((directory) => path.join(directory, name))
  for (const directory of made) mkdirSync(directory, { recursive: true })
  return made
}

/** Removes groups whose processes have just been killed; the kernel may need a moment to let go of them. */
export async function removeCgroups(groups: readonly string[]): Promise<void> {
  for (const group of groups) await waitFor(`${group} to be empty`, () => removeTree(group) || undefined)
}

/** Removes what a killed lab left behind: its processes went with it. */
export function sweepCgroups(): void {
  for (const directory of hierarchies.filter((name) => existsSync(name))) {
    for (const name of readdirSync(directory)) {
      const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : Number.NaN
      if (Number.isInteger(owner) && !isAlive(owner)) removeTree(path.join(directory, name))
    }
  }
}

/** Innermost first, as the kernel wants it; false while a process is still in one. */
function removeTree(group: string): boolean {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true })) {
      if (entry.isDirectory() && !removeTree(path.join(group, entry.name))) return false
    }
    rmdirSync(group)
    return true
  } catch (error) {
    return !existsSync(group) || (error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
}

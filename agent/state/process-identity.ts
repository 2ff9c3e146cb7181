/**
 * Names a process so that no other one is ever taken for it, not even after a reboot: the boot, the pid, and
 * when it started. Source: proc(5), `state` and `starttime` in /proc/<pid>/stat.
 */
import type { Files } from '../../shared/ports/files.ts'

export async function ownIdentity(files: Files): Promise<string> {
  return await identityOf(files, process.pid)
}

/** @param identity - as `ownIdentity` gave it */
export async function isAlive(files: Files, identity: string): Promise<boolean> {
  const pid = Number(identity.split(' ')[1])
  return Number.isSafeInteger(pid) && identity === (await identityOf(files, pid))
}

export async function identityOf(files: Files, pid: number): Promise<string> {
  const boot = (await readQuietly(files, '/proc/sys/kernel/random/boot_id')).trim()
  const stat = await readQuietly(files, `/proc/${pid}/stat`)
  // The program's name, in brackets, may hold blanks; `state` is the first field after it, `starttime` the 20th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const isGone = fields[0] === 'Z' || fields[0] === 'X'
  return `${boot} ${pid} ${isGone ? '' : (fields[19] ?? '')}`
}

async function readQuietly(files: Files, path: string): Promise<string> {
  return await files
    .read(path)
    .then((content) => String(content ?? ''))
    .catch(() => '')
}

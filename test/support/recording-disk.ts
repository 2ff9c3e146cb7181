/** The real disk, with a record of every change that can be played again on another one. */
import type { Disk, OpenFile } from '../../shared/ports/disk.ts'

/** One change, after it was done. */
export interface Recorded {
  /** What and where. */
  readonly what: string
  readonly replay: (disk: Disk) => Promise<void>
}

export function recordingDisk(disk: Disk, record: Recorded[]): Disk {
  const keep = (what: string, replay: (other: Disk) => Promise<void>) => void record.push({ what, replay })
  return {
    ...disk,
    async create(path, mode) {
      const file = await disk.create(path, mode)
      keep(`create ${path}`, async (other) => void (await other.create(path, mode)))
      return recordingFile(file, path, keep)
    },
    open: async (path) => recordingFile(await disk.open(path), path, keep),
    async makeDir(path) {
      await disk.makeDir(path)
      keep(`mkdir ${path}`, (other) => other.makeDir(path))
    },
    async symlink(target, path) {
      await disk.symlink(target, path)
      keep(`symlink ${path}`, (other) => other.symlink(target, path))
    },
    async rename(from, to) {
      await disk.rename(from, to)
      keep(`rename ${from} ${to}`, (other) => other.rename(from, to))
    },
    async unlink(path) {
      await disk.unlink(path)
      keep(`unlink ${path}`, (other) => other.unlink(path))
    },
    async removeDir(path) {
      await disk.removeDir(path)
      keep(`rmdir ${path}`, (other) => other.removeDir(path))
    },
  }
}

function recordingFile(
  file: OpenFile,
  path: string,
  keep: (what: string, replay: (other: Disk) => Promise<void>) => void,
): OpenFile {
  let before: Uint8Array = new Uint8Array()
  return {
    ...file,
    async write(content) {
      await file.write(content)
      const whole = Buffer.concat([before, content])
      before = whole
      keep(`write ${path}`, async (other) => void (await (await other.create(path, 0o600)).write(whole)))
    },
    async sync() {
      // Recorded when it begins: what is done while it runs is not yet safe.
      keep(`fsync ${path}`, async (other) => await (await other.open(path)).sync())
      await file.sync()
    },
  }
}

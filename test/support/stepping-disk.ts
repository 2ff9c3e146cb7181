/** A disk that says before each system call that changes something what comes now. Half a write is a step too. */
import type { Disk, OpenFile } from '../../shared/ports/disk.ts'

export function steppingDisk(disk: Disk, step: (what: string) => void): Disk {
  return {
    ...disk,
    async create(path, mode) {
      step(`create ${path}`)
      return steppingFile(await disk.create(path, mode), path, step)
    },
    async open(path) {
      return steppingFile(await disk.open(path), path, step)
    },
    makeDir(path) {
      step(`mkdir ${path}`)
      return disk.makeDir(path)
    },
    symlink(target, path) {
      step(`symlink ${path}`)
      return disk.symlink(target, path)
    },
    rename(from, to) {
      step(`rename ${from} ${to}`)
      return disk.rename(from, to)
    },
    unlink(path) {
      step(`unlink ${path}`)
      return disk.unlink(path)
    },
    removeDir(path) {
      step(`rmdir ${path}`)
      return disk.removeDir(path)
    },
    chmod(path, mode) {
      step(`chmod ${path}`)
      return disk.chmod(path, mode)
    },
    chown(path, uid, gid) {
      step(`chown ${path}`)
      return disk.chown(path, uid, gid)
    },
  }
}

function steppingFile(file: OpenFile, path: string, step: (what: string) => void): OpenFile {
  return {
    ...file,
    async write(content) {
      const half = Math.floor(content.length / 2)
      step(`write ${path}`)
      await file.write(content.subarray(0, half))
      step(`write rest ${path}`)
      await file.write(content.subarray(half))
    },
    chmod(mode) {
      step(`fchmod ${path}`)
      return file.chmod(mode)
    },
    chown(uid, gid) {
      step(`fchown ${path}`)
      return file.chown(uid, gid)
    },
    sync() {
      step(`fsync ${path}`)
      return file.sync()
    },
  }
}

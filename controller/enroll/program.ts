/** The agent's program on this host: one self-contained file, and the same packed for the way. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { AppError } from '../../shared/errors/app-error.ts'
import { version } from '../../shared/version.ts'

/** Machines that there are programs for, as uname -m calls them. */
const archs = { x86_64: 'x64', aarch64: 'arm64' } as const
/** Of a program's machine in its ELF header. Source: elf(5). */
const elfMachines = { x86_64: 62, aarch64: 183 } as const

export interface Program {
  readonly path: string
  /** How it begins: as far as it says what it is. */
  readonly head: Buffer
  readonly version: string
  /** Lower-case hex. */
  readonly sha256: string
  readonly bytes: number
  /** Packed with gzip; done once for all nodes. */
  packed(): Promise<Buffer>
}

export interface Programs {
  /**
   * @param machine - as `uname -m` says it on the node
   * @throws AppError `PROGRAM_MISSING`, `PROGRAM_INVALID`, `ARCH_UNSUPPORTED`
   */
  for(machine: string): Promise<Program>
}

/**
 * @param named - file that the operator names; used for every node
 * @param start - path of the script or program that runs now
 */
export function createPrograms(named: string | undefined, start: string): Programs {
  const read = new Map<string, Promise<Program>>()
  return {
    async for(machine) {
      const path = named ?? usualPath(machine, start)
      const known = read.get(path) ?? readProgram(path)
      read.set(path, known)
      const program = await known
      expectRunnable(program, machine)
      return program
    },
  }
}

/** Ourselves where we are such a file, for machines of our own kind; else what `scripts/package` builds. */
function usualPath(machine: string, start: string): string {
  const arch = machine in archs ? archs[machine as keyof typeof archs] : undefined // checked the line before
  if (arch === undefined) {
    throw new AppError('ARCH_UNSUPPORTED', `there is no program for ${machine}`, {
      hint: `programs are built for ${Object.keys(archs).join(' and ')}; name a file of your own with --program`,
    })
  }
  if (isSelfContained() && arch === process.arch) return process.execPath
  const home = join(dirname(start), '..')
  return join(home, home.endsWith('dist') ? '' : 'dist', 'package', `pgsvc-linux-${arch}`)
}

function isSelfContained(): boolean {
  try {
    const { isSea } = createRequire(join(process.cwd(), 'x'))('node:sea')
    return isSea() === true
  } catch {
    return false
  }
}

const headBytes = 20

/** It will be run as root there: a file that was named by mistake must not be. A script of the operator's own may be. */
function expectRunnable({ path, head }: Program, machine: string): void {
  if (head.subarray(0, 2).toString('latin1') === '#!') return
  const isElf = head.length >= headBytes && head.readUInt32BE(0) === 0x7f454c46
  const found = isElf ? head.readUInt16LE(18) : undefined
  if (found !== undefined && found === elfMachines[machine as keyof typeof elfMachines]) return // undefined for others
  const what = found === undefined ? 'is no program' : `is a program for another machine than ${machine}`
  throw new AppError('PROGRAM_INVALID', `${path} ${what}`, {
    hint: 'name what scripts/package program builds, dist/package/pgsvc-linux-<arch>',
  })
}

async function readProgram(path: string): Promise<Program> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('PROGRAM_MISSING', `the agent's program cannot be read: ${why}`, {
      hint: 'build it with scripts/package program, or name a file with --program',
      cause,
    })
  })
  if (!(await stat(path)).isFile()) throw new AppError('PROGRAM_MISSING', `${path} is no file`)
  let packing: Promise<Buffer> | undefined
  return {
    path,
    head: bytes.subarray(0, headBytes),
    version,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    packed: () => {
      // The fastest level: it takes a second for a hundred megabytes and leaves two fifths of them.
      packing ??= promisify(gzip)(bytes, { level: 1 })
      return packing
    },
  }
}

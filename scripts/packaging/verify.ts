/** Builds the same sources a second time, as another clone elsewhere would, and compares byte by byte. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { projectDir } from '../bundle.ts'
import type { Arch } from './item.ts'

export interface BuiltFiles {
  readonly arch: Arch
  readonly kinds: readonly string[]
  readonly fast: boolean
  readonly epochS: number
  /** What was built here. */
  readonly files: readonly string[]
}

/** @returns for each file that differs, where it first does; empty: all are equal */
export function verify({ arch, kinds, fast, epochS, files }: BuiltFiles): readonly string[] {
  // Its path is longer than ours, and nothing that was built here is there.
  const clone = join(projectDir, 'dist/package/another-clone')
  rmSync(clone, { recursive: true, force: true })
  try {
    copySources(clone)
    const args = ['scripts/packaging/main.ts', ...kinds, '--arch', arch, ...(fast ? ['--fast'] : [])]
    execFileSync(process.execPath, args, {
      cwd: clone,
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epochS) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return files.flatMap((file) => difference(file, join(clone, relative(projectDir, file))))
  } finally {
    rmSync(clone, { recursive: true, force: true })
  }
}

/** The work tree as it is, and what npm has installed. */
function copySources(clone: string): void {
  const ask = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const listed = execFileSync('git', ask, { cwd: projectDir, encoding: 'utf8', maxBuffer: 64 << 20 })
  for (const name of new Set(listed.split('\0'))) {
    const from = join(projectDir, name)
    if (name === '' || !existsSync(from)) continue
    mkdirSync(dirname(join(clone, name)), { recursive: true })
    cpSync(from, join(clone, name), { preserveTimestamps: true })
  }
  execFileSync('cp', ['-al', join(projectDir, 'node_modules'), join(clone, 'node_modules')])
  rmSync(join(clone, 'node_modules/.cache'), { recursive: true, force: true })
}

function difference(file: string, other: string): readonly string[] {
  const [one, two] = [readFileSync(file), readFileSync(other)]
  if (one.equals(two)) return []
  const at = one.findIndex((byte, index) => byte !== two[index])
  const sizes = one.length === two.length ? '' : `, and they have ${one.length} and ${two.length} bytes`
  return [`${basename(file)}: differs from byte ${at} on${sizes}`]
}

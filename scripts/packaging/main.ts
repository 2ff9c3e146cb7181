/** `scripts/package`: builds the program and the packages that were named, in dist/package. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectDir } from '../bundle.ts'
import { describe } from './contents.ts'
import { makeDeb } from './deb.ts'
import type { Arch } from './item.ts'
import { nodePackage, stripFor } from './node-program.ts'
import { buildProgram } from './program.ts'
import { makeRpm } from './rpm.ts'

const usage = `usage: scripts/package [program] [deb] [rpm] [--arch x64|arm64] [--fast]
Builds what is installed, in dist/package: the self-contained program, .deb and .rpm; all three when none is named.
--fast: packages are not compressed (for tests)`
const kinds: readonly string[] = ['program', 'deb', 'rpm']
const { values, positionals } = readArguments()
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const wanted = positionals.length > 0 ? positionals : kinds
const unknown = wanted.find((kind) => !kinds.includes(kind))
if (unknown !== undefined) fail(`unknown: ${unknown}; ${kinds.join(', ')} can be built`)
if (values.arch !== 'x64' && values.arch !== 'arm64') fail('--arch takes x64 or arm64')
await build(values.arch)

function readArguments() {
  try {
    return parseArgs({
      options: {
        arch: { type: 'string', default: process.arch },
        fast: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowPositionals: true,
    })
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

function fail(message: string): never {
  console.error(`package: ${message}`)
  process.exit(2)
}

async function build(arch: Arch): Promise<void> {
  const outDir = join(projectDir, 'dist/package')
  mkdirSync(outDir, { recursive: true })
  const program = join(outDir, `pgsvc-linux-${arch}`)
  if (wanted.includes('program') || !existsSync(program)) {
    const strip = stripFor(arch)
    if (strip === undefined) console.log(`nothing here strips programs for ${arch}: symbols stay in`)
    await buildProgram(arch, { node: join(nodePackage(arch), 'bin/node'), strip, out: program })
    say(program)
  }
  if (!wanted.includes('deb') && !wanted.includes('rpm')) return
  const epochS = sourceDate()
  const description = await describe(arch, program, epochS)
  const work = join(projectDir, `node_modules/.cache/pgsvc-package-${arch}`)
  const options = { arch, epochS, outDir, work, fast: values.fast }
  if (wanted.includes('deb')) say(makeDeb(description, options))
  if (wanted.includes('rpm')) say(makeRpm(description, options))
}

/** Two builds of the same commit bear the same time. */
function sourceDate(): number {
  const given = Number(process.env.SOURCE_DATE_EPOCH)
  if (given > 0) return given
  return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: projectDir, encoding: 'utf8' }))
}

function say(file: string): void {
  console.log(`${file.slice(projectDir.length + 1)}: ${(statSync(file).size / 1e6).toFixed(1)} MB`)
}

/** `scripts/package`: builds the program and the packages that were named, in dist/package. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectDir } from '../bundle.ts'
import { describe } from './contents.ts'
import { makeDeb } from './deb.ts'
import type { Arch } from './item.ts'
import { nodePackage, stripFor } from './node-program.ts'
import { buildProgram } from './program.ts'
import { makeRpm } from './rpm.ts'
import { verify } from './verify.ts'

const usage = `usage: scripts/package [program] [deb] [rpm] [--arch x64|arm64] [--fast]
       scripts/package verify [program] [deb] [rpm] [--arch x64|arm64] [--fast]
Builds what is installed, in dist/package: the self-contained program, .deb and .rpm; all three when none is named. Packages
hold the program of these sources: it is built with them.
verify: builds a second time in a copy of the sources, and fails when a byte differs
--fast: packages are not compressed, and in dist/fast (for tests)`
const kinds: readonly string[] = ['program', 'deb', 'rpm']
const { values, positionals } = readArguments()
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const [isVerify, named] = [
  positionals[0] === 'verify',
  positionals.filter((word, at) => at > 0 || word !== 'verify'),
]
const wanted = named.length > 0 ? named : kinds
const unknown = wanted.find((kind) => !kinds.includes(kind))
if (unknown !== undefined) fail(`unknown: ${unknown}; ${kinds.join(', ')} can be built`)
if (values.arch !== 'x64' && values.arch !== 'arm64') fail('--arch takes x64 or arm64')
const epochS = sourceDate()
const files = await build(values.arch)
if (isVerify) compare(values.arch)

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

/** @returns what was built */
async function build(arch: Arch): Promise<readonly string[]> {
  const programDir = join(projectDir, 'dist/package')
  // Not where an operator takes them from: five times as big, under the same name.
  const outDir = values.fast ? join(projectDir, 'dist/fast') : programDir
  for (const dir of [programDir, outDir]) mkdirSync(dir, { recursive: true })
  const program = join(programDir, `pgsvc-linux-${arch}`)
  // Always: one that lies there may be of other sources, under this version's name.
  const strip = stripFor(arch)
  if (strip === undefined) console.log(`nothing here strips programs for ${arch}: symbols stay in`)
  await buildProgram(arch, { node: join(nodePackage(arch), 'bin/node'), strip, out: program })
  const built = [program]
  if (wanted.includes('deb') || wanted.includes('rpm')) {
    const description = await describe(arch, program, epochS)
    const work = join(projectDir, `node_modules/.cache/pgsvc-package-${arch}`)
    const options = { arch, epochS, outDir, work, fast: values.fast }
    if (wanted.includes('deb')) built.push(makeDeb(description, options))
    if (wanted.includes('rpm')) built.push(makeRpm(description, options))
  }
  built.forEach(say)
  return built
}

function compare(arch: Arch): void {
  const differences = verify({ arch, kinds: wanted, fast: values.fast, epochS, files })
  for (const one of differences) console.error(`package: ${one}`)
  if (differences.length > 0) process.exitCode = 1
  else console.log('a second build in another directory gave the same bytes')
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

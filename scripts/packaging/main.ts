/** `scripts/package`: builds the program and the packages that were named, in dist/package. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectDir } from '../bundle.ts'
import { nodePackage, stripFor } from './node-program.ts'
import { type Arch, buildProgram } from './program.ts'

const { values, positionals } = parseArgs({
  options: { arch: { type: 'string', default: process.arch }, fast: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const wanted = positionals.length > 0 ? positionals : ['program']
if (values.arch !== 'x64' && values.arch !== 'arm64') throw new Error('--arch takes x64 or arm64')
const arch: Arch = values.arch
const outDir = join(projectDir, 'dist/package')

function say(file: string): void {
  console.log(`${file.slice(projectDir.length + 1)}: ${(statSync(file).size / 1e6).toFixed(1)} MB`)
}

const program = join(outDir, `pgsvc-linux-${arch}`)
if (wanted.includes('program')) {
  const strip = stripFor(arch)
  if (strip === undefined) console.log(`nothing here strips programs for ${arch}: symbols stay in`)
  await buildProgram(arch, { node: join(nodePackage(arch), 'bin/node'), strip, out: program })
  say(program)
}

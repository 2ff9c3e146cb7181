/**
 * Builds the self-contained program: Node with our parts inside, one file that needs nothing but glibc and libstdc++.
 *
 * Node's "single executable application": a blob with the first code, the parts and their code caches is put into a
 * copy of the node program as an ELF note. Source: Node.js documentation, "Single executable applications".
 */
import { execFile } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { bundle, bundleFile, programParts, projectDir } from '../bundle.ts'
import { startPlayController } from '../play-controller.ts'
import type { Arch } from './item.ts'

const run = promisify(execFile)

/** Given by Node; it is looked for in the program to be told that a blob is there. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/**
 * Options of the runtime for all parts. Young objects get 1 MB instead of 16: an idle agent keeps what it fills.
 * docs/cost.md has what was tried and what it brought.
 */
export const runtimeOptions = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'] as const

/**
 * Builds the program for a machine.
 *
 * @param node - the node program of that machine
 * @param strip - the strip program for it; undefined: symbols stay, some 18 MB
 */
export async function buildProgram(
  arch: Arch,
  options: { readonly node: string; readonly strip: string | undefined; readonly out: string },
): Promise<void> {
  const work = join(projectDir, `node_modules/.cache/pgsvc-program-${arch}`)
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const bare = join(work, 'node')
  copyFileSync(realpathSync(options.node), bare)
  chmodSync(bare, 0o755)
  // First, and never afterwards: strip would take the blob away.
  if (options.strip !== undefined) await run(options.strip, [bare])
  for (const { name, main } of programParts) await bundle(main, bundleFile(work, name))
  const assets: Record<string, string> = {}
  for (const { name } of programParts) assets[`${name}.cjs`] = bundleFile(work, name)
  const start = readFileSync(join(projectDir, 'packaging/program/start.cjs'), 'utf8')
  // V8 takes a cache only from itself: same version, same machine, same options.
  if (arch === process.arch) Object.assign(assets, await makeCaches(work, bare, start, assets))
  const program = join(work, 'pgsvc')
  const assembly = { bare, program, start, assets, runtime: runtimeOptions }
  if (arch === process.arch) await tryCaches(work, { ...assembly, start: cacheTrier + start })
  await assemble(work, assembly)
  mkdirSync(dirname(options.out), { recursive: true })
  renameSync(program, options.out)
}

interface Assembly {
  readonly runtime: readonly string[]
  readonly bare: string
  readonly program: string
  readonly start: string
  readonly assets: Readonly<Record<string, string>>
}

async function assemble(work: string, { bare, program, start, assets, runtime }: Assembly): Promise<void> {
  // Named as seen from there: Node writes the path of the first code into the blob, and two clones would differ.
  const [main, config, blob] = ['main.cjs', 'sea.json', 'sea.blob']
  writeFileSync(join(work, main), start)
  const options = { useSnapshot: false, useCodeCache: false, disableExperimentalSEAWarning: true }
  const own = { execArgv: runtime, execArgvExtension: 'none' }
  const contents = JSON.stringify({ main, output: blob, ...options, ...own, assets })
  writeFileSync(join(work, config), contents)
  await run(process.execPath, ['--experimental-sea-config', config], { cwd: work })
  copyFileSync(bare, program)
  const postject = join(projectDir, 'node_modules/postject/dist/cli.js')
  await run(process.execPath, [postject, program, 'NODE_SEA_BLOB', join(work, blob), '--sentinel-fuse', fuse])
}

/**
 * What is run in place of a part: each part in a process of its own, once, as far as a start goes. The baseline
 * compiler rests meanwhile: which functions it has in hand when the cache is written would stand in the cache, and
 * are others each time. The options that a cache was made with stand in its header, hashed (V8, code-serializer.h:
 * SerializedCodeData), and have to be those of its reader; they are taken from a cache that is made with these.
 */
const cacheMaker = `globalThis.pgsvcMakesCaches = ({ compile, load }) => {
  const { setFlagsFromString } = require('node:v8')
  const [name, file, ...argv] = process.argv.slice(2)
  setFlagsFromString('--no-sparkplug')
  const script = compile(name)
  load(script).main(argv).then((status) => {
    if (status !== 0) process.exit(1)
    const cache = script.createCachedData()
    if (name !== 'agent') setFlagsFromString('--sparkplug')
    const { Script } = require('node:vm')
    new Script('').createCachedData().copy(cache, 12, 12, 16)
    require('node:fs').writeFileSync(file, cache)
  })
}
`

/** One that V8 does not take would cost memory and time at every start, and nobody would be told. */
const cacheTrier = `globalThis.pgsvcMakesCaches = ({ compile, readCache }) => {
  const refused = process.argv.slice(2).filter((name) => compile(name, readCache(name)).cachedDataRejected !== false)
  if (refused.length > 0) throw new Error('V8 does not take the code caches of: ' + refused)
}
`

async function tryCaches(work: string, assembly: Assembly): Promise<void> {
  await assemble(work, assembly)
  // Each in a process of its own, as some set options of the runtime.
  for (const { name } of programParts) await run(assembly.program, [name])
}

/** @returns assets: the caches, made by a program like the one that will take them */
async function makeCaches(
  work: string,
  bare: string,
  start: string,
  assets: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const program = join(work, 'cache-maker')
  // V8's tables would be in another order each time; it takes the cache without this, too.
  const runtime = [...runtimeOptions, '--random-seed=1']
  await assemble(work, { bare, program, start: cacheMaker + start, assets, runtime })
  const controller = await startPlayController()
  const caches: Record<string, string> = {}
  try {
    for (const { name, warmUp } of programParts) {
      const file = join(work, `${name}.cache`)
      const env = { ...process.env, PGSVC_CONTROLLER: controller.address }
      await run(program, [name, file, ...warmUp], { env, timeout: 60_000 })
      caches[`${name}.cache`] = file
    }
  } finally {
    controller.stop()
  }
  return caches
}

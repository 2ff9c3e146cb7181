/**
 * Builds `dist/`: four bundles with their code caches, and launchers that run them.
 *
 * What is installed is the self-contained program (scripts/package); this is for the checkout.
 */
import { execFile } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundle, bundleFile, programParts, projectDir as root } from './bundle.ts'
import { startPlayController } from './play-controller.ts'

const dist = join(root, 'dist')
// Built aside and renamed at the end: a build that fails leaves the one before.
const fresh = join(root, 'node_modules/.cache/pgsvc-dist')
const lib = join(fresh, 'lib')

function launcher(choice: string): string {
  return `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
home=$here/../..
. "$here/find-node.sh"
${choice}
exec "$node" --disable-warning=ExperimentalWarning "$here/../lib/start.cjs" "$here/../lib/$main.cjs" "$@"
`
}

/**
 * Runs the bundle once, so that the functions a start needs are compiled, and keeps what V8 made of them.
 * `pgsql-svc` publishes to a controller that only plays; the daemons show their help: nothing is touched.
 */
async function makeCache(name: string, warmUp: readonly string[], address: string): Promise<void> {
  const file = bundleFile(lib, name)
  const program = `
    const { compile, load } = require(${JSON.stringify(join(lib, 'start.cjs'))})
    const file = process.argv[1]
    const script = compile(file)
    load(file, script).main(process.argv.slice(2)).then((status) => {
      if (status !== 0) process.exit(1)
      require('node:fs').writeFileSync(file + '.cache', script.createCachedData())
    })`
  // Not the synchronous call: the playing controller lives in this process.
  await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '-e', program, '--', file, ...warmUp],
    { timeout: 30_000, env: { ...process.env, PGSVC_CONTROLLER: address } },
  )
}

function writeLauncher(name: string, choice: string): void {
  const file = join(fresh, 'bin', name)
  writeFileSync(file, launcher(choice))
  chmodSync(file, 0o755)
}

rmSync(fresh, { recursive: true, force: true })
mkdirSync(lib, { recursive: true })
mkdirSync(join(fresh, 'bin'))
copyFileSync(join(root, 'bin/start-bundle.cjs'), join(lib, 'start.cjs'))
copyFileSync(join(root, 'bin/find-node.sh'), join(fresh, 'bin/find-node.sh'))
const controller = await startPlayController()
for (const { name, main, warmUp } of programParts) {
  await bundle(main, bundleFile(lib, name))
  await makeCache(name, warmUp, controller.address)
  const kilobytes = (file: string) => `${Math.round(statSync(file).size / 1024)} kB`
  const text = bundleFile(lib, name)
  if (/[^\0-\x7f]/.test(readFileSync(text, 'latin1'))) throw new Error(`${text} is not ASCII`)
  console.log(`${name}: ${kilobytes(text)}, code cache ${kilobytes(`${text}.cache`)}`)
}
controller.stop()
writeLauncher('pgsql-svc', 'main=svc; case " $* " in *" --ssh "*) main=controller; set -- svc "$@" ;; esac')
// biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
writeLauncher('pgsvc', 'case "${1-}" in agent|notify) main=$1; shift ;; *) main=controller ;; esac')
mkdirSync(dist, { recursive: true })
for (const name of ['bin', 'lib']) {
  rmSync(join(dist, name), { recursive: true, force: true })
  renameSync(join(fresh, name), join(dist, name))
}

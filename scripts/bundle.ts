/** The parts of the program: what each is made of, and its bundle. */
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** The project's own directory. */
export const projectDir = resolve(import.meta.dirname, '..')

/** Parts by name, and arguments with which one runs to its end and touches nothing. */
export const programParts = [
  { name: 'controller', main: 'controller/main.ts', warmUp: ['--help'] },
  { name: 'svc', main: 'controller/svc-main.ts', warmUp: ['pg-test'] },
  { name: 'agent', main: 'agent/main.ts', warmUp: ['--help'] },
  { name: 'notify', main: 'agent/notify.ts', warmUp: ['--help'] },
] as const

/**
 * ssh2 tries native parts and goes on without them. They are never built here, and a bundle must not look for such files
 * beside itself either.
 */
const withoutNative: Plugin = {
  name: 'without-native',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\.node$|^cpu-features$/ }, ({ path }) => ({ path, namespace: 'native' }))
    onLoad({ filter: /.*/, namespace: 'native' }, () => ({ contents: "throw new Error('not built')" }))
  },
}

/**
 * Writes one file of ASCII with everything that `main` imports: a function as `module.wrap` makes one, whose exports are
 * those of `main`. Wrapped here, as a text that is put together when it is loaded is kept twice by V8.
 */
export async function bundle(main: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: projectDir,
    entryPoints: [main],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    // The loader reads Latin-1: V8 keeps such a text in half the space and needs not look for UTF-8.
    charset: 'ascii',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: '(function (exports, require, module, __filename, __dirname) {' },
    footer: { js: '})' },
    legalComments: 'none',
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'error' },
    plugins: [withoutNative],
  })
}

/** Where the bundle of a part is in a directory of bundles. */
export function bundleFile(directory: string, name: string): string {
  return join(directory, `${name}.cjs`)
}

// First code of the self-contained program: chooses a part by the name it was called by and its first argument, and
// runs it from what the program file carries.
//
// Parts are texts with V8's code caches beside them, as in an installation that has its own Node (bin/start-bundle.cjs).
// They lie in the program file, are read where they lie, and only the part that is asked for is touched.
const { createRequire } = require('node:module')
const { basename } = require('node:path')
const { getRawAsset } = require('node:sea')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

function part(calledBy, argv) {
  if (basename(calledBy) === 'pgsql-svc') {
    // What goes over SSH needs more than what starts fast has.
    return argv.includes('--ssh')
      ? { name: 'controller', args: ['svc', ...argv] }
      : { name: 'svc', args: argv }
  }
  const [verb, ...rest] = argv
  if (verb === 'agent' || verb === 'notify') return { name: verb, args: rest }
  return { name: 'controller', args: argv }
}

// A program for another machine than the one it was built on has no caches: they only cost time.
function readCache(name) {
  try {
    return Buffer.from(getRawAsset(`${name}.cache`))
  } catch {
    return undefined
  }
}

// An agent is at rest nearly always: what the compilers make of its code costs more memory than it is worth.
const sparing = ['--no-opt', '--no-maglev', '--no-sparkplug']

/** Compiles a part. The build calls it too, so that both mean the same text, and the same options of the runtime. */
function compile(name, cachedData) {
  for (const option of name === 'agent' ? sparing : []) setFlagsFromString(option)
  const text = Buffer.from(getRawAsset(`${name}.cjs`)).latin1Slice()
  return new Script(text, { filename: `${name}.cjs`, cachedData })
}

function load(script) {
  const bundle = { exports: {} }
  script.runInThisContext()(bundle.exports, createRequire(process.execPath), bundle, process.execPath, '/')
  return bundle.exports
}

async function start() {
  const { name, args } = part(process.argv0, process.argv.slice(2))
  const status = await load(compile(name, readCache(name))).main(args)
  if (typeof status === 'number') process.exitCode = status
}

// The build's own first code comes after this one and takes over.
if (globalThis.pgsvcMakesCaches === undefined) start()
else globalThis.pgsvcMakesCaches({ compile, load, readCache })

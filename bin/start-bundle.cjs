// Runs the bundle named first with the arguments after it, from the code cache that the build made beside it.
// Node's own compile cache would be one directory per user, made at first use: slow for all but the one who
// ran it before, and a place to plant code in if others can write there. This one belongs to the installation.
// A cache that is missing, or of another version of Node, only costs time.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname } = require('node:path')
const { Script } = require('node:vm')

/** Compiles a bundle; `cachedData` may be undefined. The build calls it too, so that both mean the same text. */
function compile(file, cachedData) {
  return new Script(readFileSync(file, 'latin1'), { filename: file, cachedData })
}

function load(file, script) {
  const bundle = { exports: {} }
  script.runInThisContext()(bundle.exports, createRequire(file), bundle, file, dirname(file))
  return bundle.exports
}

function readCache(file) {
  try {
    return readFileSync(`${file}.cache`)
  } catch {
    return undefined
  }
}

async function start(file, argv) {
  const { main } = load(file, compile(file, readCache(file)))
  const status = await main(argv)
  if (typeof status === 'number') process.exitCode = status
}

if (require.main === module) start(process.argv[2], process.argv.slice(3))
else module.exports = { compile, load }

/** Node's own SQLite, loaded when it is needed. */

/** The module says on some versions of Node that it is experimental; only that warning is held back. */
export function loadSqlite(): typeof import('node:sqlite') {
  const emitWarning = process.emitWarning
  process.emitWarning = () => undefined
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

/**
 * What a running HAProxy's command line says: which files it loads and where its master socket is.
 * Source: HAProxy management guide, section 3 (starting HAProxy).
 */
import { isAbsolute, resolve } from 'node:path'

export interface HaproxyArguments {
  /** Files and directories of `-f` and of `--`, in order, absolute. */
  readonly configPaths: readonly string[]
  /** Path of the master socket (`-S`); undefined when there is none or it is not a unix socket. */
  readonly masterSocket: string | undefined
  /** Runs as master and worker (`-W` or `-Ws`). */
  readonly masterWorker: boolean
}

/**
 * @param args - the command line, program name first (as in /proc/<pid>/cmdline)
 * @param cwd - directory that relative paths start from
 */
export function parseArguments(args: readonly string[], cwd: string): HaproxyArguments {
  const absolute = (path: string) => (isAbsolute(path) ? resolve(path) : resolve(cwd, path))
  const configPaths: string[] = []
  let masterSocket: string | undefined
  for (let i = 1; i < args.length; i += 1) {
    const next = args[i + 1]
    if (args[i] === '--') {
      configPaths.push(
        ...args
          .slice(i + 1)
          .filter((path) => path !== '')
          .map(absolute),
      )
      break
    }
    if (next === undefined) continue
    if (args[i] === '-f') configPaths.push(absolute(next))
    if (args[i] === '-S') masterSocket = unixPath(next)
    if (args[i] === '-f' || args[i] === '-S') i += 1
  }
  return {
    configPaths,
    masterSocket,
    masterWorker: args.some((arg) => arg === '-W' || arg === '-Ws'),
  }
}

/** `-S /run/x.sock,mode,600` and `unix@/run/x.sock` are unix sockets; `127.0.0.1:9999` is not. */
function unixPath(value: string): string | undefined {
  const [address = ''] = value.split(',')
  const path = address.startsWith('unix@') ? address.slice('unix@'.length) : address
  return path.startsWith('/') ? path : undefined
}

/** The first unix `stats socket` of a HAProxy configuration, if any. */
export function findStatsSocket(config: string): string | undefined {
  for (const match of config.matchAll(/^[ \t]*stats[ \t]+socket[ \t]+(\S+)/gm)) {
    const path = unixPath(match[1] ?? '')
    if (path !== undefined) return path
  }
  return undefined
}

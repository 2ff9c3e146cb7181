/**
 * Inventory programs: run with `--list`, and with `--host NAME` for each host when there is no `_meta`.
 *
 * A program that fails is an error here. Ansible warns and goes on without hosts, which looks like success.
 */
import { dirname, resolve } from 'node:path'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Exec, ExecResult } from '../../shared/ports/exec.ts'
import { hostsListed, ScriptOutput } from '../inventory/script-groups.ts'
import { parseJson } from '../parse/parse-json.ts'
import { sourceFile } from '../values/spot.ts'
import { Dict, type Value } from '../values/value.ts'

/** How long one run may take. */
export const scriptTimeoutMs = 30_000
/** How much one run may print. */
export const maxScriptOutputBytes = 256 * 1024 * 1024
/** A program without `_meta` is run once for each host; more hosts than this need `_meta`. */
export const maxHostRuns = 2_000
const hostRunsAtOnce = 8
/** Lines of the program's own words that an error repeats. */
const wordsLines = 5
const maxWords = 2_000

export interface ScriptRun {
  readonly exec: Exec
  /** The program's file. */
  readonly path: string
  /** Directory to run it in; without it the program's own. */
  readonly cwd?: string | undefined
  /** Told about each output that was read. */
  seen(name: string, text: string): void
}

/**
 * Runs an inventory program.
 *
 * @throws AppError `INVENTORY_SCRIPT` when it cannot be run, fails, or takes too long or says too much;
 *   `INVENTORY_INVALID` when it does not print JSON
 */
export async function runScript(run: ScriptRun): Promise<ScriptOutput> {
  const groups = await ask(run, ['--list'])
  const meta = groups.get('_meta')
  if (meta !== undefined && !(meta instanceof Dict)) throw invalid(run, '_meta must be a mapping')
  const hostVars = meta?.get('hostvars') ?? null
  if (hostVars instanceof Dict) return new ScriptOutput(groups, hostVars)
  if (hostVars !== null) throw invalid(run, '_meta.hostvars must be a mapping')
  return new ScriptOutput(groups, await askHosts(run, hostsListed(groups)))
}

async function askHosts(run: ScriptRun, hosts: readonly string[]): Promise<Map<string, Value>> {
  if (hosts.length > maxHostRuns) {
    throw new AppError(
      'INVENTORY_SCRIPT',
      `${run.path} lists ${hosts.length} hosts without their variables`,
      {
        hint: `let it print _meta.hostvars; up to ${maxHostRuns} hosts are asked for one by one`,
      },
    )
  }
  const found = new Map<string, Value>()
  const waiting = [...hosts]
  const worker = async () => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift())
      found.set(host, await ask(run, ['--host', host]))
  }
  await Promise.all(Array.from({ length: hostRunsAtOnce }, worker))
  return found
}

async function ask(run: ScriptRun, args: readonly string[]): Promise<Dict> {
  const what = `output of ${[run.path, ...args].join(' ')}`
  const text = outputOf(await start(run, args), what)
  run.seen(what, text)
  const value = parseJson(sourceFile(what, text), text, 'it')
  if (value instanceof Dict) return value
  throw new AppError('INVENTORY_INVALID', 'an inventory program prints one JSON mapping', {
    at: { file: what, line: 1, column: 1 },
  })
}

async function start(run: ScriptRun, args: readonly string[]): Promise<ExecResult> {
  try {
    return await run.exec.run(resolve(run.path), args, {
      timeoutMs: scriptTimeoutMs,
      maxOutputBytes: maxScriptOutputBytes,
      cwd: run.cwd ?? dirname(resolve(run.path)),
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('INVENTORY_SCRIPT', `${run.path} cannot be run: ${why}`, {
      cause,
      hint: 'see its first line (#!) and its permissions',
    })
  }
}

function outputOf({ status, stdout, stderr }: ExecResult, what: string): string {
  if (status === 0 && stdout.includes('\uFFFD')) throw failed(what, 'is not UTF-8', '')
  if (status === 0) return stdout
  const limits = `it took more than ${scriptTimeoutMs / 1000} s, printed more than ${maxScriptOutputBytes >> 20} MiB, or was killed`
  throw failed(what, status === null ? `was cut off: ${limits}` : `ended with status ${status}`, stderr)
}

function failed(what: string, why: string, stderr: string): AppError {
  const words = stderr.trim().split('\n').slice(-wordsLines).join('\n').slice(-maxWords)
  return new AppError('INVENTORY_SCRIPT', `the ${what} ${why}${words === '' ? '' : `: ${words}`}`, {
    hint: 'run it by hand; nothing is published from an inventory that cannot be read',
  })
}

function invalid(run: ScriptRun, message: string): AppError {
  return new AppError('INVENTORY_INVALID', message, {
    at: { file: `output of ${run.path} --list`, line: 1, column: 1 },
  })
}

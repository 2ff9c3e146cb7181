/**
 * Scripts run as root on a node, through sudo where the account is not root itself.
 *
 * What is printed before the script begins (banners, a login shell's own words) is told apart by a mark that nobody
 * else knows; a password goes out only when sudo asks for it with a prompt that is ours, never as a script's input.
 * Source: sudo(8), -S, -p, -n; the same way is gone by Ansible's become.
 */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Become } from './node-access.ts'
import type { Ended, RemoteCommand, SshSession } from './session.ts'
import { quoted } from './shell-words.ts'

export interface RunOptions {
  /** The script's standard input; closed at once when left out. */
  readonly input?: Readable | Buffer | string | undefined
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

export interface RootShell {
  /**
   * Runs a script of sh to its end.
   *
   * @throws AppError `SUDO_REFUSED`, `SSH_LOST`, `SSH_FAILED`, `REMOTE_TIMEOUT`, `CANCELLED`
   */
  run(script: string, options: RunOptions): Promise<Ended>
  /**
   * Starts one and hands out its streams, once it runs as root.
   *
   * @throws as `run`
   */
  start(script: string, options: Omit<RunOptions, 'input'>): Promise<RemoteCommand>
}

/** Bytes of output that are kept of a command. */
const maxOutput = 4 << 20
const maxWords = 2_000

/** @param become - without a password sudo must not ask */
export function rootShell(session: SshSession, become: Become): RootShell {
  const begin = async (
    script: string,
    { timeoutMs, signal }: Omit<RunOptions, 'input'>,
  ): Promise<RemoteCommand> => {
    const mark = `pgsvc-${randomBytes(12).toString('hex')}`
    if (become.isForbidden && session.user !== 'root')
      throw refusedBySudo(session.peer, 'the inventory has ansible_become: false for it', become)
    const command = asRoot(session.user, mark, become, script)
    const running = await session.start(command)
    const stop = cutShort(running, { timeoutMs, signal, peer: session.peer })
    try {
      const root = becomeRoot(running, mark, become, session.peer)
      root.catch(() => undefined)
      const said = await Promise.race([root, stop.cut])
      const ended = Promise.race([running.ended, stop.cut]).finally(stop.end)
      ended.catch(() => undefined)
      return { ...running, said, ended }
    } catch (error) {
      stop.end()
      running.channel.destroy()
      throw error
    }
  }
  return {
    start: begin,
    async run(script, { input, ...options }) {
      const running = await begin(script, options)
      const [stdout, stderr] = [collect(running.channel), collect(running.stderr)]
      feed(running, input)
      const status = await running.ended
      return { status, stdout: stdout(), stderr: running.said + stderr() }
    },
  }
}

/** One line for the account's login shell, whatever that is. */
export function asRoot(user: string, mark: string, become: Become, script: string): string {
  const words = quoted(`printf '%s\\n' ${mark}; ${script}`)
  if (user === 'root') return `sh -c ${words}`
  const { password, program = 'sudo', options = [] } = become
  const asking = password === undefined ? '-n -H' : `-k -H -S -p ${quoted(promptOf(mark))}`
  return `${[quoted(program), asking, ...options.map(quoted), '-u root'].join(' ')} sh -c ${words}`
}

function promptOf(mark: string): string {
  return `[${mark}] `
}

/** Resolves when the mark was seen, with what was said till then; what comes after it is left in the channel. */
async function becomeRoot(
  { channel, stderr, ended }: RemoteCommand,
  mark: string,
  become: Become,
  peer: string,
): Promise<string> {
  const { password } = become
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let out: Buffer = Buffer.alloc(0)
  let words = ''
  let asked = 0
  const onOut = (chunk: Buffer) => {
    out = Buffer.concat([out, chunk])
    const at = out.indexOf(`${mark}\n`)
    if (at < 0) return
    channel.off('data', onOut)
    channel.pause()
    const rest = out.subarray(at + mark.length + 1)
    if (rest.length > 0) channel.unshift(rest)
    resolve()
  }
  const onWords = (chunk: Buffer) => {
    words += chunk.toString('utf8')
    if (password === undefined || !words.includes(promptOf(mark))) return
    words = words.replace(promptOf(mark), '')
    asked += 1
    if (asked > 1)
      return reject(refusedBySudo(peer, `the password of ${become.from ?? 'the inventory'} is wrong`, become))
    channel.write(`${password}\n`)
  }
  channel.on('data', onOut)
  stderr.on('data', onWords)
  ended.then(
    () => reject(refusedBySudo(peer, (words.trim() || out.toString('utf8').trim()).slice(-maxWords), become)),
    reject,
  )
  try {
    await promise
    return words
  } finally {
    channel.off('data', onOut)
    stderr.off('data', onWords)
    // Else what is said before somebody listens again would be lost.
    stderr.pause()
  }
}

function refusedBySudo(peer: string, words: string, { problem }: Become): AppError {
  const why = problem === undefined ? '' : `; ${problem}`
  const message = `${peer} does not become root: ${words || 'the command ended without a word'}${why}`
  return new AppError('SUDO_REFUSED', message, {
    hint: 'give the account sudo without a password, say --ask-become-pass (-K) or --become-password-file, or set ansible_become_password in the inventory',
  })
}

interface Limits {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly peer: string
}

/** Ends a command that takes too long or that nobody wants any more. */
function cutShort({ channel }: RemoteCommand, { timeoutMs, signal, peer }: Limits) {
  const { promise: cut, reject } = Promise.withResolvers<never>()
  cut.catch(() => undefined)
  const timer = setTimeout(() => {
    reject(new AppError('REMOTE_TIMEOUT', `${peer} did not come to an end within ${timeoutMs} ms`))
    channel.destroy()
  }, timeoutMs)
  const onAbort = () => {
    reject(new AppError('CANCELLED', 'given up'))
    channel.destroy()
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  return {
    cut,
    end: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxOutput) chunks.push(chunk)
  })
  stream.resume()
  return () => Buffer.concat(chunks).toString('utf8')
}

function feed({ channel }: RemoteCommand, input: RunOptions['input']): void {
  if (input instanceof Readable) input.pipe(channel)
  else channel.end(input ?? '')
}

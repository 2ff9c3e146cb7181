/**
 * Joins a node to the controller by way of this process: `pgsvc agent once` on the node, over SSH, speaks with the
 * controller's Relay. For the controller it is a node like any other while it lasts.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import { createUnframer, frame } from '../../shared/rpc/frames.ts'
import type { RootShell } from '../ssh/root-shell.ts'
import type { RemoteCommand } from '../ssh/session.ts'
import { quoted } from '../ssh/shell-words.ts'
import { placeProgram } from './place-program.ts'
import type { Programs } from './program.ts'
import type { Relay, StartRelay } from './relay.ts'
import { failedOn } from './remote-failure.ts'

export interface Bridge {
  /** Why it broke; undefined while it holds, and after `close`. */
  broken(): AppError | undefined
  /** Ends it; resolves when what is under way on the node has come to its end and nothing of ours is left there. */
  close(): Promise<void>
}

export interface BridgeParts {
  readonly node: string
  readonly shell: RootShell
  readonly programs: Programs
  readonly startRelay: StartRelay
}

/** From the start of the program to the controller's Welcome. */
const welcomeMs = 60_000
/** A publish has its own limits; this one only ends what hangs. */
const serveMs = 60 * 60_000
/** For an apply that is under way when the command ends. */
const farewellMs = 60_000
const maxWords = 8_000

/**
 * @param signal - gives up while it is being built
 * @throws AppError `AGENT_RUNS`, `NODE_CONNECTED`, `DISK_FULL`, `PROGRAM_MISSING`, ..., and those of the shell
 */
export async function buildBridge(parts: BridgeParts, signal: AbortSignal): Promise<Bridge> {
  const { node, shell } = parts
  const place = await placeProgram(parts, signal)
  try {
    const script = `exec ${quoted(place.path)} agent once --node ${quoted(node)}`
    const running = await shell.start(script, { timeoutMs: serveMs })
    const joined = join(parts, running)
    try {
      await joined.welcomed(signal)
    } catch (error) {
      await joined.leave()
      throw error
    }
    return {
      broken: joined.broken,
      async close() {
        await joined.leave()
        await place.remove()
      },
    }
  } catch (error) {
    await place.remove()
    throw error
  }
}

function join({ node, startRelay }: BridgeParts, { channel, stderr, said, ended }: RemoteCommand) {
  const welcome = Promise.withResolvers<void>()
  welcome.promise.catch(() => undefined)
  let words = said
  let isLeaving = false
  let broken: AppError | undefined
  const breakUp = (error: AppError) => {
    if (!isLeaving) broken ??= error
    welcome.reject(error)
  }
  const relay: Relay = startRelay(node, {
    message: (bytes) => {
      channel.write(frame(bytes))
      welcome.resolve()
    },
    ended: (error) => {
      breakUp(error ?? new AppError('RELAY_ENDED', `the controller ended the stream of ${node}`))
      channel.end()
    },
  })
  const take = createUnframer((bytes) => relay.send(bytes))
  channel.on('data', (chunk: Buffer) => {
    try {
      take(chunk)
    } catch (error) {
      breakUp(
        new AppError('REMOTE_FAILED', `${node}: ${error instanceof Error ? error.message : String(error)}`),
      )
      channel.end()
    }
  })
  channel.resume()
  stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-maxWords)
  })
  stderr.resume()
  const over = ended.then(
    (status) => breakUp(failedOn(node, 'the program ended', { status, stdout: '', stderr: words })),
    (error: unknown) => breakUp(error instanceof AppError ? error : new AppError('SSH_LOST', String(error))),
  )
  void over.then(() => relay.end())
  return {
    broken: () => broken,
    async welcomed(signal: AbortSignal) {
      const late = new AppError('CONTROLLER_SILENT', `${node} was not welcomed by the controller in time`)
      const timer = setTimeout(() => welcome.reject(late), welcomeMs)
      const onAbort = () => welcome.reject(new AppError('CANCELLED', 'given up'))
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      try {
        await welcome.promise
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
    },
    async leave() {
      isLeaving = true
      channel.end()
      let timer: NodeJS.Timeout | undefined
      await Promise.race([over, new Promise((resolve) => (timer = setTimeout(resolve, farewellMs)))])
      clearTimeout(timer)
      relay.end()
    },
  }
}

/**
 * One enrolment at a time on a node, whoever begins it and from wherever: a lock that a command on the node holds for as
 * long as the connection lives.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { RootShell, RunOptions } from '../ssh/root-shell.ts'
import type { RemoteCommand } from '../ssh/session.ts'
import { quoted } from '../ssh/shell-words.ts'
import { failedOn } from './remote-failure.ts'

const lockPath = '/run/pgsvc-enrolment.lock'
/** A connection whose other end is gone may look alive to the node for hours: without these signs it is given up. */
const [signMs, silenceSeconds] = [5_000, 60]
/** From the start of the command to its word. */
const takeMs = 60_000
const longestMs = 24 * 60 * 60_000
const busyStatus = 75
/** What flock ends with for a lock that is held: none that it, or a shell that does not find it, ends with otherwise. */
const heldStatus = 99
/** For the last act of the command that holds it: a node that hangs is not waited for. */
const letGoMs = 10_000

/**
 * Takes the lock, says so, and holds it while signs of life come in.
 *
 * @param who - for those who find it taken
 */
export function lockScript(who: string, path = lockPath): string {
  const lock = quoted(path)
  return [
    // Whoever had it takes the file away: one that was opened before that is nobody's any more.
    'for round in 1 2 3 4 5; do',
    `  exec 9>>${lock} || exit 1`,
    `  flock -E ${heldStatus} -n 9; got=$?`,
    `  [ $got -ne ${heldStatus} ] || { cat ${lock}; exit ${busyStatus}; }`,
    '  [ $got -eq 0 ] || exit 1',
    `  [ ! /proc/self/fd/9 -ef ${lock} ] || break`,
    'done',
    `[ /proc/self/fd/9 -ef ${lock} ] || exit ${busyStatus}`,
    `printf '%s, since %s' ${quoted(who)} "$(date -u '+%F %T UTC')" >${lock}`,
    'echo held',
    `while [ "$(timeout ${silenceSeconds} head -c 1)" = . ]; do :; done`,
    `rm -f ${lock}`,
  ].join('\n')
}

/**
 * @param who - for those who come meanwhile, e.g. `enroll by dba`
 * @param signal - gives up before it is held
 * @param work - its shell does nothing any more when the lock was lost
 * @param waitMs - for the node to let go of it
 * @throws AppError `ENROLMENT_RUNS` when somebody else is at it, `LOCK_LOST`, and those of `work` and of the shell
 */
export async function underNodeLock<T>(
  shell: RootShell,
  node: string,
  who: string,
  signal: AbortSignal,
  work: (shell: RootShell) => Promise<T>,
  waitMs = letGoMs,
): Promise<T> {
  const { holder, drop } = await take(shell, node, who, signal)
  let isLost = false
  let isOver = false
  holder.ended.then(
    () => (isLost = !isOver),
    // A connection that is gone says so itself.
    (error: unknown) => (isLost = !isOver && !(error instanceof AppError && error.code === 'SSH_LOST')),
  )
  const signs = setInterval(() => holder.channel.write('.'), signMs)
  const expectHeld = () => {
    if (isLost)
      throw new AppError('LOCK_LOST', `${node} does not hold its lock for this command any more`, {
        hint: 'the connection stood still, or somebody ended the command that held it: run the same command again',
      })
  }
  const guarded: RootShell = {
    run: async (script: string, options: RunOptions) => {
      expectHeld()
      return shell.run(script, options)
    },
    start: async (script, options) => {
      expectHeld()
      return shell.start(script, options)
    },
  }
  try {
    return await work(guarded)
  } finally {
    isOver = true
    clearInterval(signs)
    holder.channel.end()
    // Its last act is to take the file away; a connection that died did that otherwise.
    const timer = setTimeout(drop, waitMs)
    await holder.ended.catch(() => undefined)
    clearTimeout(timer)
  }
}

/** @returns the command that holds it, and what ends it without waiting for the node */
async function take(
  shell: RootShell,
  node: string,
  who: string,
  signal: AbortSignal,
): Promise<{ readonly holder: RemoteCommand; readonly drop: () => void }> {
  const giveUp = new AbortController()
  const late = new AppError('REMOTE_TIMEOUT', `${node} did not say within ${takeMs} ms whether it is locked`)
  const timer = setTimeout(() => giveUp.abort(late), takeMs)
  const onAbort = () => giveUp.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    const holder = await shell.start(lockScript(who), { timeoutMs: longestMs, signal: giveUp.signal })
    await taken(holder, node)
    return { holder, drop: onAbort }
  } catch (error) {
    throw giveUp.signal.reason === late ? late : error
  } finally {
    clearTimeout(timer)
    // What comes later must not end it: a switch that is in hand is brought to its end under the lock.
    signal.removeEventListener('abort', onAbort)
  }
}

/** Resolves when it is held. */
async function taken({ channel, stderr, said, ended }: RemoteCommand, node: string): Promise<void> {
  let out = ''
  let words = said
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  channel.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
    if (out.includes('held\n')) resolve()
  })
  stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString('utf8')
  })
  channel.resume()
  stderr.resume()
  ended.then(
    (status) => reject(refused(node, { status, stdout: out, stderr: words })),
    (error: unknown) => reject(error),
  )
  await promise
}

function refused(node: string, ended: Parameters<typeof failedOn>[2]): AppError {
  if (ended.status !== busyStatus) return failedOn(node, 'it could not be locked', ended)
  const who = ended.stdout.trim() || 'somebody else'
  return new AppError('ENROLMENT_RUNS', `${node} is being worked on: ${who}`, {
    hint: 'wait until that has come to its end, then run the same command again; nothing was changed',
  })
}

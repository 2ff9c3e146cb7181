/** Sudo's password that is not in the inventory: typed once without being shown, or in a file. */
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { AppError } from '../../shared/errors/app-error.ts'
import type { AccessFlags } from '../ssh/node-access.ts'
import type { SshFlags } from './ssh-flags.ts'
import type { Terminal } from './terminal.ts'

/** Asks where somebody is to be asked. Rejects with `CANCELLED` for Ctrl-C, the end of the input, and the signal. */
type AskForPassword = (signal?: AbortSignal) => Promise<AccessFlags['become']>

/**
 * Finds out what is wrong with the flags before anything is begun, and asks nobody yet.
 *
 * @returns for undefined when neither is said
 * @throws AppError `USAGE` for a file that cannot be read or is empty, and where nobody can be asked
 */
export async function becomePassword(
  { askBecomePass, becomePasswordFile: file }: SshFlags,
  terminal: Terminal,
): Promise<AskForPassword> {
  if (askBecomePass && file !== undefined) {
    throw new AppError('USAGE', '--ask-become-pass and --become-password-file exclude each other', {
      hint: 'say one of them',
    })
  }
  if (file !== undefined) {
    const become = { password: await passwordIn(file), from: '--become-password-file' }
    return async () => become
  }
  if (!askBecomePass) return async () => undefined
  if (!process.stdin.isTTY) {
    throw new AppError('USAGE', '--ask-become-pass: there is no terminal to ask at', {
      hint: 'say --become-password-file FILE',
    })
  }
  return async (signal) => ({ password: await asked(terminal, signal), from: '--ask-become-pass' })
}

async function passwordIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('USAGE', `--become-password-file: ${why}`, {
      hint: 'name a file that is there',
      cause,
    })
  })
  // As Ansible takes it: blanks around it are no part of it.
  const password = text.trim()
  if (password !== '' && !password.includes('\n') && !text.startsWith('#!')) return password
  throw new AppError('USAGE', `--become-password-file: ${file} does not hold one line`, {
    hint: 'it is read, not run: write the password into it, and nothing else',
  })
}

function asked(terminal: Terminal, signal: AbortSignal | undefined): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  // From here on nothing that is typed is shown: whoever sees the question may answer it.
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  const giveUp = () => lines.close()
  return new Promise<string>((resolve, reject) => {
    // Until a line is there it is closed by nothing but Ctrl-C (a key like others while a line is read), the end of the
    // input, and the signal.
    lines.once('close', () => reject(new AppError('CANCELLED', 'given up at the question for a password')))
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    signal?.addEventListener('abort', giveUp, { once: true })
    terminal.stderr('BECOME password: ')
    if (signal?.aborted) giveUp()
  }).finally(() => {
    signal?.removeEventListener('abort', giveUp)
    lines.close()
    terminal.stderr('\n')
  })
}

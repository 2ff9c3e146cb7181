/** Sudo's password that is not in the inventory: typed once without being shown, or in a file. */
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { AppError } from '../../shared/errors/app-error.ts'
import type { AccessFlags } from '../ssh/node-access.ts'
import type { SshFlags } from './ssh-flags.ts'
import type { Terminal } from './terminal.ts'

/**
 * @returns undefined when neither is said
 * @throws AppError `USAGE` for a file that cannot be read or is empty, and where nobody can be asked; `CANCELLED`
 */
export async function becomePassword(
  { askBecomePass, becomePasswordFile: file }: SshFlags,
  terminal: Terminal,
): Promise<AccessFlags['become']> {
  if (askBecomePass && file !== undefined)
    throw new AppError('USAGE', '--ask-become-pass and --become-password-file exclude each other')
  if (file !== undefined) return { password: await passwordIn(file), from: '--become-password-file' }
  return askBecomePass ? { password: await asked(terminal), from: '--ask-become-pass' } : undefined
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

function asked(terminal: Terminal): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new AppError('USAGE', '--ask-become-pass: there is no terminal to ask at', {
      hint: 'say --become-password-file FILE',
    })
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  terminal.stderr('BECOME password: ')
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  return new Promise<string>((resolve, reject) => {
    // Until a line is there it is closed by nothing but Ctrl-C and the end of the input.
    lines.once('close', () => reject(new AppError('CANCELLED', 'given up at the question for a password')))
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
  }).finally(() => {
    lines.close()
    terminal.stderr('\n')
  })
}

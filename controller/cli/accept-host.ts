/** Whether hosts that nobody has met before are taken: by a flag, or by a yes on the terminal, one after the other. */
import { createInterface } from 'node:readline/promises'
import type { AcceptNew, NewHostKey } from '../ssh/host-key-check.ts'
import type { SshFlags } from './ssh-flags.ts'
import type { Terminal } from './terminal.ts'

/**
 * @param signal - nobody is asked any more
 */
export function acceptHosts(
  { acceptNew = false }: SshFlags,
  terminal: Terminal,
  signal: AbortSignal,
): AcceptNew {
  let turn: Promise<unknown> = Promise.resolve()
  return (key) => {
    const mine = turn.then(async () => {
      if (signal.aborted) return false
      return acceptNew || (await askOnTerminal(key, terminal, signal))
    })
    turn = mine.catch(() => undefined)
    return mine
  }
}

/** What is said of a key that was taken. */
export function tookNewText({ name, type, fingerprint }: NewHostKey, file: string | undefined): string {
  const how =
    file === undefined
      ? 'is taken this once and remembered nowhere, since ssh_config has no UserKnownHostsFile'
      : 'is remembered from now on'
  return `the host key of ${name} ${how}: ${type} ${fingerprint}`
}

async function askOnTerminal(
  { name, type, fingerprint }: NewHostKey,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  if (!terminal.isTty || !process.stdin.isTTY) return false
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // While a line is read Ctrl-C is a key like others. It means the whole command, not this host alone.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    const question = `${name} was never met before; its host key is ${type} ${fingerprint}\nconnect to it and remember the key (yes/no)? `
    return (await lines.question(question, { signal })).trim().toLowerCase() === 'yes'
  } catch {
    return false
  } finally {
    lines.close()
  }
}

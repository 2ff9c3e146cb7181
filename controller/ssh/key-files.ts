/** Private keys on disk, and which of them the ssh-agent should show first. */
import { readFile } from 'node:fs/promises'
import ssh2, { type ParsedKey } from 'ssh2'

export interface FoundKeys {
  readonly keys: readonly { readonly path: string; readonly key: ParsedKey }[]
  /** Public halves of all identity files, also of those whose private half cannot be read here. */
  readonly publicKeys: readonly Buffer[]
  /** Why others are of no use, one sentence each. */
  readonly problems: readonly string[]
}

/** Files that do not exist are passed over, as ssh does. */
export async function readKeys(paths: readonly string[]): Promise<FoundKeys> {
  const keys: { path: string; key: ParsedKey }[] = []
  const publicKeys: Buffer[] = []
  const problems: string[] = []
  for (const path of paths) {
    const beside = await readQuietly(`${path}.pub`)
    const half = beside.text === undefined ? undefined : ssh2.utils.parseKey(beside.text)
    if (half !== undefined && !(half instanceof Error)) publicKeys.push(publicOf(half))
    const { text, problem } = await readQuietly(path)
    if (problem !== undefined) problems.push(`${path} cannot be read: ${problem}`)
    if (text === undefined) continue
    const parsed = ssh2.utils.parseKey(text)
    if (parsed instanceof Error) problems.push(`${path}: ${whyUseless(parsed)}`)
    else if (!parsed.isPrivateKey())
      publicKeys.push(publicOf(parsed)) // `IdentityFile key.pub` chooses a key of the agent
    else {
      keys.push({ path, key: parsed })
      publicKeys.push(publicOf(parsed))
    }
  }
  return { keys, publicKeys, problems }
}

function publicOf(key: ParsedKey): Buffer {
  return Buffer.from(key.getPublicSSH())
}

function whyUseless({ message }: Error): string {
  return /encrypted/i.test(message)
    ? 'the key is encrypted; load it into an ssh-agent with ssh-add'
    : `not a key that is understood (${message})`
}

async function readQuietly(path: string): Promise<{ text?: string; problem?: string }> {
  try {
    return { text: await readFile(path, 'utf8') }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException // readFile rejects with nothing else
    return code === 'ENOENT' || code === 'ENOTDIR' ? {} : { problem: message }
  }
}

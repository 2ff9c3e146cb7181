/** What is tried to log in, in the order of ssh: keys of the agent that are named, its others, key files, a password. */
import ssh2, {
  type AuthHandlerMiddleware,
  type BaseAgent,
  type KnownPublicKeys,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import type { FoundKeys } from './key-files.ts'

export interface LoginParts {
  readonly user: string
  readonly keys: FoundKeys
  readonly identitiesOnly: boolean
  /** '' for none. */
  readonly agentSocket: string
  readonly password: string | undefined
}

type Attempt = Parameters<Parameters<AuthHandlerMiddleware>[2]>[0]

/** @returns what ssh2 asks for the next attempt, until there is none left */
export function loginAttempts({
  user,
  keys,
  identitiesOnly,
  agentSocket,
  password,
}: LoginParts): AuthHandlerMiddleware {
  const username = user
  const attempts: Attempt[] = []
  if (agentSocket !== '') {
    const agent = new ChosenKeys(agentSocket, keys.publicKeys, identitiesOnly)
    attempts.push({ type: 'agent', username, agent })
  }
  for (const { key } of keys.keys) attempts.push({ type: 'publickey', username, key })
  if (password !== undefined) {
    attempts.push({ type: 'password', username, password })
    attempts.push({
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, answer) => answer(prompts.map(() => password)),
    })
  }
  return (_left, _partial, next) => {
    const attempt = attempts.shift()
    next((attempt ?? false) as Attempt) // ssh2 takes false for nothing more; its types do not say so
  }
}

type Key = string | Buffer | ParsedKey
type Identities = KnownPublicKeys<Key>

/** The agent's keys, the named ones first; servers end a session after a handful of wrong ones. */
class ChosenKeys extends ssh2.BaseAgent<Key> {
  readonly #agent: BaseAgent
  readonly #named: readonly Buffer[]
  readonly #onlyNamed: boolean

  constructor(socket: string, named: readonly Buffer[], onlyNamed: boolean) {
    super()
    this.#agent = ssh2.createAgent(socket)
    this.#named = named
    this.#onlyNamed = onlyNamed
  }

  getIdentities(answer: (error: Error | undefined, keys?: Identities) => void): void {
    this.#agent.getIdentities((error, keys) => {
      // An agent that is gone holds no keys; key files may do.
      if (error || !keys) return answer(undefined, [])
      const isNamed = (key: (typeof keys)[number]) => this.#named.some((one) => one.equals(publicBytes(key)))
      const named = keys.filter(isNamed)
      answer(undefined, this.#onlyNamed ? named : [...named, ...keys.filter((key) => !isNamed(key))])
    })
  }

  sign(key: Key, data: Buffer, how: SigningRequestOptions | SignCallback, answer?: SignCallback): void {
    if (typeof how === 'function') this.#agent.sign(key, data, how)
    else this.#agent.sign(key, data, how, answer)
  }
}

function publicBytes(key: string | Buffer | ParsedKey | object): Buffer {
  if (Buffer.isBuffer(key)) return key
  if (typeof key === 'object' && 'getPublicSSH' in key && typeof key.getPublicSSH === 'function') {
    return Buffer.from(key.getPublicSSH())
  }
  return Buffer.alloc(0)
}

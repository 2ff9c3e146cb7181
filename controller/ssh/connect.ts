/**
 * Connects to a node as ssh would: through the same hosts, as the same user, with the same keys, and only to a host
 * whose key is known.
 */
import type { Duplex } from 'node:stream'
import ssh2, { type Client } from 'ssh2'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import { askSsh } from './ask-ssh.ts'
import { certifiedKeys } from './certified-keys.ts'
import {
  type AcceptNew,
  checkHostKey,
  type Expected,
  filesOf,
  hostNameOf,
  noneShown,
  type ToldOfKey,
} from './host-key-check.ts'
import { type FoundKeys, readKeys } from './key-files.ts'
import { keysOf, knownName, offeredAlgorithms } from './known-hosts.ts'
import { loginAttempts } from './login.ts'
import type { NodeAccess } from './node-access.ts'
import { expandProxyCommand, type ProxyProgram, startProxy } from './proxy-command.ts'
import { type SshSession, sessionOver } from './session.ts'
import type { SshOptions } from './ssh-options.ts'

export interface ConnectPorts {
  readonly exec: Exec
  readonly env: Readonly<Record<string, string | undefined>>
  readonly acceptNew: AcceptNew
  readonly tookNew: ToldOfKey
  /** Milliseconds since 1970; certificates end. */
  readonly now: () => number
}

/** Signs of life, and after how many without an answer the connection is given up. */
const keepaliveMs = 5_000
const keepaliveMisses = 3

/**
 * @param signal - gives up
 * @throws AppError `SSH_UNREACHABLE`, `SSH_LOGIN`, `SSH_OPTION`, `SSH_MISSING`, and those of `checkHostKey`
 */
export async function connect(
  ports: ConnectPorts,
  access: NodeAccess,
  signal: AbortSignal,
): Promise<SshSession> {
  const options = await askSsh(ports.exec, access, ports.env)
  const hops: Client[] = []
  const closeHops = () => {
    for (const hop of hops.toReversed()) hop.end()
  }
  try {
    let through: Client | undefined
    for (const hop of await hopsTo(ports, options, configArguments(access.sshArguments))) {
      through = await connectOne(ports, { options: hop, through, password: undefined }, signal)
      hops.push(through)
    }
    const { password, passwordProblem } = access
    const client = await connectOne(ports, { options, through, password, passwordProblem }, signal)
    return sessionOver(client, peerOf(options), options.user, closeHops)
  } catch (error) {
    closeHops()
    throw error
  }
}

const maxHops = 8

/**
 * The hosts on the way, the nearest first. As with ssh, the first of them is reached as its own configuration says, and
 * the others through those before. Source: ssh(1), -J; ssh_config(5), ProxyJump.
 */
async function hopsTo(
  ports: ConnectPorts,
  options: SshOptions,
  config: readonly string[],
  depth = 0,
): Promise<readonly SshOptions[]> {
  if (depth > maxHops)
    throw new AppError('SSH_OPTION', `ProxyJump leads from host to host, ${options.asked} among them`, {
      hint: 'look for a host that is on the way to itself in ssh_config',
    })
  const hops = await Promise.all(
    options.proxyJump.map((jump) => {
      const { host, sshArguments } = parseJump(jump)
      return askSsh(ports.exec, { host, sshArguments: [...config, ...sshArguments] }, ports.env)
    }),
  )
  const [first] = hops
  return first === undefined ? [] : [...(await hopsTo(ports, first, config, depth + 1)), ...hops]
}

function peerOf({ user, hostName, port }: SshOptions): string {
  return `${user}@${hostName}${port === 22 ? '' : `:${port}`}`
}

/** `[user@]host[:port]` or `ssh://...`, as ProxyJump has it. */
function parseJump(text: string): { host: string; sshArguments: readonly string[] } {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:(.*)@)?(?:\[([^\]]+)\]|([^:@[\]]+))(?::(\d+))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined) throw new AppError('SSH_OPTION', `ProxyJump ${text} is not understood`)
  return {
    host,
    sshArguments: [...(user ? ['-l', user] : []), ...(port ? ['-p', port] : [])],
  }
}

/** A hop is configured by the same file; nothing else that is said of the node holds for it. Source: ssh(1), -J. */
function configArguments(args: readonly string[]): readonly string[] {
  const at = args.indexOf('-F')
  return at < 0 ? [] : args.slice(at, at + 2)
}

interface Hop {
  readonly options: SshOptions
  /** Connection to go through. */
  readonly through: Client | undefined
  readonly password: string | undefined
  readonly passwordProblem?: string | undefined
}

async function connectOne(ports: ConnectPorts, hop: Hop, signal: AbortSignal): Promise<Client> {
  const { options, through } = hop
  const isProxied = through === undefined && options.proxyCommand !== ''
  const known = await whatIsKnown(ports, options, through === undefined && !isProxied)
  const proxy = isProxied ? proxyTo(options, ports.env) : undefined
  try {
    const sock = through ? await tunnel(through, options) : proxy?.stream
    return await logIn(ports, { ...hop, ...known, sock }, signal)
  } catch (error) {
    proxy?.stream.destroy()
    throw proxy ? await proxy.blame(error) : error
  }
}

/** What there is before the first byte is sent: keys of ours, and what the host is expected to show. */
interface KnownBefore {
  readonly keys: FoundKeys
  readonly expected: Expected
  /** Algorithms of host keys. */
  readonly algorithms: readonly string[]
}

async function whatIsKnown(
  ports: ConnectPorts,
  options: SshOptions,
  isDirect: boolean,
): Promise<KnownBefore> {
  const [files, keys] = await Promise.all([filesOf(options), readKeys(options.identityFiles)])
  const host = hostNameOf(options)
  const certified = await certifiedKeys(ports, files, host, options, isDirect)
  const expected = { host, files, certified }
  const algorithms = offeredAlgorithms(files, host, certified.keys)
  if (algorithms.length === 0) throw noneShown(host, knownKeys(expected))
  return { keys, expected, algorithms }
}

interface Attempt extends Hop, KnownBefore {
  readonly sock: Duplex | undefined
}

async function logIn(ports: ConnectPorts, attempt: Attempt, signal: AbortSignal): Promise<Client> {
  const { options, keys, expected, algorithms, sock } = attempt
  const client = new ssh2.Client()
  const attempts = loginAttempts({ ...options, keys, password: attempt.password })
  let refused: unknown
  /** A person is asked: that may take long. */
  let asking = false
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const giveUp = () => {
    client.destroy()
    reject(new AppError('CANCELLED', 'given up'))
  }
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  client.once('ready', resolve)
  client.on('error', (error) => reject(refused ?? explain(error, attempt)))
  client.once('close', () => reject(refused ?? explain(new Error('the connection was closed'), attempt)))
  client.connect({
    host: options.hostName,
    port: options.port,
    username: options.user,
    ...(sock ? { sock } : {}),
    // A person who is asked about a key takes longer than a host that does not answer: that is bounded below.
    readyTimeout: 0,
    keepaliveInterval: keepaliveMs,
    keepaliveCountMax: keepaliveMisses,
    algorithms: { serverHostKey: algorithms as never }, // names of ssh2's own list
    authHandler: attempts,
    hostVerifier: (shown: Buffer, verdict: (isGood: boolean) => void) => {
      asking = true
      checkHostKey(ports.exec, expected, shown, options, ports).then(
        () => {
          restart()
          verdict(true)
        },
        (error: unknown) => {
          refused = error
          verdict(false)
        },
      )
    },
  })
  const overdue = () => {
    client.destroy()
    reject(explain(new Error(`no answer within ${options.connectTimeoutMs} ms`), attempt))
  }
  let timer = setTimeout(() => asking || overdue(), options.connectTimeoutMs)
  const restart = () => {
    clearTimeout(timer)
    timer = setTimeout(overdue, options.connectTimeoutMs)
  }
  try {
    await promise
    return client
  } catch (error) {
    client.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }
}

function proxyTo(options: SshOptions, env: ConnectPorts['env']): ProxyProgram {
  return startProxy(expandProxyCommand(options.proxyCommand, options), env.SHELL ?? '')
}

function tunnel(through: Client, { hostName, port }: SshOptions): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    through.forwardOut('127.0.0.1', 0, hostName, port, (error, channel) => {
      if (!error) return resolve(channel)
      reject(
        new AppError('SSH_UNREACHABLE', `the jump host does not reach ${hostName}:${port}: ${error.message}`),
      )
    })
  })
}

function knownKeys({ files, host }: Expected) {
  return keysOf(files, knownName(host)).filter(({ marker }) => marker === 'none')
}

/** What ssh2 says, as what it means to an operator. */
function explain(
  error: Error & { level?: string; code?: string },
  { options, expected, keys: { keys, problems }, passwordProblem }: Attempt,
): AppError {
  const peer = peerOf(options)
  if (
    error.level === 'client-authentication' ||
    /configured authentication methods failed/.test(error.message)
  ) {
    const tried = [
      ...(options.agentSocket === '' ? ['no ssh-agent'] : ['the ssh-agent']),
      ...keys.map(({ path }) => path),
    ]
    const reasons = [...options.warnings, ...problems, ...(passwordProblem ? [passwordProblem] : [])]
    const more = reasons.length === 0 ? '' : `; ${reasons.join('; ')}`
    return new AppError('SSH_LOGIN', `${peer} lets nobody in with ${tried.join(', ')}${more}`, {
      hint: `does "ssh ${options.user}@${options.hostName}" let you in? See ansible_user and ansible_ssh_private_key_file`,
      cause: error,
    })
  }
  const known = knownKeys(expected)
  if (/no matching host key format/i.test(error.message) && known.length > 0) {
    return noneShown(expected.host, known)
  }
  return new AppError('SSH_UNREACHABLE', `${peer} cannot be reached: ${error.message}`, {
    hint: 'see ansible_host and ansible_port; is sshd running there?',
    cause: error,
  })
}

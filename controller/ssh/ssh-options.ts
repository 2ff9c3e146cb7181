/**
 * How ssh itself would reach a host: the answer of `ssh -G`, which evaluates ssh_config (Host, Match, Include, ...)
 * without connecting. So that what works with ssh and Ansible means the same here, to the last rule.
 *
 * Source: ssh(1), -G; ssh_config(5). The parsing is pure.
 */
import { AppError } from '../../shared/errors/app-error.ts'

export interface SshOptions {
  /** As it was asked for. */
  readonly asked: string
  /** Name or address to connect to. */
  readonly hostName: string
  readonly port: number
  readonly user: string
  /** Private keys, paths; those that do not exist are passed over. */
  readonly identityFiles: readonly string[]
  /** Only keys of `identityFiles`, whatever the agent has. */
  readonly identitiesOnly: boolean
  /** Socket of the ssh-agent; '' for none. */
  readonly agentSocket: string
  /** The first takes new keys. */
  readonly userKnownHosts: readonly string[]
  readonly globalKnownHosts: readonly string[]
  /** File with keys that no host may show; '' for none. */
  readonly revokedHostKeys: string
  /** Name under which the host's key is looked up; '' for its own. */
  readonly hostKeyAlias: string
  readonly hashKnownHosts: boolean
  /** `no` and `off` would take any key, which is never done here. */
  readonly strictHostKeyChecking: string
  /** Hosts to go through, the first first; as `[user@]host[:port]`. */
  readonly proxyJump: readonly string[]
  /** Command that carries the connection, its tokens not expanded yet; '' for none. */
  readonly proxyCommand: string
  /** Milliseconds. */
  readonly connectTimeoutMs: number
  /** What ssh remarks, e.g. that a key file that was named is not there. */
  readonly warnings: readonly string[]
}

interface Surroundings {
  readonly home: string
  readonly localUser: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** As it was asked for. */
  readonly asked: string
  /** What ssh printed beside its answer. */
  readonly remarks?: string | undefined
}

const usualConnectMs = 15_000

/**
 * @param text - what `ssh -G` printed
 * @throws AppError `SSH_OPTION` for what cannot be done here, rather than reaching another host than ssh would
 */
export function parseSshOptions(text: string, around: Surroundings): SshOptions {
  const values = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
    if (key !== '') values.set(key.toLowerCase(), [...(values.get(key.toLowerCase()) ?? []), value])
  }
  const one = (key: string) => values.get(key)?.[0] ?? ''
  refuseOthers(one, around.asked)
  const hostName = one('hostname') || around.asked
  const expand = (path: string) =>
    expandPath(path, { ...around, hostName, port: one('port'), user: one('user') })
  return {
    asked: around.asked,
    hostName,
    port: Number(one('port')) || 22,
    user: one('user') || around.localUser,
    identityFiles: (values.get('identityfile') ?? []).filter((path) => path !== 'none').map(expand),
    identitiesOnly: one('identitiesonly') === 'yes',
    agentSocket: agentSocket(one('identityagent'), around, expand),
    userKnownHosts: paths(one('userknownhostsfile'), around.asked).map(expand),
    globalKnownHosts: paths(one('globalknownhostsfile'), around.asked).map(expand),
    revokedHostKeys: expand(noneIsEmpty(one('revokedhostkeys'))),
    hostKeyAlias: noneIsEmpty(one('hostkeyalias')),
    hashKnownHosts: one('hashknownhosts') === 'yes',
    strictHostKeyChecking: one('stricthostkeychecking'),
    proxyJump: noneIsEmpty(one('proxyjump'))
      .split(',')
      .filter((hop) => hop !== ''),
    proxyCommand: noneIsEmpty(one('proxycommand')),
    connectTimeoutMs: (Number(one('connecttimeout')) || 0) * 1000 || usualConnectMs,
    warnings: warningsIn(around.remarks ?? ''),
  }
}

function warningsIn(remarks: string): readonly string[] {
  return remarks.split('\n').flatMap((line) => /^Warning: (.*?)\.?\s*$/.exec(line)?.[1] ?? [])
}

function refuseOthers(one: (key: string) => string, asked: string): void {
  if (noneIsEmpty(one('proxycommand')) === '' || one('proxyusefdpass') !== 'yes') return
  throw new AppError(
    'SSH_OPTION',
    `ssh_config has ProxyUseFdpass for ${asked}, and a socket that is passed on is not taken here`,
    { hint: 'use a ProxyCommand that carries the connection itself, or ProxyJump' },
  )
}

function noneIsEmpty(value: string): string {
  return value.toLowerCase() === 'none' ? '' : value
}

/** @throws AppError `SSH_OPTION` for a path with a blank: ssh prints it without its quotes, so nobody can tell where it ends */
function paths(value: string, asked: string): readonly string[] {
  const words = value.match(/"[^"]*"|\S+/g) ?? []
  const plain = words.map((word) => word.replaceAll('"', ''))
  const stray = plain.find((word) => !/^(?:[/~$%]|none$)/.test(word))
  if (stray === undefined) return plain.filter((word) => word !== 'none' && word !== '/dev/null')
  throw new AppError(
    'SSH_OPTION',
    `ssh_config has a known_hosts file for ${asked} that is not understood: ${value}`,
    { hint: 'give files with their whole path, and without a blank in it' },
  )
}

function agentSocket(value: string, { env }: Surroundings, expand: (path: string) => string): string {
  if (value === 'none') return ''
  if (value === '' || value === 'SSH_AUTH_SOCK') return env.SSH_AUTH_SOCK ?? ''
  return value.startsWith('$') ? (env[value.slice(1)] ?? '') : expand(value)
}

interface Tokens extends Surroundings {
  readonly hostName: string
  readonly port: string
  readonly user: string
}

/** `~`, `${NAME}` and the tokens of ssh_config(5). */
function expandPath(path: string, { home, localUser, env, asked, hostName, port, user }: Tokens): string {
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    d: home,
    h: hostName,
    n: asked,
    p: port,
    r: user,
    u: localUser,
  }
  return path
    .replace(/^~(?=\/|$)/, home)
    .replaceAll(/\$\{(\w+)\}/g, (_whole, name: string) => env[name] ?? '')
    .replaceAll(/%(.)/g, (whole, token: string) => tokens[token] ?? whole)
}

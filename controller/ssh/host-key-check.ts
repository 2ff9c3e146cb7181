/** Decides about the key that a host shows: known, taken for the first time, or refused; and says how to mend it. */
import { AppError } from '../../shared/errors/app-error.ts'
import type { Exec } from '../../shared/ports/exec.ts'
import type { Certified } from './certified-keys.ts'
import {
  fingerprint,
  type HostName,
  judge,
  type KnownHostsFile,
  type KnownKey,
  keyType,
  knownName,
} from './known-hosts.ts'
import { addKnownHost, readKnownHosts } from './known-hosts-store.ts'
import { whyRevoked } from './revoked-keys.ts'
import { quoted } from './shell-words.ts'
import type { SshOptions } from './ssh-options.ts'

/** A key that nobody has seen here before. */
export interface NewHostKey {
  /** As it will stand in known_hosts. */
  readonly name: string
  /** e.g. `ssh-ed25519`. */
  readonly type: string
  /** `SHA256:...` */
  readonly fingerprint: string
}

/** Whether a new key is to be taken; asked for one host at a time. */
export type AcceptNew = (key: NewHostKey) => Promise<boolean>

/** Hears of each new key that was taken, when it is done: in which file it is remembered; undefined for nowhere. */
export type ToldOfKey = (key: NewHostKey, file: string | undefined) => void

type Where = Pick<
  SshOptions,
  | 'userKnownHosts'
  | 'globalKnownHosts'
  | 'hashKnownHosts'
  | 'revokedHostKeys'
  | 'strictHostKeyChecking'
  | 'hostKeyAlias'
  | 'hostName'
  | 'port'
>

/** Under which name the keys of a host are kept: as with ssh, that of HostName, where ssh_config has one. */
export function hostNameOf({ hostKeyAlias, hostName, port }: Where): HostName {
  return hostKeyAlias === '' ? { name: hostName, port } : { name: hostKeyAlias, port, isAlias: true }
}

export async function filesOf({
  userKnownHosts,
  globalKnownHosts,
}: Where): Promise<readonly KnownHostsFile[]> {
  return await readKnownHosts([...userKnownHosts, ...globalKnownHosts])
}

/** A host, and what vouches for it. */
export interface Expected {
  readonly host: HostName
  /** As they were when the offered key types were chosen. */
  readonly files: readonly KnownHostsFile[]
  readonly certified: Certified
}

/**
 * Resolves when the host may be spoken to.
 *
 * @param exec - for ssh-keygen, which reads revocation lists
 * @throws AppError `HOST_KEY_UNKNOWN`, `HOST_KEY_CHANGED`, `HOST_KEY_REVOKED`, `HOST_KEY_AUTHORITY`,
 *   `KNOWN_HOSTS_UNWRITABLE`
 */
export async function checkHostKey(
  exec: Exec,
  { files, host, certified }: Expected,
  shown: Buffer,
  where: Where,
  { acceptNew, tookNew }: { readonly acceptNew: AcceptNew; readonly tookNew: ToldOfKey },
): Promise<void> {
  const verdict = judge(files, host, shown, certified.keys)
  const name = knownName(host)
  const key = { name, type: keyType(shown), fingerprint: fingerprint(shown) }
  if (verdict.kind === 'revoked') throw revoked(key, verdict.by)
  if (certified.revoked && certified.keys.length === 0) throw revokedAuthority(key, certified.revoked)
  await refuseRevoked(exec, where.revokedHostKeys, key, [shown, ...vouching(certified, shown)])
  if (verdict.kind === 'known') return
  if (verdict.kind === 'changed') throw changed(key, verdict.known)
  if (verdict.kind === 'authority') throw onlyAuthority(key, verdict.by, certified.why)
  const isWanted = where.strictHostKeyChecking === 'accept-new' || (await acceptNew(key))
  if (!isWanted) throw unknown(key)
  const [file] = where.userKnownHosts
  if (file !== undefined) await addKnownHost(file, host, shown, where.hashKnownHosts)
  tookNew(key, file)
}

/** What vouches for a key: certificates, and the keys of their authorities. */
function vouching({ certificates }: Certified, shown: Buffer): readonly Buffer[] {
  return certificates.flatMap(({ key, blob, authority }) => (key.equals(shown) ? [blob, authority] : []))
}

async function refuseRevoked(
  exec: Exec,
  file: string,
  { name, type, fingerprint: print }: NewHostKey,
  keys: readonly Buffer[],
): Promise<void> {
  const why = file === '' ? undefined : await whyRevoked(exec, file, keys)
  if (why === undefined) return
  const message = `${name} shows a key that is revoked (${type} ${print}), or whose certificate is, ${why}`
  throw new AppError('HOST_KEY_REVOKED', message, {
    hint: 'see RevokedHostKeys in ssh_config; nothing was sent to the host',
  })
}

function revoked({ name, type, fingerprint: print }: NewHostKey, by: KnownKey): AppError {
  const message = `${name} shows a key that is revoked (${type} ${print}), by ${by.file}:${by.line}`
  return new AppError('HOST_KEY_REVOKED', message, {
    hint: 'give the host a new key; nothing was sent to it',
  })
}

/** A host that is not who it was: nobody is asked, and no flag takes it. */
export function changed(
  { name, type, fingerprint: print }: NewHostKey,
  known: readonly KnownKey[],
): AppError {
  const places = known.map(({ file, line }) => `${file}:${line}`).join(', ')
  const [first] = known
  const remove = `ssh-keygen -R ${quoted(name)} -f ${quoted(first?.file ?? '')}`
  const message = `the host key of ${name} has changed: it shows ${type} ${print}, another one stands in ${places}`
  return new AppError('HOST_KEY_CHANGED', message, {
    hint: `somebody may be listening in, or the host was made anew: find out, and then remove the old key with ${remove}`,
  })
}

/** All keys known for a host are of kinds that it does not have any more. */
export function noneShown(host: HostName, known: readonly KnownKey[]): AppError {
  const name = knownName(host)
  const places = known.map(({ file, line, type }) => `${type} at ${file}:${line}`).join(', ')
  const message = `the host key of ${name} has changed, or is of a kind not understood here: none that is known can be checked (${places})`
  return new AppError('HOST_KEY_CHANGED', message, {
    hint: `compare "ssh-keyscan ${host.name}" with what the host itself says, and put the right keys in place of the old`,
  })
}

/** As with ssh: also where the host's own key is known. */
function revokedAuthority(
  { name }: NewHostKey,
  { by, certificate: { keyId } }: NonNullable<Certified['revoked']>,
): AppError {
  const message = `${name} shows a certificate ("${keyId}") that is revoked, or whose authority is, by ${by.file}:${by.line}`
  return new AppError('HOST_KEY_REVOKED', message, {
    hint: 'give the host a certificate of an authority that counts; nothing was sent to it',
  })
}

function onlyAuthority({ name }: NewHostKey, by: KnownKey, why: string): AppError {
  const reason = why === '' ? 'its key is not the one that is certified' : why
  const message = `${name} is known by a certificate authority only (${by.file}:${by.line}), and ${reason}`
  return new AppError('HOST_KEY_AUTHORITY', message, {
    hint: "mend the host's certificate, or add its own key to known_hosts: compare what ssh-keyscan shows with what the host itself says",
  })
}

function unknown({ name, type, fingerprint: print }: NewHostKey): AppError {
  return new AppError('HOST_KEY_UNKNOWN', `${name} was never met before; its host key is ${type} ${print}`, {
    hint: 'compare it with "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" on the host, then say --accept-new',
  })
}

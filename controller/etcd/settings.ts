/** What the controller's configuration says about etcd, checked; the files it names are read at each connection. */
import { readFile } from 'node:fs/promises'
import { AppError } from '../../shared/errors/app-error.ts'
import type { ControllerConfig } from '../options.ts'

/** How one talks to etcd. */
export interface EtcdSettings {
  /** host:port, tried in turn; at least one. */
  readonly endpoints: readonly string[]
  /** Begins and ends with `/`. */
  readonly prefix: string
  readonly user: string
  /** Paths; '' for none. */
  readonly files: EtcdFiles
}

type FileKey = 'etcd_ca' | 'etcd_cert' | 'etcd_key' | 'etcd_password_file'
type EtcdFiles = Readonly<Record<FileKey, string>>

/** Contents of the files; undefined where there is none. */
export interface EtcdSecrets {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly password: string | undefined
}

type EtcdConfig = Pick<ControllerConfig, 'etcd_endpoints' | 'etcd_prefix' | 'etcd_user' | FileKey>

/**
 * @returns undefined when etcd is not watched, the default
 * @throws AppError `CONFIG_INVALID` for options that make no sense together
 */
export function etcdSettings(config: EtcdConfig): EtcdSettings | undefined {
  const { etcd_endpoints: endpoints, etcd_prefix: prefix, etcd_user: user } = config
  const { etcd_ca, etcd_cert, etcd_key, etcd_password_file } = config
  if (endpoints.length === 0) return undefined
  together('etcd_cert', etcd_cert, 'etcd_key', etcd_key)
  together('etcd_user', user, 'etcd_password_file', etcd_password_file)
  if (etcd_ca === '' && (etcd_cert !== '' || user !== '')) {
    throw new AppError('CONFIG_INVALID', 'etcd_ca is needed with etcd_cert and with etcd_user', {
      hint: 'without it etcd is spoken to unencrypted, and whoever listens would have the password',
    })
  }
  return { endpoints, prefix, user, files: { etcd_ca, etcd_cert, etcd_key, etcd_password_file } }
}

function together(nameA: string, a: string, nameB: string, b: string): void {
  if ((a === '') === (b === '')) return
  const [given, missing] = a === '' ? [nameB, nameA] : [nameA, nameB]
  throw new AppError('CONFIG_INVALID', `${given} is given without ${missing}`, {
    hint: 'give both, or neither',
  })
}

/**
 * Read anew for each connection, so that a renewed certificate or password needs no restart.
 *
 * @throws AppError `ETCD_FILE_UNREADABLE`
 */
export async function readEtcdSecrets(files: EtcdFiles): Promise<EtcdSecrets> {
  const [ca, cert, key, password] = await Promise.all([
    content('etcd_ca', files),
    content('etcd_cert', files),
    content('etcd_key', files),
    content('etcd_password_file', files),
  ])
  // Editors end a file with a newline, and no password does.
  return { ca, cert, key, password: password?.replace(/\r?\n$/, '') }
}

async function content(key: FileKey, files: EtcdFiles): Promise<string | undefined> {
  if (files[key] === '') return undefined
  try {
    return await readFile(files[key], 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('ETCD_FILE_UNREADABLE', `${key}: ${why}`, {
      cause,
      hint: 'the file must be there and readable for the user that the controller runs as',
    })
  }
}

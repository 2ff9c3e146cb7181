/**
 * A key and its certificate, which are replaced together or not at all: at every moment, through kill -9 and power loss,
 * the two paths name a pair.
 *
 * Two files cannot be renamed at once. So both paths are links into one directory, and that directory is a link:
 *
 *     agent.crt -> agent.pair/crt
 *     agent.key -> agent.pair/key
 *     agent.pair -> .agent.pair-<n>
 *
 * A new pair is written into a directory of its own and made durable; then one rename moves `agent.pair`. Plain files, as
 * they are put there at first, are made links beforehand, to copies of themselves: no step of that changes what is read.
 */

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { basename, dirname, extname, join } from 'node:path'
import { AppError } from '../errors/app-error.ts'
import { type Files, temporaryName } from '../ports/files.ts'

export interface PairPaths {
  readonly cert: string
  readonly key: string
}

export interface Pair {
  readonly certPem: string
  readonly keyPem: string
}

/** Whether the key is the certificate's. @throws Error when one of them cannot be read */
export function isPair({ certPem, keyPem }: Pair): boolean {
  return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))
}

/**
 * @returns undefined when one of the two is not there
 * @throws what the disk says
 */
export async function readPair(files: Files, { cert, key }: PairPaths): Promise<Pair | undefined> {
  const [certPem, keyPem] = await Promise.all([files.read(cert), files.read(key)])
  return certPem && keyPem
    ? { certPem: certPem.toString('utf8'), keyPem: keyPem.toString('utf8') }
    : undefined
}

/**
 * Puts a pair in place of the one before. When it throws, the one before is in place, or the new one is.
 *
 * @throws AppError `PAIR_UNWRITABLE`
 */
export async function replacePair(files: Files, paths: PairPaths, pair: Pair): Promise<void> {
  if (dirname(paths.cert) !== dirname(paths.key)) {
    throw new AppError('PAIR_UNWRITABLE', `${paths.cert} and ${paths.key} are not in one directory`, {
      hint: 'only there can both be replaced at once',
    })
  }
  try {
    const before = (await areLinks(files, paths)) ? undefined : await readPair(files, paths)
    if (before) {
      await moveLink(files, paths, await writeNext(files, paths, before))
      await becomeLinks(files, paths)
    }
    await moveLink(files, paths, await writeNext(files, paths, pair))
    if (!(await areLinks(files, paths))) await becomeLinks(files, paths)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('PAIR_UNWRITABLE', `${paths.cert} and its key cannot be replaced: ${why}`, {
      cause,
      hint: `the directory ${dirname(paths.cert)} must be writable, and have room`,
    })
  }
}

/** Takes both away, with all that stands behind them. @returns what was there, paths */
export async function removePair(files: Files, paths: PairPaths): Promise<readonly string[]> {
  const dir = dirname(paths.cert)
  const link = linkOf(paths)
  const entries = (await files.list(dir)) ?? []
  const behind = entries.filter(({ name }) => name.startsWith(`.${basename(link)}-`))
  const all = [paths.cert, paths.key, link, ...behind.map(({ name }) => join(dir, name))]
  const there = (await Promise.all(all.map(async (path) => ((await files.kind(path)) ? [path] : [])))).flat()
  for (const path of there) await files.remove(path)
  return there
}

function linkOf({ cert }: PairPaths): string {
  return join(dirname(cert), `${basename(cert, extname(cert))}.pair`)
}

/** Where the link points now, and where it never pointed yet. */
async function generations(
  files: Files,
  paths: PairPaths,
): Promise<{ now: string | undefined; next: string }> {
  const link = linkOf(paths)
  const now = (await files.kind(link)) === 'symlink' ? await files.readLink(link) : undefined
  const number = Number(/-(\d+)$/.exec(now ?? '')?.[1] ?? 0) + 1
  return { now, next: `.${basename(link)}-${number}` }
}

async function writeNext(files: Files, paths: PairPaths, { certPem, keyPem }: Pair): Promise<string> {
  const { next } = await generations(files, paths)
  const dir = join(dirname(paths.cert), next)
  await files.remove(dir) // of an attempt that was cut off
  await files.makeDir(dir)
  await files.write(join(dir, 'key'), keyPem, 0o600)
  await files.write(join(dir, 'crt'), certPem, 0o644)
  for (const path of [join(dir, 'key'), join(dir, 'crt'), dir, dirname(dir)]) await files.sync(path)
  return next
}

/** The one step that counts. */
async function moveLink(files: Files, paths: PairPaths, next: string): Promise<void> {
  const link = linkOf(paths)
  const { now } = await generations(files, paths)
  await linkTo(files, link, next)
  if (now !== undefined && now !== next) await files.remove(join(dirname(link), basename(now)))
}

async function areLinks(files: Files, paths: PairPaths): Promise<boolean> {
  const name = basename(linkOf(paths))
  return (
    (await pointsTo(files, paths.cert, `${name}/crt`)) && (await pointsTo(files, paths.key, `${name}/key`))
  )
}

async function becomeLinks(files: Files, paths: PairPaths): Promise<void> {
  const name = basename(linkOf(paths))
  await linkTo(files, paths.key, `${name}/key`)
  await linkTo(files, paths.cert, `${name}/crt`)
}

async function pointsTo(files: Files, path: string, target: string): Promise<boolean> {
  return (await files.kind(path)) === 'symlink' && (await files.readLink(path)) === target
}

async function linkTo(files: Files, path: string, target: string): Promise<void> {
  const temporary = temporaryName(path)
  await files.remove(temporary)
  await files.symlink(target, temporary)
  await files.rename(temporary, path)
  await files.sync(dirname(path))
}

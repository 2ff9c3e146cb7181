/**
 * A key and its certificate, which are replaced together or not at all: at every moment, through kill -9 and power loss,
 * the two paths name a pair.
 *
 * Two files cannot be renamed at once. So both paths are links into one directory, and that directory is a link:
 *
 *     agent.crt -> agent.pair/crt
 *     agent.key -> agent.pair/key
 *     agent.pair -> .agent.pair-<random>
 *
 * A new pair is written into a directory of its own and made durable; then one rename moves `agent.pair`. Plain files, as
 * they are put there at first, are made links beforehand, to copies of themselves: no step of that changes what is read.
 *
 * Two may do so at the same time (a renewal, and somebody who installs another certificate): every name that is only on the way is
 * its own, so that neither takes away what the other has just linked, and the last one counts.
 */

import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { basename, dirname, extname, join } from 'node:path'
import { AppError } from '../errors/app-error.ts'
import type { Files } from '../ports/files.ts'

export interface PairPaths {
  readonly cert: string
  readonly key: string
}

export interface Pair {
  readonly certPem: string
  readonly keyPem: string
}

/** For the log. */
export const pairIsLeft = 'a pair of before cannot be removed; there may be a private key in it'

/** @param path - what is left */
export type OnLeft = (path: string, error: unknown) => void

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
 * @param onLeft - told of a directory of before that cannot be removed, with the system's words. There may be a private key in
 *   it, but the exchange is as good as with any other: the next one tries again
 * @throws AppError `PAIR_UNWRITABLE`
 */
export async function replacePair(files: Files, paths: PairPaths, pair: Pair, onLeft: OnLeft): Promise<void> {
  if (dirname(paths.cert) !== dirname(paths.key)) {
    throw new AppError('PAIR_UNWRITABLE', `${paths.cert} and ${paths.key} are not in one directory`, {
      hint: 'only there can both be replaced at once',
    })
  }
  try {
    const before = (await areLinks(files, paths)) ? undefined : await readPair(files, paths)
    // What is no pair, perhaps because somebody is exchanging it just now, is worth nothing.
    if (before && isReadablePair(before)) {
      await moveLink(files, paths, await writeNext(files, paths, before), onLeft)
      await becomeLinks(files, paths)
    }
    await moveLink(files, paths, await writeNext(files, paths, pair), onLeft)
    if (!(await areLinks(files, paths))) await becomeLinks(files, paths)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('PAIR_UNWRITABLE', `${paths.cert} and its key cannot be replaced: ${why}`, {
      cause,
      hint: `the directory ${dirname(paths.cert)} must be writable, and have room`,
    })
  }
  await removeLeftovers(files, paths, onLeft).catch((error: unknown) => onLeft(dirname(paths.cert), error))
}

/** Takes both away, with all that stands behind them. @returns what was there, paths */
export async function removePair(files: Files, paths: PairPaths): Promise<readonly string[]> {
  const dir = dirname(paths.cert)
  const link = linkOf(paths)
  const entries = (await files.list(dir)) ?? []
  const behind = entries.filter(({ name }) => isOnTheWay(name, paths))
  const all = [paths.cert, paths.key, link, ...behind.map(({ name }) => join(dir, name))]
  const there = (await Promise.all(all.map(async (path) => ((await files.kind(path)) ? [path] : [])))).flat()
  for (const path of there) await files.remove(path)
  return there
}

function linkOf({ cert }: PairPaths): string {
  return join(dirname(cert), `${basename(cert, extname(cert))}.pair`)
}

/** Where the link points now. */
async function presentOf(files: Files, paths: PairPaths): Promise<string | undefined> {
  const link = linkOf(paths)
  return (await files.kind(link)) === 'symlink' ? await files.readLink(link) : undefined
}

function isReadablePair(pair: Pair): boolean {
  try {
    return isPair(pair)
  } catch {
    return false
  }
}

async function writeNext(files: Files, paths: PairPaths, { certPem, keyPem }: Pair): Promise<string> {
  const next = ownName(linkOf(paths))
  const dir = join(dirname(paths.cert), next)
  await files.makeDir(dir)
  await files.write(join(dir, 'key'), keyPem, 0o600)
  await files.write(join(dir, 'crt'), certPem, 0o644)
  for (const path of [join(dir, 'key'), join(dir, 'crt'), dir, dirname(dir)]) await files.sync(path)
  return next
}

/** Hidden, beside `path`, and nobody else's. */
function ownName(path: string): string {
  return `.${basename(path)}-${randomBytes(6).toString('hex')}`
}

/** Whether it is a name that `ownName` gives, or that was given before, when they had numbers. */
function isOnTheWay(name: string, paths: PairPaths): boolean {
  const bases = [linkOf(paths), paths.cert, paths.key].map((path) => basename(path))
  return bases.some((base) => name.startsWith(`.${base}-`) && /^[0-9a-f]+$/.test(name.slice(base.length + 2)))
}

/** The one step that counts. */
async function moveLink(files: Files, paths: PairPaths, next: string, onLeft: OnLeft): Promise<void> {
  const link = linkOf(paths)
  const now = await presentOf(files, paths)
  await linkTo(files, link, next)
  if (now === undefined || now === next) return
  const before = join(dirname(link), basename(now))
  await files.remove(before).catch((error: unknown) => onLeft(before, error))
}

/** An exchange takes much less; what is older belongs to none that is still under way. */
const leftoverMs = 10 * 60_000

/** Of exchanges that were cut off: there are private keys in them. Ages are told by the disk's own clock. */
async function removeLeftovers(files: Files, paths: PairPaths, onLeft: OnLeft): Promise<void> {
  const dir = dirname(paths.cert)
  const present = await presentOf(files, paths)
  const age = async (name: string) => (await files.stamp(join(dir, name)))?.modifiedMs
  const nowMs = present && (await age(present))
  if (!nowMs) return
  for (const { name } of (await files.list(dir)) ?? []) {
    if (!isOnTheWay(name, paths) || name === present) continue
    const fromMs = await age(name)
    if (fromMs === undefined || nowMs - fromMs <= leftoverMs) continue
    await files.remove(join(dir, name)).catch((error: unknown) => onLeft(join(dir, name), error))
  }
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
  const temporary = join(dirname(path), ownName(path))
  await files.symlink(target, temporary)
  await files.rename(temporary, path)
  await files.sync(dirname(path))
}

/**
 * `pgsvc agent leave`: gives HAProxy's files back before an agent is taken off a node, and takes everything away that
 * only an agent needs. HAProxy runs on and has nothing to load anew: not a byte of what it loads changes.
 *
 * conf.d becomes a directory again where it is a link to a generation. Link and directory are exchanged in one step where
 * the host has a program that can (renameat2); else the link goes first and the directory follows at once, and a
 * HAProxy that were started in that instant would not find it.
 */
import { basename, dirname, join, relative, resolve } from 'node:path'
import { AppError } from '../shared/errors/app-error.ts'
import { removePair } from '../shared/pki/pair-files.ts'
import type { Exec } from '../shared/ports/exec.ts'
import { type Files, isTemporaryName } from '../shared/ports/files.ts'
import { readLiveDir } from './apply/live-dir.ts'
import { locatePlaced, locateRecovered, recoverSwap } from './apply/recover.ts'
import { syncTree } from './apply/staging.ts'
import type { Layout } from './haproxy/locate.ts'
import { type AgentConfig, agentConfigFile, haproxyPaths } from './options.ts'
import { createStateFile } from './state/state-file.ts'

export interface LeavePorts {
  readonly files: Files
  readonly exec: Exec
}

export interface Left {
  readonly serviceDir: string
  /** How the directory came back; `plain` when it was one. */
  readonly how: 'plain' | 'exchanged' | 'renamed'
  /** What was taken away, paths. */
  readonly removed: readonly string[]
}

/**
 * No agent may run.
 *
 * @param keep - paths that somebody else on this host needs
 * @param ownDir - where nothing lies but what is ours
 * @throws AppError `LEAVE_FAILED`, `STATE_OF_OTHER_NODE`; Error of the file system. What was done stays done, and another
 *   try goes on from there
 */
export async function leave(
  ports: LeavePorts,
  config: AgentConfig,
  keep: readonly string[],
  ownDir = dirname(agentConfigFile),
): Promise<Left> {
  const { files } = ports
  const stateFile = createStateFile(files, config.state_dir)
  const state = await stateFile.load(config.node)
  if (state.begun) await (await stateFile.stage(await recoverSwap(files, state)))()
  const { layout } = await locateRecovered(files, haproxyPaths(config), state)
  const how = layout.kind === 'conf.d' ? await makePlain(ports, layout) : 'plain'
  const gone = [
    layout.workDir,
    ...(await stateFiles(files, config.state_dir)),
    config.metrics_file,
    config.notify_socket,
    `${config.tls_key}.new`,
    // Elsewhere it is somebody else's: every Pigsty node has its authority in /etc/pki.
    ...(isWithin(ownDir, config.tls_ca) ? [config.tls_ca] : []),
  ]
  const pair = { cert: config.tls_cert, key: config.tls_key }
  const isOwn = isWithin(ownDir, pair.cert) && isWithin(ownDir, pair.key)
  const removed = isOwn ? [...(await removePair(files, pair))] : []
  for (const path of gone) {
    if (path === '' || keep.includes(path) || (await files.kind(path)) === undefined) continue
    await files.remove(path)
    removed.push(path)
  }
  if ((await files.list(config.state_dir))?.length === 0) {
    await files.remove(config.state_dir)
    removed.push(config.state_dir)
  }
  return { serviceDir: layout.serviceDir, how, removed }
}

/**
 * Looks whether it could be done; nothing is changed, and an agent may run.
 *
 * @throws AppError `STATE_OF_OTHER_NODE`, and those of finding HAProxy's files
 */
export async function expectLeavable(files: Files, config: AgentConfig): Promise<void> {
  const state = await createStateFile(files, config.state_dir).load(config.node)
  await locatePlaced(files, haproxyPaths(config), state)
}

function isWithin(dir: string, path: string): boolean {
  return !relative(dir, resolve('/', path)).startsWith('..')
}

/** What an agent has in its `state_dir`. */
const stateNames = ['state.json', 'owed.json', 'blobs', 'status.sock', 'agent.pid', 'lock', 'lock-journal']

/** Others may have theirs beside it: a controller whose directory was named above its own. */
async function stateFiles(files: Files, dir: string): Promise<readonly string[]> {
  const names = ((await files.list(dir)) ?? []).map(({ name }) => name)
  return names
    .filter((name) => stateNames.includes(name) || isTemporaryName(name))
    .map((name) => join(dir, name))
}

async function makePlain(ports: LeavePorts, layout: Layout): Promise<Left['how']> {
  const { files } = ports
  const { serviceDir, workDir } = layout
  if ((await files.kind(serviceDir)) !== 'symlink') return 'plain'
  const home = dirname(serviceDir)
  const generation = resolve(home, await files.readLink(serviceDir))
  // A link that somebody else made to somewhere else is theirs.
  if (relative(workDir, generation).startsWith('..')) return 'plain'
  const aside = join(home, `.${basename(serviceDir)}.pgsvc-plain`)
  await files.remove(aside)
  await files.copy(generation, aside)
  await syncTree(files, aside)
  const how = await exchange(ports, aside, serviceDir)
  await files.sync(home)
  await carryLate(files, generation, serviceDir)
  await files.remove(aside)
  await files.sync(home)
  return how
}

/** Programs that can exchange two names in one step. Source: renameat2(2), RENAME_EXCHANGE; mv of coreutils 9.5. */
function exchangers(from: string, to: string): readonly (readonly [string, ...string[]])[] {
  const numbers = { x64: '316', arm64: '276' } as const
  const number = process.arch === 'x64' || process.arch === 'arm64' ? numbers[process.arch] : ''
  const perl = 'exit(syscall($ARGV[0]+0, -100, $ARGV[1], -100, $ARGV[2], 2) == 0 ? 0 : 1)'
  const python =
    'import ctypes,sys,os;l=ctypes.CDLL(None,use_errno=True);a,b=[os.fsencode(x) for x in sys.argv[2:4]];sys.exit(0 if l.syscall(int(sys.argv[1]),-100,a,-100,b,2)==0 else 1)'
  return [
    ['mv', '--exchange', '--no-target-directory', from, to],
    ...(number === ''
      ? []
      : ([
          ['perl', '-e', perl, number, from, to],
          ['python3', '-c', python, number, from, to],
        ] as const)),
  ]
}

async function exchange(
  { files, exec }: LeavePorts,
  directory: string,
  link: string,
): Promise<'exchanged' | 'renamed'> {
  for (const [program, ...args] of exchangers(directory, link)) {
    await exec.run(program, args, { timeoutMs: 10_000 }).catch(() => undefined)
    if ((await files.kind(link)) === 'directory') return 'exchanged'
  }
  const target = await files.readLink(link)
  await files.remove(link)
  try {
    await files.rename(directory, link)
  } catch (cause) {
    await files.symlink(target, link)
    throw new AppError('LEAVE_FAILED', `${link} could not be made a directory again; it is as before`, {
      cause,
    })
  }
  return 'renamed'
}

/** What somebody wrote through the link between the copy and the exchange must not be lost. */
async function carryLate(files: Files, generation: string, serviceDir: string): Promise<void> {
  const [before, now] = [await readLiveDir(files, generation), await readLiveDir(files, serviceDir)]
  for (const { name } of before.entries) {
    if (before.loaded.get(name) === now.loaded.get(name) && now.entries.some((entry) => entry.name === name))
      continue
    await files.remove(join(serviceDir, name))
    await files.copy(join(generation, name), join(serviceDir, name))
  }
  for (const { name } of now.entries) {
    if (!before.entries.some((entry) => entry.name === name)) await files.remove(join(serviceDir, name))
  }
}

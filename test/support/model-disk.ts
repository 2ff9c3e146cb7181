/**
 * A disk in memory that knows what of it would survive a power loss.
 *
 * The model, stricter than ext4, XFS or Btrfs: bytes are safe after fsync of the file, a name only after fsync of
 * its directory, also the name of a file that was synced itself. What was not synced may be there or not, in any
 * combination and any order; bytes may be there to the half. Two things are taken for granted, as every
 * journaling file system has them: a rename happens as a whole or not at all, also between two directories; and
 * changes of one and the same name are not reordered.
 */
import { basename, dirname, join, resolve } from 'node:path'
import type { Disk, DiskStatus, OpenFile } from '../../shared/ports/disk.ts'

interface FileNode {
  readonly kind: 'file'
  data: Buffer
  /** What a power loss leaves. */
  safe: Buffer
}
interface DirectoryNode {
  readonly kind: 'directory'
  readonly names: Map<string, Node>
  readonly safe: Map<string, Node>
}
interface LinkNode {
  readonly kind: 'symlink'
  readonly target: string
}
type Node = FileNode | DirectoryNode | LinkNode

/** One change of names that happens as a whole. */
interface Change {
  readonly effects: readonly {
    readonly dir: DirectoryNode
    readonly name: string
    readonly node: Node | undefined
  }[]
}

/** Path → text, `-> target` for a link, `/` for a directory; parents before what is in them. */
export type Tree = readonly (readonly [string, string])[]

export interface ModelDisk extends Disk {
  /** What a power loss at this moment may leave, each as a tree of its own. */
  crashes(limit: CrashLimit): { readonly trees: readonly Tree[]; readonly isComplete: boolean }
  tree(): Tree
}

export interface CrashLimit {
  readonly maxStates: number
  /** In [0, 1); for the rest of a number of states that is too large to go through. */
  readonly random: () => number
}

/** @param onSync - called before anything becomes safe */
export function modelDisk(tree: Tree, onSync: (disk: ModelDisk) => void = () => undefined): ModelDisk {
  const root = plant(tree)
  const pending: Change[] = []
  const at = (path: string) => find(root, path)
  const parentOf = (path: string) => {
    const dir = find(root, dirname(path), true)
    if (dir?.kind !== 'directory') throw failure('ENOENT', path)
    return dir
  }
  const change = (...effects: Change['effects']) => {
    for (const { dir, name, node } of effects) setName(dir.names, name, node)
    pending.push({ effects })
  }
  const put = (path: string, node: Node) => change({ dir: parentOf(path), name: basename(path), node })
  const drop = (path: string) => {
    if (!at(path)) throw failure('ENOENT', path)
    change({ dir: parentOf(path), name: basename(path), node: undefined })
  }
  const sync = (node: Node) => {
    onSync(disk)
    if (node.kind === 'file') node.safe = node.data
    if (node.kind !== 'directory') return
    const flushed = withEarlier(
      pending,
      pending.filter(({ effects }) => effects.some(({ dir }) => dir === node)),
    )
    for (const done of flushed) applyTo(done, (dir) => dir.safe)
    pending.splice(0, pending.length, ...pending.filter((other) => !flushed.includes(other)))
  }
  const disk: ModelDisk = {
    async read(path) {
      const node = find(root, path, true)
      if (node?.kind !== 'file') throw failure(node ? 'EISDIR' : 'ENOENT', path)
      return node.data
    },
    async list(path) {
      const node = find(root, path, true)
      if (node?.kind !== 'directory') throw failure(node ? 'ENOTDIR' : 'ENOENT', path)
      return [...node.names].map(([name, { kind }]) => ({ name, kind }))
    },
    status: async (path) => statusOf(at(path), path),
    statusBehindLink: async (path) => statusOf(find(root, path, true), path),
    async readLink(path) {
      const node = at(path)
      if (node?.kind !== 'symlink') throw failure(node ? 'EINVAL' : 'ENOENT', path)
      return node.target
    },
    async create(path) {
      const found = at(path)
      if (found && found.kind !== 'file') throw failure('ELOOP', path)
      const file: FileNode = found ?? { kind: 'file', data: Buffer.alloc(0), safe: Buffer.alloc(0) }
      if (found) file.data = Buffer.alloc(0)
      else put(path, file)
      return openNode(file, sync)
    },
    async open(path) {
      const node = find(root, path, true)
      if (!node) throw failure('ENOENT', path)
      return openNode(node, sync)
    },
    async makeDir(path) {
      if (at(path)) throw failure('EEXIST', path)
      put(path, { kind: 'directory', names: new Map(), safe: new Map() })
    },
    async symlink(target, path) {
      if (at(path)) throw failure('EEXIST', path)
      put(path, { kind: 'symlink', target })
    },
    async rename(from, to) {
      const node = at(from)
      if (!node) throw failure('ENOENT', from)
      const goal = at(to)
      if (goal?.kind === 'directory' && (node.kind !== 'directory' || goal.names.size > 0))
        throw failure('ENOTEMPTY', to)
      change(
        { dir: parentOf(from), name: basename(from), node: undefined },
        { dir: parentOf(to), name: basename(to), node },
      )
    },
    unlink: async (path) => drop(path),
    async removeDir(path) {
      const node = at(path)
      if (node?.kind === 'directory' && node.names.size > 0) throw failure('ENOTEMPTY', path)
      drop(path)
    },
    chmod: async () => undefined,
    chown: async () => undefined,
    tree: () =>
      harvest(
        root,
        '/',
        (dir) => dir.names,
        (file) => file.data,
      ),
    crashes: (limit) => crashesOf(root, pending, limit),
  }
  return disk
}

function openNode(node: Node, sync: (node: Node) => void): OpenFile {
  return {
    async write(content) {
      if (node.kind === 'file') node.data = Buffer.concat([node.data, content])
    },
    chmod: async () => undefined,
    chown: async () => undefined,
    sync: async () => sync(node),
    close: async () => undefined,
  }
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

function statusOf(node: Node | undefined, path: string): DiskStatus {
  if (!node) throw failure('ENOENT', path)
  const bytes = node.kind === 'file' ? node.data.length : 0
  return { kind: node.kind, inode: 1, bytes, changedMs: 0, modifiedMs: 0, mode: 0o644, uid: 0, gid: 0 }
}

function find(root: DirectoryNode, path: string, follow = false, depth = 0): Node | undefined {
  if (depth > 8) throw failure('ELOOP', path)
  let node: Node = root
  let done = '/'
  const names = resolve(path).split('/').filter(Boolean)
  for (const [index, name] of names.entries()) {
    if (node.kind !== 'directory') return undefined
    const next: Node | undefined = node.names.get(name)
    if (!next) return undefined
    if (next.kind === 'symlink' && (follow || index < names.length - 1)) {
      const rest = join(resolve(done, next.target), ...names.slice(index + 1))
      return find(root, rest, follow, depth + 1)
    }
    node = next
    done = join(done, name)
  }
  return node
}

function setName(names: Map<string, Node>, name: string, node: Node | undefined): void {
  if (node) names.set(name, node)
  else names.delete(name)
}

function applyTo({ effects }: Change, which: (dir: DirectoryNode) => Map<string, Node>): void {
  for (const { dir, name, node } of effects) setName(which(dir), name, node)
}

function sharesName(a: Change, b: Change): boolean {
  return a.effects.some((x) => b.effects.some((y) => x.dir === y.dir && x.name === y.name))
}

/** The chosen ones, and whatever came before to the same names; in order. */
function withEarlier(pending: readonly Change[], chosen: readonly Change[]): readonly Change[] {
  const kept = new Set(chosen)
  for (let i = pending.length - 1; i >= 0; i -= 1) {
    const candidate = pending[i]
    if (!candidate || kept.has(candidate)) continue
    if (pending.slice(i + 1).some((later) => kept.has(later) && sharesName(candidate, later)))
      kept.add(candidate)
  }
  return pending.filter((one) => kept.has(one))
}

function plant(tree: Tree): DirectoryNode {
  const root: DirectoryNode = { kind: 'directory', names: new Map(), safe: new Map() }
  for (const [path, text] of tree) {
    const dir = find(root, dirname(path))
    if (dir?.kind !== 'directory') throw new Error(`${path} has no parent`)
    const node = nodeOf(text)
    dir.names.set(basename(path), node)
    dir.safe.set(basename(path), node)
  }
  return root
}

function nodeOf(text: string): Node {
  if (text === '/') return { kind: 'directory', names: new Map(), safe: new Map() }
  if (text.startsWith('-> ')) return { kind: 'symlink', target: text.slice(3) }
  return { kind: 'file', data: Buffer.from(text), safe: Buffer.from(text) }
}

function harvest(
  dir: DirectoryNode,
  path: string,
  namesOf: (dir: DirectoryNode) => ReadonlyMap<string, Node>,
  dataOf: (file: FileNode) => Buffer,
): Tree {
  return [...namesOf(dir)].flatMap(([name, node]): Tree => {
    const here = join(path, name)
    if (node.kind === 'directory') return [[here, '/'], ...harvest(node, here, namesOf, dataOf)]
    return [[here, node.kind === 'symlink' ? `-> ${node.target}` : dataOf(node).toString('utf8')]]
  })
}

/** A choice: which pending changes of names are there, and how much of each unsafe file is. */
interface Choice {
  readonly changes: ReadonlySet<Change>
  /** Files by how much is there: what was safe, the half, all. */
  readonly bytes: ReadonlyMap<FileNode, 0 | 1 | 2>
}

function crashesOf(
  root: DirectoryNode,
  pending: readonly Change[],
  limit: CrashLimit,
): { trees: readonly Tree[]; isComplete: boolean } {
  const unsafe = unsafeFiles(root, pending)
  const subsets = closedSubsets(pending, limit.maxStates)
  const perSubset = 3 ** unsafe.length
  const isComplete = subsets !== undefined && subsets.length * perSubset <= limit.maxStates
  const choices = isComplete
    ? subsets.flatMap((changes) => allBytes(unsafe).map((bytes) => ({ changes, bytes })))
    : someChoices(pending, unsafe, limit)
  const trees = new Map<string, Tree>()
  for (const choice of choices) {
    const tree = treeOf(root, pending, choice)
    trees.set(JSON.stringify(tree), tree)
  }
  return { trees: [...trees.values()], isComplete }
}

function unsafeFiles(root: DirectoryNode, pending: readonly Change[]): readonly FileNode[] {
  const found = new Set<FileNode>()
  const visit = (node: Node | undefined) => {
    if (node?.kind === 'file' && !node.data.equals(node.safe)) found.add(node)
    if (node?.kind === 'directory')
      for (const inner of new Set([...node.names.values(), ...node.safe.values()])) visit(inner)
  }
  visit(root)
  for (const { effects } of pending) for (const { node } of effects) visit(node)
  return [...found]
}

/** @returns undefined when there are more than `max` */
function closedSubsets(pending: readonly Change[], max: number): readonly ReadonlySet<Change>[] | undefined {
  let subsets: ReadonlySet<Change>[] = [new Set()]
  for (const [index, one] of pending.entries()) {
    const needed = pending.slice(0, index).filter((earlier) => sharesName(earlier, one))
    const more = subsets.filter((subset) => needed.every((other) => subset.has(other)))
    subsets = [...subsets, ...more.map((subset) => new Set([...subset, one]))]
    if (subsets.length > max) return undefined
  }
  return subsets
}

function allBytes(files: readonly FileNode[]): readonly ReadonlyMap<FileNode, 0 | 1 | 2>[] {
  return files.reduce<ReadonlyMap<FileNode, 0 | 1 | 2>[]>(
    (maps, file) =>
      maps.flatMap((map) => ([0, 1, 2] as const).map((much) => new Map([...map, [file, much]]))),
    [new Map()],
  )
}

/** Every prefix, every single omission, every single change alone; the rest of the number by chance. */
function someChoices(
  pending: readonly Change[],
  unsafe: readonly FileNode[],
  { maxStates, random }: CrashLimit,
): readonly Choice[] {
  const close = (chosen: readonly Change[]) => new Set(withEarlier(pending, chosen))
  const without = (one: Change, index: number) => {
    const later = pending.slice(index)
    const lost = new Set<Change>([one])
    for (const other of later) if ([...lost].some((gone) => sharesName(gone, other))) lost.add(other)
    return new Set(pending.filter((other) => !lost.has(other)))
  }
  const subsets = [
    ...Array.from({ length: pending.length + 1 }, (_, length) => close(pending.slice(0, length))),
    ...pending.map(without),
    ...pending.map((one) => close([one])),
  ]
  const levels = [0, 1, 2] as const
  const same = (much: 0 | 1 | 2) => new Map(unsafe.map((file) => [file, much] as const))
  const choices: Choice[] = subsets.flatMap((changes) =>
    levels.map((much): Choice => ({ changes, bytes: same(much) })),
  )
  while (choices.length < maxStates) {
    const changes = close(pending.filter(() => random() < 0.5))
    const bytes = new Map(unsafe.map((file) => [file, levels[Math.floor(random() * 3)] ?? 0] as const))
    choices.push({ changes, bytes })
  }
  return choices
}

function treeOf(root: DirectoryNode, pending: readonly Change[], { changes, bytes }: Choice): Tree {
  const names = new Map<DirectoryNode, Map<string, Node>>()
  const namesOf = (dir: DirectoryNode) => {
    const known = names.get(dir) ?? new Map(dir.safe)
    names.set(dir, known)
    return known
  }
  for (const one of pending) if (changes.has(one)) applyTo(one, namesOf)
  const dataOf = (file: FileNode) => {
    const much = bytes.get(file) ?? 2
    if (much === 2) return file.data
    return much === 0 ? file.safe : file.data.subarray(0, file.data.length >> 1)
  }
  return harvest(root, '/', namesOf, dataOf)
}

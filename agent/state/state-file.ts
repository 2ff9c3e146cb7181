/**
 * What the agent remembers over a restart: the last snapshot applied in full, which files of the live
 * directory are ours, and the last failure. One JSON file, replaced as a whole.
 */
import { join } from 'node:path'
import * as z from 'zod/mini'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Fault, QuarantinedOwner } from '../../shared/errors/fault.ts'
import type { AppliedOwner, Snapshot } from '../../shared/model/snapshot.ts'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'
import type { LayoutKind } from '../haproxy/locate.ts'

/** A file of ours in the live directory. */
export interface OwnedFile {
  readonly digest: string
  readonly owner: string
  /** Digest of what is on disk, when somebody else wrote the same in other words. */
  readonly taken?: string | undefined
}

/** How to get from a swap that was begun back to what was there before. */
export type Undo =
  /** The path was a link and pointed there. */
  | { readonly kind: 'link'; readonly target: string }
  /** A real directory stood at the path; it goes to `aside`. */
  | { readonly kind: 'directory'; readonly aside: string }
  /** Nothing stood at the path. */
  | { readonly kind: 'nothing' }
  /** Flat layout: files are replaced one by one; what was there lies in `backup`. */
  | {
      readonly kind: 'files'
      readonly backup: string
      /** Digests of what is written, by base name. */
      readonly written: Readonly<Record<string, string>>
      readonly removed: readonly string[]
    }

/** Recorded before a swap, gone after it: an apply that was cut off is found by it, and undone. */
export interface BegunSwap {
  /** The generation that was to be. */
  readonly generation: number
  readonly serviceDir: string
  readonly workDir: string
  readonly undo: Undo
  /** The new directory's entries as they were staged: what differs from them, others wrote. */
  readonly staged: Readonly<Record<string, string>>
  /** HAProxy is to reload; until it did, what it runs is not known. */
  readonly mustReload: boolean
  /** The process that does it, see process-identity.ts. */
  readonly by: string
}

/** An owner in quarantine, as it is remembered. */
export interface KnownQuarantine extends QuarantinedOwner {
  /** Names the files that were refused. */
  readonly content: string
}

/** A leader that a live check confirmed and that the files of its cluster follow. */
export interface FollowedLeader {
  readonly leader: string
  /** Milliseconds since 1970. */
  readonly sinceMs: number
}

export interface AgentState {
  readonly node: string
  /** Number of the generation in place; 0 before the first apply. */
  readonly generation: number
  /** Last snapshot applied in full; version 0 before the first. */
  readonly snapshot: Snapshot
  /** Leader whose variant runs, by owner: the snapshot's, until the agent itself follows one. */
  readonly leaders: Readonly<Record<string, string>>
  /** The leader that the agent followed last, by owner: it counts more than what the controller says. */
  readonly followed: Readonly<Record<string, FollowedLeader>>
  /** Files of ours by base name. */
  readonly files: Readonly<Record<string, OwnedFile>>
  /** Where they were put; a directory that is gone does not tell any more, when HAProxy does not run. */
  readonly placed?: { readonly kind: LayoutKind; readonly serviceDir: string } | undefined
  /** A worker of HAProxy was seen that loaded exactly `files`. */
  readonly confirmed: boolean
  /** Digests of files of others that HAProxy is known to have loaded too, by base name. */
  readonly foreign: Readonly<Record<string, string>>
  /** What HAProxy runs is not known until it reloads: an apply was cut off, or a restore not confirmed. */
  readonly mustReload: boolean
  /** A swap that was begun, and of which no end is known. */
  readonly begun: BegunSwap | undefined
  /** Sets that `haproxy -c` has found good, newest last. */
  readonly validated: readonly string[]
  /** The last apply that failed with no good one since. */
  readonly failed: { readonly version: number; readonly fault: Fault } | undefined
  /** Left out of `snapshot`, or there with an older revision. */
  readonly quarantined: readonly KnownQuarantine[]
  /** What was asked for and is not in place, or not all of it, though the node may be able to take it later. */
  readonly wanted: Snapshot | undefined
}

const format = 1
const name = z.string()
const version = z.int().check(z.minimum(0))
const fault = z.object({
  stage: z.enum(['receive', 'guard', 'stage', 'validate', 'swap', 'reload', 'confirm']),
  code: name,
  owner: z.optional(name),
  file: z.optional(name),
  line: z.optional(z.number()),
  message: name,
  haproxy: z.optional(name),
})
const snapshot = z.object({
  version,
  assignments: z.array(
    z.object({
      owner: name,
      revision: version,
      variants: z.array(z.object({ leader: name, files: z.array(z.object({ name, digest: name })) })),
      leader: name,
      members: z.array(
        z.object({ instance: name, address: name, patroniPort: version, patroniTls: z.boolean() }),
      ),
      services: z.array(
        z.object({ name, port: version, check: name, servers: z.array(name), backups: z.array(name) }),
      ),
      follow: z.enum(['default', 'on', 'report', 'off']),
      // Agents of before did not write these down.
      inventoryLeader: z._default(name, ''),
      outsideNodes: z._default(version, 0),
    }),
  ),
})
const schema = z.object({
  format: z.literal(format),
  node: name,
  generation: version,
  snapshot,
  leaders: z.record(z.string(), name),
  followed: z.optional(z.record(z.string(), z.object({ leader: name, sinceMs: z.number() }))),
  files: z.record(z.string(), z.object({ digest: name, owner: name, taken: z.optional(name) })),
  placed: z.optional(z.object({ kind: z.enum(['conf.d', 'flat']), serviceDir: name })),
  confirmed: z.boolean(),
  foreign: z.optional(z.record(z.string(), name)),
  mustReload: z.optional(z.boolean()),
  begun: z.optional(
    z.object({
      generation: version,
      serviceDir: name,
      workDir: name,
      undo: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('link'), target: name }),
        z.object({ kind: z.literal('directory'), aside: name }),
        z.object({ kind: z.literal('nothing') }),
        z.object({
          kind: z.literal('files'),
          backup: name,
          written: z.record(z.string(), name),
          removed: z.array(name),
        }),
      ]),
      staged: z.record(z.string(), name),
      mustReload: z.boolean(),
      by: name,
    }),
  ),
  validated: z.array(name),
  failed: z.optional(z.object({ version, fault })),
  quarantined: z.optional(
    z.array(z.object({ owner: name, revision: version, keptRevision: version, content: name, fault })),
  ),
  wanted: z.optional(snapshot),
})

/** The state of an agent that has never applied anything. */
export function emptyState(node: string): AgentState {
  return {
    node,
    generation: 0,
    snapshot: { version: 0, assignments: [] },
    leaders: {},
    followed: {},
    files: {},
    confirmed: false,
    foreign: {},
    mustReload: false,
    begun: undefined,
    validated: [],
    failed: undefined,
    quarantined: [],
    wanted: undefined,
  }
}

export interface StateFile {
  /**
   * @throws AppError `STATE_UNREADABLE` or `STATE_OF_OTHER_NODE`; nothing is guessed from a broken file
   */
  load(node: string): Promise<AgentState>
  /**
   * Writes the next state beside the present one and makes it durable, so that a full disk is found before
   * anything else changes.
   *
   * @returns puts it in place; call it once
   */
  stage(state: AgentState): Promise<() => Promise<void>>
}

export function createStateFile(files: Files, dir: string): StateFile {
  const path = join(dir, 'state.json')
  const temporary = temporaryName(path)
  return {
    async load(node) {
      const text = await files.read(path)
      return text === undefined ? emptyState(node) : parseState(text.toString('utf8'), path, node)
    },
    async stage(state) {
      await makeDurableDir(files, dir)
      await files.write(temporary, `${JSON.stringify({ format, ...state }, null, 1)}\n`, 0o600)
      await files.sync(temporary)
      return async () => {
        await files.rename(temporary, path)
        await files.sync(dir)
      }
    },
  }
}

function parseState(text: string, path: string, node: string): AgentState {
  const state = readJson(text, path)
  if (state.node !== node) {
    throw new AppError('STATE_OF_OTHER_NODE', `${path} is of node ${state.node}, this is ${node}`, {
      hint: 'set node to the old name, or move the state directory away',
    })
  }
  const { format: _format, ...rest } = state
  const { foreign = {}, followed = {}, mustReload = false, begun, failed, quarantined = [], wanted } = state
  return { ...rest, foreign, followed, mustReload, begun, failed, quarantined, wanted }
}

function readJson(text: string, path: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('STATE_UNREADABLE', `${path} is not a state of this agent`, {
      hint: 'move it away; the agent then takes over the files it finds and asks the controller',
      cause,
    })
  }
}

/** What runs, for every owner that has files. */
export function appliedOwners(state: AgentState): readonly AppliedOwner[] {
  return state.snapshot.assignments.map(({ owner, revision, leader }) => ({
    owner,
    revision,
    leader: state.leaders[owner] ?? leader,
  }))
}

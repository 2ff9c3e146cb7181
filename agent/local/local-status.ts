/** How this node stands, as its agent says it without any controller: `pgsvc agent status`. */
import type { LeaderView } from '../../shared/model/leader.ts'
import type { Report } from '../observe/report.ts'
import type { AgentState } from '../state/state-file.ts'
import type { LinkState } from './link.ts'

/** Keys as in the JSON of all commands. */
export interface LocalStatus {
  readonly node: string
  /** Null when no agent runs: the rest is what the last one wrote down. */
  readonly agent: RunningAgent | null
  readonly applied_version: number
  readonly clusters: readonly LocalCluster[]
  /** Of the last apply, when it failed. */
  readonly failed: { readonly code: string; readonly message: string } | null
}

export interface RunningAgent {
  readonly pid: number
  readonly version: string
  readonly started_ms: number
  readonly controller: {
    readonly connected: boolean
    readonly address: string
    readonly since_ms: number
    readonly reason: string
  }
  readonly haproxy_running: boolean
  readonly serving_applied: boolean
  readonly services_down: readonly string[]
  readonly drift: readonly { readonly name: string; readonly kind: string }[]
  readonly last_reload: { readonly at_ms: number; readonly reasons: readonly string[] } | null
}

export interface LocalCluster {
  readonly owner: string
  readonly revision: number
  /** '' when nobody is known to lead. */
  readonly leader: string
  /** By a live check, since the agent was started. */
  readonly confirmed: boolean
  /** 0 when it has always been so for this agent. */
  readonly since_ms: number
  /** Leader whose variant runs. */
  readonly running: string
  /** `on`, `report`, `off`; `default` when no agent runs that could say what its own is. */
  readonly follow: string
  readonly held: { readonly code: string; readonly message: string } | null
}

/** What a running agent knows of itself. */
export interface AgentSelf {
  readonly pid: number
  readonly version: string
  readonly startedMs: number
}

export function liveStatus(self: AgentSelf, link: LinkState, state: AgentState, seen: Report): LocalStatus {
  const { lastReload } = seen
  return {
    ...remembered(state, seen.leaders),
    agent: {
      pid: self.pid,
      version: self.version,
      started_ms: self.startedMs,
      controller: {
        connected: link.connected,
        address: link.address,
        since_ms: link.sinceMs,
        reason: link.reason,
      },
      haproxy_running: seen.haproxyRunning,
      serving_applied: seen.servingApplied,
      services_down: seen.servicesDown,
      drift: seen.drift.map(({ name, kind }) => ({ name, kind })),
      last_reload: lastReload ? { at_ms: lastReload.atMs, reasons: lastReload.reasons } : null,
    },
  }
}

/** What is left to say when no agent runs. */
export function rememberedStatus(state: AgentState): LocalStatus {
  return { ...remembered(state, []), agent: null }
}

function remembered(state: AgentState, views: readonly LeaderView[]): Omit<LocalStatus, 'agent'> {
  const { node, snapshot, failed } = state
  const fault = failed?.fault
  return {
    node,
    applied_version: snapshot.version,
    clusters: snapshot.assignments
      .filter(({ members }) => members.length > 0)
      .map(({ owner, revision, leader, follow }) => {
        const view = views.find((one) => one.owner === owner)
        const followed = state.followed[owner]
        return {
          owner,
          revision,
          leader: view?.leader ?? followed?.leader ?? state.leaders[owner] ?? leader,
          confirmed: view?.confirmed ?? false,
          since_ms: view?.sinceMs ?? followed?.sinceMs ?? 0,
          running: view?.running ?? state.leaders[owner] ?? leader,
          follow: view?.follow ?? follow,
          held: view?.held ?? null,
        }
      }),
    failed: fault ? { code: fault.code, message: fault.message } : null,
  }
}

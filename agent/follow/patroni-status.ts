/**
 * What a Patroni says of itself: `GET /patroni`. Never evidence, only a reason to look: the services' own checks decide.
 *
 * Source: Patroni's REST API, monitoring endpoint; seen on 3.0.2, recorded of 4.0.7 (test/unit/follow/recorded).
 */
import https from 'node:https'
import type { Timeline } from '../../shared/model/leader.ts'
import type { Member } from '../../shared/model/snapshot.ts'
import { plainGet } from './plain-get.ts'

export interface PatroniStatus {
  readonly state: string
  /** `master` (Patroni 3), `primary` (4), `standby_leader`, `replica`, ... */
  readonly role: string
  readonly timeline: Timeline
  /** Patroni sees no leader key. */
  readonly unlocked: boolean
}

export interface PatroniClient {
  /** Undefined when nobody answers in time, or not as a Patroni. Never rejects. */
  status(member: Member, timeoutMs: number): Promise<PatroniStatus | undefined>
}

const leaderRoles: ReadonlySet<string> = new Set(['master', 'primary', 'standby_leader'])

/** It says that it leads, and its PostgreSQL runs. */
export function claimsToLead({ role, state }: PatroniStatus): boolean {
  return leaderRoles.has(role) && state === 'running'
}

/** @returns undefined for what is no such answer. By hand: it is read once a second for as long as the agent lives. Pure. */
export function parsePatroniStatus(text: string): PatroniStatus | undefined {
  const seen = parseObject(text)
  if (seen === undefined) return undefined
  const [role, state] = [textOf(seen.role), textOf(seen.state)]
  if (role === '' && state === '') return undefined
  return {
    state,
    role,
    // A 64-bit number: Patroni sends it as text.
    timeline: { system: textOf(seen.database_system_identifier), timeline: countOf(seen.timeline) },
    unlocked: seen.cluster_unlocked === true,
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? { ...found } : undefined
  } catch {
    return undefined
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

const maxAnswerBytes = 64 << 10

/** Real connections. What comes over TLS is not verified: a lie makes the agent ask, and nothing else. */
export function systemPatroniClient(): PatroniClient {
  return {
    async status({ address: host, patroniPort: port, patroniTls }, timeoutMs) {
      const signal = AbortSignal.timeout(timeoutMs)
      const where = { host, port, path: '/patroni' }
      const body = patroniTls
        ? secretGet(where, signal)
        : plainGet(where, signal).then((answer) => answer.body)
      return parsePatroniStatus(await body.catch(() => ''))
    },
  }
}

function secretGet(
  where: { host: string; port: number; path: string },
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.request({ ...where, signal, agent: false, rejectUnauthorized: false })
    request.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
        if (body.length > maxAnswerBytes) response.destroy(new Error('an answer without end'))
      })
      response.on('end', () => resolve(body))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end()
  })
}

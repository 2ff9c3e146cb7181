/**
 * What a Patroni says of itself: `GET /patroni`. Never evidence, only a reason to look: the services' own checks decide.
 *
 * Source: Patroni's REST API, monitoring endpoint; seen on 3.0.2, recorded of 4.0.7 (test/unit/follow/recorded).
 */
import https from 'node:https'
import * as z from 'zod'
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

const schema = z.object({
  state: z.string().catch(''),
  role: z.string().catch(''),
  timeline: z.number().int().min(0).catch(0),
  // A 64-bit number: Patroni sends it as text.
  database_system_identifier: z.string().catch(''),
  cluster_unlocked: z.boolean().catch(false),
})

const leaderRoles: ReadonlySet<string> = new Set(['master', 'primary', 'standby_leader'])

/** It says that it leads, and its PostgreSQL runs. */
export function claimsToLead({ role, state }: PatroniStatus): boolean {
  return leaderRoles.has(role) && state === 'running'
}

/** @returns undefined for what is no such answer. Pure. */
export function parsePatroniStatus(text: string): PatroniStatus | undefined {
  try {
    const seen = schema.parse(JSON.parse(text))
    if (seen.role === '' && seen.state === '') return undefined
    return {
      state: seen.state,
      role: seen.role,
      timeline: { system: seen.database_system_identifier, timeline: seen.timeline },
      unlocked: seen.cluster_unlocked,
    }
  } catch {
    return undefined
  }
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

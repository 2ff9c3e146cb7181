/**
 * When the leadership of a cluster goes over to another member, seen at the members themselves, not through HAProxy.
 *
 * At rest the leader is written to ten times a second and nobody else is asked anything. Once it fails, the other
 * candidates are asked often: a write over an open connection costs a replica next to nothing, `/primary` costs Patroni
 * 2 ms, so it is asked less.
 */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectPostgres, type PostgresConnection } from '../../../lab/client/postgres.ts'
import { nowMs } from '../clock.ts'
import type { Marks, WatchOrder } from './marks.ts'

const REST_MS = 100
const WRITE_EVERY_MS = 5
const PATIENCE_MS = 1_000

export interface DirectWatch {
  marks(): Omit<Marks, 'lock'>
  /** The lock has changed hands: the leader need not have failed. */
  hurry(): void
  stop(): void
}

type Candidate = WatchOrder['candidates'][number]

export function watchDirectly(order: WatchOrder): DirectWatch {
  const seen: { failedMs?: number; next?: string; writableMs?: number; primaryMs?: number } = {}
  const primaryMs = new Map<string, number>()
  let isStopped = false
  let isHurried = false
  const isFast = () => isHurried || seen.failedMs !== undefined
  const leader = order.candidates.find(({ name }) => name === order.leader)
  const others = order.candidates.filter(({ name }) => name !== order.leader)

  const watchLeader = async (writer: Writer) => {
    while (!isStopped && seen.failedMs === undefined) {
      if (!(await writer.writes())) seen.failedMs = nowMs()
      await sleep(REST_MS)
    }
    writer.close()
  }
  const watchWrites = async ({ name }: Candidate, writer: Writer) => {
    // Connected before anything happens: a connection is not what is measured.
    await writer.writes()
    while (!isStopped && seen.next === undefined) {
      if (isFast() && (await writer.writes())) {
        seen.writableMs = nowMs()
        seen.next = name
      }
      await sleep(isFast() ? WRITE_EVERY_MS : REST_MS)
    }
    writer.close()
  }
  const watchPrimary = async ({ name, address }: Candidate) => {
    while (!isStopped && !primaryMs.has(name)) {
      if (isFast() && (await isPrimary(address))) primaryMs.set(name, nowMs())
      await sleep(isFast() ? order.askEveryMs : REST_MS / 10)
    }
  }
  if (leader) void watchLeader(createWriter(order.round, leader.address))
  for (const other of others) {
    void watchWrites(other, createWriter(order.round, other.address))
    void watchPrimary(other)
  }
  return {
    marks() {
      const ms = primaryMs.get(seen.next ?? '')
      return ms === undefined ? { ...seen } : { ...seen, primaryMs: ms }
    },
    hurry() {
      isHurried = true
    },
    stop() {
      isStopped = true
    },
  }
}

interface Writer {
  /** Whether a write was taken. */
  writes(): Promise<boolean>
  close(): void
}

/** Not one of the clients: it has the number 0. */
const ID = 0
let seq = 0

function createWriter(round: number, host: string): Writer {
  let connection: PostgresConnection | undefined
  return {
    async writes() {
      try {
        connection ??= await connectPostgres({ host, port: 5432, timeoutMs: PATIENCE_MS })
        await connection.query(`INSERT INTO bench_write VALUES (${round}, ${ID}, ${++seq})`)
        return true
      } catch (error) {
        // "Read-only" is a replica's answer, and no reason to leave it.
        if (!String(error).includes('25006')) {
          connection?.close()
          connection = undefined
        }
        return false
      }
    },
    close: () => connection?.close(),
  }
}

function isPrimary(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { method: 'OPTIONS', agent: false, signal: AbortSignal.timeout(PATIENCE_MS) }
    const asked = request(`http://${address}:8008/primary`, options, (response) => {
      resolve(response.statusCode === 200)
      response.destroy()
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })
}

/** The benchmark's clients of a service. */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectPostgres, type PostgresConnection } from '../../../lab/client/postgres.ts'
import { nowMs } from '../clock.ts'
import type { Ack, ClientRecord, ClientSpec, Failure } from './record.ts'

export interface Client {
  readonly id: number
  /** Who acknowledged last; '' for nobody yet. */
  instance(): string
  /** Resolves within some seconds; nothing is acknowledged after that. */
  stop(): Promise<ClientRecord>
}

const WRITE_EVERY_MS = 10
const FRESH_EVERY_MS = 30
const READ_EVERY_MS = 50
/** As a driver's: nobody waits for ever for a connection and its answer. */
const PATIENCE_MS = 5_000
/** A session that does nothing but wait is as old as its application. */
const STAYING_PATIENCE_MS = 120_000
/** Attempts under way of a client that begins new ones whatever becomes of those before. */
const MAX_UNDER_WAY = 60
const LAST_WORDS_MS = 1_000

interface Notes {
  readonly acks: Ack[]
  readonly failures: Failure[]
}

export function startClient(spec: ClientSpec): Client {
  const notes: Notes = { acks: [], failures: [] }
  if (spec.kind === 'holding') return startHolding(spec, notes)
  if (spec.kind === 'fresh') return startFresh(spec, notes, FRESH_EVERY_MS)
  return spec.kind === 'reading' ? startFresh(spec, notes, READ_EVERY_MS) : startLasting(spec, notes)
}

function statementOf({ id, kind, round }: ClientSpec, seq: number): string {
  const who = `current_setting('lab.instance')`
  if (kind === 'reading' || kind === 'holding') return `SELECT ${who}`
  return `INSERT INTO bench_write VALUES (${round}, ${id}, ${seq}) RETURNING ${who}`
}

async function runOne(connection: PostgresConnection, spec: ClientSpec, seq: number, notes: Notes) {
  const sentMs = nowMs()
  const rows = await connection.query(statementOf(spec, seq))
  notes.acks.push({ seq, sentMs, ackMs: nowMs(), instance: rows[0]?.[0] ?? '' })
}

function failed({ failures }: Notes, beganMs: number, error: unknown): void {
  failures.push({ beganMs, atMs: nowMs(), error: error instanceof Error ? error.message : String(error) })
}

function lastInstance({ acks }: Notes): string {
  return acks.at(-1)?.instance ?? ''
}

/** The server said so, and the connection may be good still. */
const FROM_SERVER = /^[0-9A-Z]{5} /

function startLasting(spec: ClientSpec, notes: Notes): Client {
  const { host, port, kind, id } = spec
  const timeoutMs = kind === 'staying' ? STAYING_PATIENCE_MS : PATIENCE_MS
  let connection: PostgresConnection | undefined
  let isStopped = false
  const drop = (which: PostgresConnection | undefined) => {
    which?.close()
    if (connection === which) connection = undefined
  }
  const open = async () => {
    const opened = await connectPostgres({ host, port, timeoutMs })
    void opened.closed.then(() => drop(opened))
    connection = opened
    return opened
  }
  const run = async () => {
    for (let seq = 1; !isStopped; seq++) {
      const beganMs = nowMs()
      try {
        await runOne(connection ?? (await open()), spec, seq, notes)
      } catch (error) {
        failed(notes, beganMs, error)
        const isLeft = kind === 'reconnecting' || !FROM_SERVER.test(String(error).replace(/^Error: /, ''))
        if (isLeft) drop(connection)
      }
      await sleep(Math.max(0, beganMs + WRITE_EVERY_MS - nowMs()))
    }
  }
  const running = run()
  return {
    id,
    instance: () => lastInstance(notes),
    async stop() {
      isStopped = true
      await Promise.race([running, sleep(LAST_WORDS_MS)])
      drop(connection)
      return { id, ...copy(notes) }
    },
  }
}

function startFresh(spec: ClientSpec, notes: Notes, everyMs: number): Client {
  const { host, port, id } = spec
  const underWay = new Set<Promise<void>>()
  let seq = 0
  const attempt = async (mine: number) => {
    const beganMs = nowMs()
    try {
      const connection = await connectPostgres({ host, port, timeoutMs: PATIENCE_MS })
      try {
        await runOne(connection, spec, mine, notes)
      } finally {
        connection.close()
      }
    } catch (error) {
      failed(notes, beganMs, error)
    }
  }
  const timer = setInterval(() => {
    if (underWay.size >= MAX_UNDER_WAY) return
    const done = attempt(++seq).finally(() => underWay.delete(done))
    underWay.add(done)
  }, everyMs)
  return {
    id,
    instance: () => lastInstance(notes),
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      return { id, ...copy(notes) }
    },
  }
}

function startHolding(spec: ClientSpec, notes: Notes): Client {
  const { host, port, id } = spec
  let closedMs: number | undefined
  const opened = connectPostgres({ host, port, timeoutMs: PATIENCE_MS }).then(
    async (connection) => {
      void connection.closed.then(() => {
        closedMs ??= nowMs()
      })
      await runOne(connection, spec, 1, notes).catch((error: unknown) => failed(notes, nowMs(), error))
      return connection
    },
    (error: unknown) => failed(notes, nowMs(), error),
  )
  return {
    id,
    instance: () => lastInstance(notes),
    async stop() {
      const record = { id, ...copy(notes), ...(closedMs === undefined ? {} : { closedMs }) }
      const connection = await opened
      connection?.close()
      return record
    },
  }
}

/** What is acknowledged later is not in it. */
function copy({ acks, failures }: Notes): Notes {
  return { acks: [...acks].sort((a, b) => a.ackMs - b.ackMs), failures: [...failures] }
}

/**
 * Clients that never tire, on a host of the lab: one JSON object per statement on standard output, until standard input
 * ends.
 *
 * Usage: main.ts <targets as JSON>
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { connectPostgres, type PostgresConnection } from '../client/postgres.ts'
import type { TrafficRecord, TrafficTarget } from './record.ts'

/** As a driver's: nobody waits for ever. */
const PATIENCE_MS = 4_000
/** Attempts under way of a client that begins new ones whatever becomes of those before. */
const MAX_UNDER_WAY = 20

let notes = 0

/** Runs one statement; says what came of it. */
async function attempt(
  target: TrafficTarget,
  open: () => Promise<PostgresConnection>,
): Promise<TrafficRecord> {
  const { kind, host, port } = target
  const fromMs = Date.now()
  const note = kind === 'read' ? '' : `${process.pid}-${host}:${port}-${++notes}`
  const who = `current_setting('lab.instance')`
  const sql =
    kind === 'read' ? `SELECT ${who}` : `INSERT INTO probe (note) VALUES ('${note}') RETURNING ${who}`
  const seen = { kind, host, port, fromMs }
  try {
    const rows = await (await open()).query(sql)
    return { ...seen, toMs: Date.now(), instance: rows[0]?.[0] ?? '', note, error: '' }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    return { ...seen, toMs: Date.now(), instance: '', note: '', error: words }
  }
}

function tell(record: TrafficRecord): void {
  process.stdout.write(`${JSON.stringify(record)}\n`)
}

const connect = ({ host, port }: TrafficTarget) => connectPostgres({ host, port, timeoutMs: PATIENCE_MS })

/** A new connection for every statement. */
async function runFresh(target: TrafficTarget): Promise<void> {
  let underWay = 0
  const one = async () => {
    let connection: PostgresConnection | undefined
    tell(
      await attempt(target, async () => {
        connection = await connect(target)
        return connection
      }),
    )
    connection?.close()
  }
  for (;;) {
    if (underWay < MAX_UNDER_WAY) {
      underWay += 1
      void one().finally(() => {
        underWay -= 1
      })
    }
    await sleep(target.everyMs)
  }
}

/** One connection as long as it lasts, also when the server refuses what is asked. */
async function runSession(target: TrafficTarget): Promise<void> {
  let connection: PostgresConnection | undefined
  const open = async () => {
    if (connection) return connection
    const opened = await connect(target)
    void opened.closed.then(() => {
      if (connection === opened) connection = undefined
    })
    connection = opened
    return opened
  }
  for (;;) {
    tell(await attempt(target, open))
    await sleep(target.everyMs)
  }
}

const targets: readonly TrafficTarget[] = JSON.parse(process.argv[2] ?? '[]')
for (const target of targets) void (target.kind === 'session' ? runSession(target) : runFresh(target))
process.stdin.on('end', () => process.exit(0)).resume()

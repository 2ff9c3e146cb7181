/**
 * The lab's client of PostgreSQL: connects without a password, asks, is told what came back and when.
 *
 * Only the simple query protocol. It knows no retries and no pools: what a connection meets is what is seen.
 * Source: PostgreSQL 15 manual, "Frontend/Backend Protocol".
 */
import net from 'node:net'

export interface PostgresTarget {
  readonly host: string
  readonly port: number
  /** Default: `dbuser_test`. */
  readonly user?: string
  /** Default: `test`. */
  readonly database?: string
  /** For the connection and for each answer, milliseconds; default 4,000. */
  readonly timeoutMs?: number
}

export type Row = readonly (string | null)[]

export interface PostgresConnection {
  /** Rows of the last statement, as text. Rejects with PostgreSQL's own words, or the connection's end. */
  query(sql: string): Promise<readonly Row[]>
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>
  /** Says goodbye and closes. */
  close(): void
}

const PROTOCOL_3 = 196_608

interface Waiting {
  readonly rows: Row[]
  error: string | undefined
  resolve(rows: readonly Row[]): void
  reject(error: Error): void
}

/** Connects and logs in; rejects with the server's words or the socket's error code (`ECONNREFUSED`, ...). */
export async function connectPostgres(target: PostgresTarget): Promise<PostgresConnection> {
  const { host, port, timeoutMs = 4_000 } = target
  const socket = net.connect({ host, port, noDelay: true })
  const session = makeSession(socket, timeoutMs)
  socket.once('connect', () => socket.write(startup(target)))
  await session.ready
  return session.connection
}

function makeSession(socket: net.Socket, timeoutMs: number) {
  let waiting: Waiting | undefined
  let buffered: Buffer = Buffer.alloc(0)
  const begin = (send: () => void): Promise<readonly Row[]> =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(new Error('the connection is closed'))
      if (waiting) return reject(new Error('the answer before is still to come'))
      waiting = { rows: [], error: undefined, resolve, reject }
      socket.setTimeout(timeoutMs)
      send()
    })
  const end = (error?: string): void => {
    const done = waiting
    waiting = undefined
    socket.setTimeout(0)
    if (error === undefined) done?.resolve(done.rows)
    else done?.reject(new Error(error))
  }
  const fail = (error: string): void => {
    // The server's own last words say more than the end of the connection.
    end(waiting?.error ?? error)
    socket.destroy()
  }
  socket.on('data', (chunk) => {
    buffered = eachMessage(Buffer.concat([buffered, chunk]), (kind, body) => {
      if (kind === 'D') waiting?.rows.push(parseRow(body))
      if (kind === 'E' && waiting) waiting.error = errorText(body)
      if (kind === 'Z') end(waiting?.error)
      if (kind === 'R' && body.readInt32BE(0) !== 0) fail('the server wants a password')
    })
  })
  socket.on('timeout', () => fail('no answer in time'))
  socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      fail('the connection was closed')
      resolve()
    })
  })
  const connection: PostgresConnection = {
    query: (sql) => begin(() => socket.write(message('Q', Buffer.from(`${sql}\0`)))),
    closed,
    close: () => socket.end(message('X', Buffer.alloc(0))),
  }
  return { connection, ready: begin(() => undefined) }
}

function startup({ user = 'dbuser_test', database = 'test' }: PostgresTarget): Buffer {
  const text = Buffer.from(`user\0${user}\0database\0${database}\0application_name\0pgsvc-lab\0\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(head.length + text.length, 0)
  head.writeInt32BE(PROTOCOL_3, 4)
  return Buffer.concat([head, text])
}

function message(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** Calls `take` for every whole message and returns the rest. */
function eachMessage(bytes: Buffer, take: (kind: string, body: Buffer) => void): Buffer {
  let offset = 0
  while (bytes.length - offset >= 5) {
    const length = 1 + bytes.readInt32BE(offset + 1)
    if (bytes.length - offset < length) break
    take(bytes.toString('latin1', offset, offset + 1), bytes.subarray(offset + 5, offset + length))
    offset += length
  }
  return bytes.subarray(offset)
}

function parseRow(body: Buffer): Row {
  const row: (string | null)[] = []
  let offset = 2
  for (let column = 0; column < body.readInt16BE(0); column++) {
    const length = body.readInt32BE(offset)
    offset += 4
    row.push(length < 0 ? null : body.toString('utf8', offset, offset + length))
    offset += Math.max(length, 0)
  }
  return row
}

/** "<SQLSTATE> <message>" */
function errorText(body: Buffer): string {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  )
  return `${fields.get('C') ?? '?'} ${fields.get('M') ?? ''}`.trim()
}

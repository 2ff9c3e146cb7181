/**
 * Connects to each service again and again, reads what answers, and prints one JSON object for each connection, until
 * standard input ends.
 *
 * Usage: connect-all-the-time.ts <services as JSON>
 */
import net from 'node:net'

export interface Service {
  /** "address:port". */
  readonly target: string
  /** What may answer: "<instance> <role> <port of the database>". */
  readonly answers: readonly string[]
}

export interface Meeting {
  readonly target: string
  /** When it was begun, milliseconds since 1970. */
  readonly atMs: number
  /** What was read, or the error: `ECONNREFUSED`, `ECONNRESET`, `closed`, `silent`. */
  readonly answer: string
  readonly isRight: boolean
}

const EVERY_MS = 150
/** Longer than HAProxy tries one server. */
const PATIENCE_MS = 15_000

function connect({ target, answers }: Service): void {
  const [host = '', port = ''] = target.split(':')
  const atMs = Date.now()
  let text = ''
  let isTold = false
  const tell = (answer: string) => {
    socket.destroy()
    if (isTold) return
    isTold = true
    const meeting: Meeting = { target, atMs, answer, isRight: answers.includes(answer) }
    process.stdout.write(`${JSON.stringify(meeting)}\n`)
  }
  const socket = net.connect({ host, port: Number(port), timeout: PATIENCE_MS })
  socket.on('data', (chunk) => {
    text += chunk.toString('utf8')
  })
  socket.on('end', () => tell(text.trim() || 'closed'))
  socket.on('timeout', () => tell('silent'))
  socket.on('error', (error: NodeJS.ErrnoException) => tell(error.code ?? error.message))
}

const services: readonly Service[] = JSON.parse(process.argv[2] ?? '[]')
for (const service of services) setInterval(connect, EVERY_MS, service)
process.stdin.on('end', () => process.exit(0)).resume()

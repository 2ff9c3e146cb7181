/**
 * The lab's client: connects, reads what the server says, prints it.
 *
 * Usage: main.ts <times> <address:port>...
 * Prints one JSON object: {"<address:port>": ["<answer or error>", ...]}
 */
import net from 'node:net'

const TIMEOUT_MS = 4_000
const [times = '1', ...targets] = process.argv.slice(2)

function ask(target: string): Promise<string> {
  const [host = '', port = ''] = target.split(':')
  return new Promise((resolve) => {
    let text = ''
    const socket = net.connect({ host, port: Number(port), timeout: TIMEOUT_MS })
    const end = (answer: string): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8')
    })
    socket.on('end', () => end(text.trim() || 'error: closed without an answer'))
    socket.on('timeout', () => end('error: no answer'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(`error: ${error.code ?? error.message}`))
  })
}

const answers = await Promise.all(
  targets.map(async (target) => {
    const got: string[] = []
    for (let n = 0; n < Number(times); n++) got.push(await ask(target))
    return [target, got] as const
  }),
)
process.stdout.write(`${JSON.stringify(Object.fromEntries(answers))}\n`)

/**
 * A STAND-IN for PostgreSQL, pgbouncer and Patroni on a lab host; none of them runs here.
 *
 * Ports 5432 and 6432 answer a connection with "<instance> <role> <port>" and close it. Port 8008 answers
 * Patroni's health checks by the role in a file, read anew for each request, so that a test changes the role
 * by writing it: primary, replica, sync (synchronous standby) or stopped.
 * Source of the paths and codes: Patroni manual, "Health check endpoints".
 *
 * Usage: main.ts <instance> <role file>
 */
import { readFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'

const [instance = '', roleFile = ''] = process.argv.slice(2)
const POSTGRES_PORTS = [5432, 6432]
const PATRONI_PORT = 8008

const ROLES_BY_CHECK: Readonly<Record<string, readonly string[]>> = {
  '/': ['primary'],
  '/primary': ['primary'],
  '/master': ['primary'],
  '/leader': ['primary'],
  '/read-write': ['primary'],
  '/replica': ['replica', 'sync'],
  '/read-only': ['primary', 'replica', 'sync'],
  '/sync': ['sync'],
  '/synchronous': ['sync'],
  '/async': ['replica'],
  '/asynchronous': ['replica'],
  '/read-only-sync': ['primary', 'sync'],
  '/health': ['primary', 'replica', 'sync'],
}

function role(): string {
  return readFileSync(roleFile, 'utf8').trim()
}

for (const port of POSTGRES_PORTS) {
  net
    .createServer((socket) => {
      socket.on('error', () => undefined)
      socket.end(`${instance} ${role()} ${port}\n`)
    })
    .listen(port)
}

http
  .createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const roles = ROLES_BY_CHECK[path]
    response.statusCode = roles?.includes(role()) ? 200 : 503
    // Patroni answers OPTIONS and HEAD with the code alone.
    response.end(request.method === 'GET' ? `${JSON.stringify({ role: role(), state: 'running' })}\n` : '')
  })
  .listen(PATRONI_PORT)

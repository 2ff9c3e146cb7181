/** Members of a cluster on loopback that say who they are, and answer Patroni's health checks. */
import http from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

export interface Member {
  readonly name: string
  /** Port of the database: says the member's name and hangs up. */
  readonly port: number
  readonly checkPort: number
  /** Path that is answered with 200, e.g. `/primary`, as is `/read-only`; others with 503. '' for silence. */
  leads: string
  /** What Patroni says of its history. */
  timeline: number
  /** Does not hang up. */
  holds: boolean
  close(): Promise<void>
}

export async function startMember(name: string, leads: string): Promise<Member> {
  const open = new Set<Socket>()
  const database = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    // A client, or HAProxy for it, may be gone before it has been greeted.
    socket.on('error', () => undefined)
    if (member.holds) socket.write(`${name}\n`)
    else socket.end(`${name}\n`)
  })
  const port = await listen(database)
  const patroni = http.createServer((request, response) => {
    if (member.leads === '') return
    if (request.url === '/patroni') return response.end(JSON.stringify(statusOf(member)))
    // Where reads are welcome the leader is, too.
    response.statusCode = [member.leads, '/read-only'].includes(request.url ?? '') ? 200 : 503
    response.end()
  })
  const checkPort = await listen(patroni)
  const member: Member = {
    timeline: 1,
    holds: false,
    name,
    port,
    checkPort,
    leads,
    async close() {
      patroni.closeAllConnections()
      for (const socket of open) socket.destroy()
      await Promise.all([database, patroni].map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
  return member
}

/** As Patroni 4 answers; the fields that are looked at. */
function statusOf({ name, leads, timeline }: Member) {
  return {
    state: 'running',
    role: leads === '/primary' ? 'primary' : 'replica',
    timeline,
    database_system_identifier: '7000000000000000001',
    patroni: { version: '4.0.4', scope: 'pg-test', name },
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a network has such an address.
  return (server.address() as AddressInfo).port
}

/** A line after `server`, as our files have it. */
export function serverLine({ name, port, checkPort }: Member, more = 'weight 100'): string {
  return `${name} 127.0.0.1:${port} check port ${checkPort} ${more}`
}

export interface ServiceText {
  readonly name: string
  readonly port: number
  /** Where its states are; none when left out. */
  readonly stateDir?: string
  readonly path?: string
  /** Seconds between two checks. So long that what is seen is what HAProxy started with. */
  readonly interS?: number
  readonly servers: readonly string[]
}

/** A service as it is published. */
export function serviceText({ name, port, stateDir, path = '/primary', interS = 600, servers }: ServiceText) {
  const states = stateDir
    ? ['load-server-state-from-file local', `server-state-file-name ${stateDir}/${name}`]
    : []
  return [
    `listen ${name}`,
    `    bind 127.0.0.1:${port}`,
    '    mode tcp',
    '    balance roundrobin',
    '    option httpchk',
    `    http-check send meth OPTIONS uri ${path}`,
    '    http-check expect status 200',
    '    retries 0',
    ...states.map((line) => `    ${line}`),
    `    default-server inter ${interS}s fastinter ${interS}s downinter ${interS}s rise 3 fall 3 on-marked-down shutdown-sessions slowstart 30s`,
    ...servers.map((server) => `    server ${server}`),
    '',
  ].join('\n')
}

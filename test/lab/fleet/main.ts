/**
 * A STAND-IN for the members of many clusters: one program on one host with an address for each of them. No PostgreSQL and
 * no Patroni runs here. Members come in pairs by address, the even one leads.
 *
 * Port 5432 answers "<address> <role>" and closes, port 8008 answers Patroni's health checks.
 */
import http from 'node:http'
import net from 'node:net'

function isPrimary(address: string | undefined): boolean {
  return Number(address?.split('.').at(-1)) % 2 === 0
}

net
  .createServer((socket) => {
    const { localAddress } = socket
    socket.on('error', () => undefined)
    socket.end(`${localAddress} ${isPrimary(localAddress) ? 'primary' : 'replica'}\n`)
  })
  .listen(5432, '0.0.0.0')

http
  .createServer((request, response) => {
    const isAsked = request.url === '/replica' ? 'replica' : 'primary'
    const is = isPrimary(request.socket.localAddress) ? 'primary' : 'replica'
    response.writeHead(is === isAsked ? 200 : 503).end()
  })
  .listen(8008, '0.0.0.0')

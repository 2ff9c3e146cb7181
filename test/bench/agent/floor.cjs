// What the runtime itself costs for what every agent has to do: hold one HTTP/2 connection with TLS to the controller, and
// ask Patroni and HAProxy once a second. Nothing is made of the answers.
//
// Usage: floor.cjs CONTROLLER NAME PATRONI_HOST PATRONI_PORT STATS_SOCKET
const { readFileSync } = require('node:fs')
const http2 = require('node:http2')
const net = require('node:net')

const [controller, servername, host, port, statsSocket] = process.argv.slice(2)
const pem = (name) => readFileSync(`/etc/pgsvc/${name}`)
const session = http2.connect(`https://${controller}`, {
  ...{ ca: pem('ca.crt'), cert: pem('agent.crt'), key: pem('agent.key') },
  ...{ servername, minVersion: 'TLSv1.3', checkServerIdentity: () => undefined },
})
session.on('connect', () => process.stdout.write(`${Date.now()}\n`))
setInterval(() => session.ping(() => undefined), 10_000)

function ask(socket, question) {
  socket.on('connect', () => socket.end(question))
  socket.on('data', () => undefined)
  // One answer that is missing shows in nothing; a floor that has lost its connection is none, and ends.
  socket.on('error', () => undefined)
}

setInterval(() => {
  ask(net.connect({ host, port: Number(port) }), `GET /patroni HTTP/1.0\r\nHost: ${host}:${port}\r\n\r\n`)
  ask(net.connect({ path: statsSocket, allowHalfOpen: true }), 'show servers state\n')
}, 1_000)

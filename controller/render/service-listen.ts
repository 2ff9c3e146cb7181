/** A cluster's service and its servers → its `listen` section. */
import type { ServerText } from '../model/member.ts'
import type { Destination, Service } from '../model/service.ts'
import type { Listen } from './listen.ts'

export interface ServiceServer {
  readonly server: ServerText
  readonly backup: boolean
}

/**
 * @param cluster - pg_cluster of the rendering host
 * @param timings - default check timings, for a service without options of its own
 */
export function serviceListen(
  cluster: string,
  service: Service,
  servers: readonly ServiceServer[],
  timings: string,
): Listen {
  return {
    name: `${cluster}-${service.name}`,
    bind: `${service.ip}:${service.port}`,
    mode: 'tcp',
    maxconn: service.maxconn,
    balance: service.balance,
    options: [
      'option httpchk',
      'option http-keep-alive',
      `http-check send meth OPTIONS uri ${service.check}`,
      `http-check expect status ${service.checkCode}`,
    ],
    defaultServer: `${service.options ?? timings}${service.misplaced}`,
    servers: servers.map((server) => serverLine(service, server)),
  }
}

function serverLine(service: Service, { server, backup }: ServiceServer): string {
  const tls = server.patroniTls ? ' check-ssl ca-file /pg/cert/ca.crt' : ''
  const check = `check port ${service.checkPort ?? server.patroniPort}`
  const address = `${server.address}:${destinationPort(service.destination, server)}`
  return `${server.instance} ${address}${tls} ${check} weight ${server.weight}${backup ? ' backup' : ''}`
}

function destinationPort(destination: Destination, server: ServerText): string {
  if (destination.kind === 'port') return destination.port
  return destination.kind === 'postgres' ? server.postgresPort : server.pgbouncerPort
}

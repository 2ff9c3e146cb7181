/** A cluster's service and its servers → its `listen` section. */
import type { ServerText } from '../model/member.ts'
import type { CheckPort, Destination, Service } from '../model/service.ts'
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
    options: service.checkMethod === 'http' ? httpCheck(service.check, service.checkCode) : [],
    defaultServer: `${service.options ?? timings}${service.misplaced}`,
    servers: servers.map((server) => serverLine(service, server)),
  }
}

/** The lines of a check over HTTP; without them HAProxy only opens a connection to the check's port. */
export function httpCheck(path: string, status: string): readonly string[] {
  return [
    'option httpchk',
    'option http-keep-alive',
    `http-check send meth OPTIONS uri ${path}`,
    `http-check expect status ${status}`,
  ]
}

function serverLine(service: Service, { server, backup }: ServiceServer): string {
  const port = checkPort(service.checkPort, server)
  // Only Patroni speaks TLS when it is told to: whoever else is asked does not.
  const tls = server.patroniTls && port === server.patroniPort ? ' check-ssl ca-file /pg/cert/ca.crt' : ''
  const address = `${server.address}:${destinationPort(service.destination, server)}`
  return `${server.instance} ${address}${tls} check port ${port} weight ${server.weight}${backup ? ' backup' : ''}`
}

/** Port of a server that the health check asks. */
export function checkPort(check: CheckPort, server: ServerText): string {
  if (check.kind === 'port') return check.port
  return check.kind === 'patroni' ? server.patroniPort : server.exporterPort()
}

/** Port of a server that a service leads to. */
export function destinationPort(destination: Destination, server: ServerText): string {
  if (destination.kind === 'port') return destination.port
  return destination.kind === 'postgres' ? server.postgresPort : server.pgbouncerPort
}

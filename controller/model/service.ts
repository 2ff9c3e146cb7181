/** A cluster's service, ready to be rendered: every value as the text that goes into the file. */
import type { Location } from '../../shared/errors/app-error.ts'
import type { Value } from '../values/value.ts'
import type { Vip } from './vip.ts'

/** Which port of a server a service leads to. */
export type Destination =
  | { readonly kind: 'postgres' }
  | { readonly kind: 'pgbouncer' }
  | { readonly kind: 'port'; readonly port: string }

/** Which port of a server is asked whether it is well. */
export type CheckPort =
  | { readonly kind: 'patroni' }
  | { readonly kind: 'pg_exporter' }
  | { readonly kind: 'port'; readonly port: string }

export interface Service {
  readonly name: string
  readonly ip: string
  readonly port: string
  readonly maxconn: string
  readonly balance: string
  /** Whether the check asks over HTTP, or only opens a connection. */
  readonly checkMethod: 'http' | 'tcp'
  /** Path of the health check. */
  readonly check: string
  /** Status that means healthy. */
  readonly checkCode: string
  readonly checkPort: CheckPort
  /** What follows `default-server`; undefined for the default of the release. */
  readonly options: string | undefined
  /** What the incumbent's template wrongly adds to that line; '' otherwise. */
  readonly misplaced: string
  readonly destination: Destination
  /** JMESPath over the members. */
  readonly selector: string
  /** JMESPath for the members of last resort; undefined for none. */
  readonly backup: string | undefined
  readonly at: Location | undefined
  /** Of the two expressions; where the service is, when absent. */
  readonly selectorAt?: Location | undefined
  readonly backupAt?: Location | undefined
}

/** What the rendering host, and the node that it renders for, give to all its services. */
export interface ServiceDefaults {
  /** pg_default_service_dest. */
  readonly destination: Value
  /** Who has it, and where: the place to mend for all services that leave theirs to it. */
  readonly destinationFrom: { readonly host: string; readonly at: Location | undefined }
  /** What `vip` stands for on the node that carries the services. */
  readonly vip: () => Vip
  readonly misplacesCheckPort: boolean
}

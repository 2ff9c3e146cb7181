/** Clusters of stand-ins, for their number: pairs of addresses on one host, carried by the group `proxy`. */
import path from 'node:path'
import type { Host } from './host.ts'
import type { Lab } from './lab.ts'
import { waitFor } from './process.ts'

export interface FleetCluster {
  readonly name: string
  /** Where the proxies listen. */
  readonly port: number
  /** The first leads. */
  readonly addresses: readonly [string, string]
}

const HOST = { name: 'fleet', address: '10.10.10.99' }

/** At most 49. */
export function fleetOf(count: number): readonly FleetCluster[] {
  return Array.from({ length: count }, (_none, index) => ({
    name: `pg-s${String(index + 1).padStart(2, '0')}`,
    port: 20_001 + index,
    addresses: [`10.10.10.${100 + 2 * index}`, `10.10.10.${101 + 2 * index}`],
  }))
}

/** Starts the host that all of them are. */
export async function startFleet(lab: Lab, clusters: readonly FleetCluster[]): Promise<Host> {
  const host = await lab.add(HOST)
  const addresses = clusters.flatMap((cluster) => cluster.addresses)
  await host.must(['ip', '-batch', '-'], {
    input: addresses.map((address) => `addr add ${address}/24 dev eth0\n`).join(''),
  })
  await host.spawn('fleet', [process.execPath, path.join(import.meta.dirname, 'fleet/main.ts')])
  await waitFor('the fleet', async () => {
    const listening = await host.must(['ss', '-Hltn', 'sport', '=', ':8008'])
    return listening.includes(':8008') || undefined
  })
  return host
}

/** Groups of the inventory. */
export function fleetGroups(clusters: readonly FleetCluster[]): string {
  return clusters.map(groupOf).join('')
}

function groupOf({ name, port, addresses: [primary, replica] }: FleetCluster): string {
  return `
    ${name}:
      hosts:
        ${primary}: { pg_seq: 1, pg_role: primary }
        ${replica}: { pg_seq: 2, pg_role: replica }
      vars:
        pg_cluster: ${name}
        pg_service_provider: proxy
        pg_default_services: [ { name: primary ,port: ${port} ,dest: postgres ,check: /primary ,selector: "[]" } ]
`
}

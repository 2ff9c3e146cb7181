/** The one etcd of the lab, on the admin host. */
import type { Host, HostProcess } from '../host.ts'
import { waitFor } from '../process.ts'

const PORT = 2379

/** Where clients find it, e.g. "10.10.10.10:2379". */
export function etcdEndpoint(admin: { readonly address: string }): string {
  return `${admin.address}:${PORT}`
}

/** Starts etcd with what is on its disk; resolves when it answers. */
export async function startEtcd(admin: Host): Promise<HostProcess> {
  const url = `http://${etcdEndpoint(admin)}`
  const client = ['--listen-client-urls', `${url},http://127.0.0.1:${PORT}`, '--advertise-client-urls', url]
  // Its peers' port is on loopback: there are no peers.
  const started = await admin.spawn('etcd', ['etcd', '--data-dir', '/var/lib/etcd/lab', ...client])
  await waitFor(
    'etcd to answer',
    async () => {
      const health = await admin.exec([
        'env',
        'ETCDCTL_API=3',
        'etcdctl',
        '--endpoints',
        url,
        'endpoint',
        'health',
      ])
      return health.status === 0 || undefined
    },
    { timeoutMs: 60_000, everyMs: 50 },
  )
  return started
}

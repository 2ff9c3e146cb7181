/** Patroni's keys in the lab's etcd, as an operator's hand may change them. */
import type { RealSystem } from './real-system.ts'

const PREFIX = '/pg'

function etcdctl({ admin }: Pick<RealSystem, 'admin'>, ...args: readonly string[]): Promise<string> {
  return admin.must(['env', 'ETCDCTL_API=3', 'etcdctl', '--endpoints', '127.0.0.1:2379', ...args])
}

/** Value of a cluster's key (`leader`, `failover`, ...); '' when it is not there. */
export async function readKey(
  system: Pick<RealSystem, 'admin'>,
  cluster: string,
  key: string,
): Promise<string> {
  return (await etcdctl(system, 'get', '--print-value-only', `${PREFIX}/${cluster}/${key}`)).trim()
}

export async function writeKey(
  system: Pick<RealSystem, 'admin'>,
  cluster: string,
  key: string,
  value: string,
): Promise<void> {
  await etcdctl(system, 'put', `${PREFIX}/${cluster}/${key}`, value)
}

export async function removeKey(
  system: Pick<RealSystem, 'admin'>,
  cluster: string,
  key: string,
): Promise<void> {
  await etcdctl(system, 'del', `${PREFIX}/${cluster}/${key}`)
}

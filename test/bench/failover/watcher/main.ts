/** Watches clusters directly, in a program of its own. */
import { serveRequests } from '../program.ts'
import { type DirectWatch, watchDirectly } from './direct.ts'
import { type LockWatch, watchLock } from './lock.ts'
import type { WatcherAnswer, WatcherRequest } from './marks.ts'

const watches = new Map<string, { readonly direct: DirectWatch; readonly lock: LockWatch }>()

async function answer(request: WatcherRequest): Promise<WatcherAnswer> {
  const { cluster } = request
  if (request.do === 'start') {
    watches.set(cluster, {
      lock: await watchLock(request.etcd, cluster),
      direct: watchDirectly(request),
    })
  }
  const watch = watches.get(cluster)
  if (watch === undefined) throw new Error(`${cluster} is not watched`)
  if (watch.lock.events.length > 0) watch.direct.hurry()
  const marks = { ...watch.direct.marks(), lock: watch.lock.events }
  if (request.do === 'stop') {
    watch.direct.stop()
    watch.lock.stop()
    watches.delete(cluster)
  }
  return { marks }
}

await serveRequests(answer)
process.exit(0)

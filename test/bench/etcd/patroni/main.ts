/**
 * What Patroni writes all day: in each turn of its loop a cluster's leader writes `status`, and every member its own
 * key, since positions of the log have moved. Runs until its standard input ends.
 *
 * Usage: main.ts ENDPOINT CLUSTERS MEMBERS LOOP_MS
 */
import { put } from '../json-gateway.ts'

const [endpoint = '', clusters = '', members = '', loopMs = ''] = process.argv.slice(2)
let position = 67_108_960
let isOver = false
process.stdin.on('end', () => {
  isOver = true
})
process.stdin.resume()

/** As Patroni 3.0.2 writes them, in length too. */
function status(): string {
  return JSON.stringify({ optime: position, slots: { pg_test_2: position, pg_test_3: position } })
}

function member(name: string, role: string): string {
  return JSON.stringify({
    conn_url: 'postgres://10.10.10.11:5432/postgres',
    api_url: 'http://10.10.10.11:8008/patroni',
    state: 'running',
    role,
    version: '3.0.2',
    tags: { clonefrom: true, version: '15', spec: '4C.8G.50G', conf: 'oltp.yml', name },
    xlog_location: position,
    replication_state: 'streaming',
    timeline: 3,
  })
}

function* turn(): Generator<readonly [string, string]> {
  for (let c = 0; c < Number(clusters); c += 1) {
    const name = `pg-${String(c).padStart(4, '0')}`
    yield [`/pg/${name}/status`, status()]
    for (let m = 1; m <= Number(members); m += 1) {
      yield [`/pg/${name}/members/${name}-${m}`, member(`${name}-${m}`, m === 1 ? 'master' : 'replica')]
    }
  }
}

const perTurn = Number(clusters) * (1 + Number(members))
while (!isOver) {
  const startedMs = performance.now()
  let n = 0
  for (const [key, value] of turn()) {
    if (isOver) break
    position += 8
    // Spread over the turn, as clusters that know nothing of each other are.
    const waitMs = startedMs + (n * Number(loopMs)) / perTurn - performance.now()
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    await put(endpoint, key, value)
    n += 1
  }
  const restMs = startedMs + Number(loopMs) - performance.now()
  if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
}

/** Which PostgreSQL instance answers at a port: the real lab's way to see where traffic goes. */
import type { Probe } from '../probe.ts'

// pgbouncer comes by the unix socket, where there is no port.
const WHO = `SELECT current_setting('lab.instance'), CASE WHEN pg_is_in_recovery() THEN 'replica' ELSE 'primary' END,
  coalesce(inet_server_port(), 6432)`

/** "<instance> <role> <port of the database>" at an address and port, or "error: ..." in the words of whoever refused. */
export async function whichInstance(probe: Probe, address: string, port: number): Promise<string> {
  try {
    const [row] = await probe.sql(address, WHO, { port })
    return row?.join(' ') ?? 'error: no row'
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** As above for several "address:port", each asked `times` times one after the other. */
export async function askInstances(
  probe: Probe,
  targets: readonly string[],
  times: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = targets.map(async (target) => {
    const [address = '', port = ''] = target.split(':')
    const answers: string[] = []
    for (let n = 0; n < times; n++) answers.push(await whichInstance(probe, address, Number(port)))
    return [target, answers] as const
  })
  return new Map(await Promise.all(asked))
}

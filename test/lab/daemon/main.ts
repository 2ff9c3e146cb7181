/**
 * Holds a real lab until it is told to end (SIGTERM); the lab dies with it.
 *
 * Usage: main.ts <name> <parts, by comma> <pigsty|fast>
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startTicks, writeState } from '../real/lab-state.ts'
import { FAST_TIMINGS, PIGSTY_TIMINGS } from '../real/patroni-config.ts'
import { type RealSystem, startRealSystem } from '../real/real-system.ts'
import { PARTS } from '../real/topology.ts'

const [name = 'lab', parts = '', timings = 'pigsty'] = process.argv.slice(2)

function stateOf(system: RealSystem) {
  return {
    pid: process.pid,
    startedTicks: startTicks(process.pid) ?? '',
    hosts: system.lab.hosts.map((host) => ({
      name: host.name,
      address: host.address,
      initPid: host.initPid,
    })),
    members: system.members,
    nodes: system.nodes.map((node) => node.name),
    upMs: Math.round(performance.now()),
  }
}

// Before there is a system: nothing to stop but what dies with this process.
let end = (): Promise<void> => Promise.resolve()
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void end().finally(() => process.exit(0)))
}

const system = await startRealSystem({
  parts: PARTS.filter((part) => parts.split(',').includes(part)),
  timings: timings === 'fast' ? FAST_TIMINGS : PIGSTY_TIMINGS,
})
end = () => system.stop()
writeState(name, stateOf(system))
// Nothing else keeps the process alive once every program of the lab has ended.
for (;;) await sleep(2 ** 31 - 1)

/**
 * Holds a lab until it is told to end (SIGTERM); the lab dies with it.
 *
 * Usage: main.ts <name> real <parts, by comma> <pigsty|fast> | <name> bare
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from '../host.ts'
import { type LabState, startTicks, writeState } from '../real/lab-state.ts'
import { FAST_TIMINGS, PIGSTY_TIMINGS } from '../real/patroni-config.ts'
import { startRealSystem } from '../real/real-system.ts'
import { PARTS } from '../real/topology.ts'
import { BARE_NODES, startBareHosts } from '../systemd/bare-hosts.ts'

const [name = 'lab', kind = 'real', parts = '', timings = 'pigsty'] = process.argv.slice(2)

interface Held extends Pick<LabState, 'members' | 'nodes'> {
  readonly hosts: readonly Host[]
  stop(): Promise<void>
}

async function startReal(): Promise<Held> {
  const system = await startRealSystem({
    parts: PARTS.filter((part) => parts.split(',').includes(part)),
    timings: timings === 'fast' ? FAST_TIMINGS : PIGSTY_TIMINGS,
  })
  const nodes = system.nodes.map((node) => node.name)
  return { hosts: system.lab.hosts, members: system.members, nodes, stop: () => system.stop() }
}

async function startBare(): Promise<Held> {
  const lab = await startBareHosts()
  return { hosts: lab.hosts, members: [], nodes: BARE_NODES.map((spec) => spec.name), stop: () => lab.stop() }
}

// Before there is a system: nothing to stop but what dies with this process.
let end = (): Promise<void> => Promise.resolve()
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void end().finally(() => process.exit(0)))
}

const isBare = kind === 'bare'
const held = await (isBare ? startBare() : startReal())
end = () => held.stop()
writeState(name, {
  pid: process.pid,
  startedTicks: startTicks(process.pid) ?? '',
  hosts: held.hosts.map((host) => ({ name: host.name, address: host.address, initPid: host.initPid })),
  ...{ members: held.members, nodes: held.nodes, isBare, upMs: Math.round(performance.now()) },
})
// Nothing else keeps the process alive once every program of the lab has ended.
for (;;) await sleep(2 ** 31 - 1)

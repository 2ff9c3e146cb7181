/** Starts a lab, prints the pids of its hosts and waits to be killed. With the argument `systemd` one host boots it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startLab } from '../../lab/lab.ts'

const lab = await startLab([
  { name: 'one', address: '10.10.10.11' },
  { name: 'two', address: '10.10.10.12', ...(process.argv[2] === 'systemd' ? { boots: 'systemd' } : {}) },
])
process.stdout.write(`${JSON.stringify(lab.hosts.map((host) => host.initPid))}\n`)
await sleep(60_000)

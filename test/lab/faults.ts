/** What can befall the hosts of a lab, besides the loss of power and of the cable (`Host.kill`, `Host.network`). */
import type { HostAccess } from './host.ts'
import { nameOf, type Program, parentOf, pidsOn, processesOn, titleOf } from './host-processes.ts'
import { isAlive, killPid, waitFor } from './process.ts'

/** `kill -9` of these programs with all their processes, at the same instant. Resolves when they are gone. */
export async function killPrograms(host: HostAccess, ...programs: readonly Program[]): Promise<void> {
  const victims = processesOn(host).filter(({ program }) => programs.includes(program))
  if (victims.length === 0) throw new Error(`${host.name} runs no ${programs.join(', ')}`)
  for (const { pid } of victims) killPid(pid)
  await waitFor(`${programs.join(', ')} of ${host.name} to be gone`, () =>
    victims.some(({ pid }) => isAlive(pid)) ? undefined : true,
  )
}

/** Stops these programs (SIGSTOP): their connections stay open and say nothing. */
export function freezePrograms(host: HostAccess, ...programs: readonly Program[]): void {
  const victims = processesOn(host).filter(({ program }) => programs.includes(program))
  if (victims.length === 0) throw new Error(`${host.name} runs no ${programs.join(', ')}`)
  for (const { pid } of victims) killPid(pid, 'SIGSTOP')
}

/** Stops the processes whose title (`/proc/PID/cmdline`) matches, e.g. PostgreSQL's checkpointer. */
export function freezeTitled(host: HostAccess, title: RegExp): void {
  const victims = pidsOn(host).filter((pid) => title.test(titleOf(pid)))
  if (victims.length === 0) throw new Error(`${host.name} runs nothing called ${title}`)
  for (const pid of victims) killPid(pid, 'SIGSTOP')
}

/** Stops everything on a host but its first process, as a hypervisor does that has no time for it. */
export function freezeHost(host: HostAccess): void {
  for (const pid of pidsOn(host)) if (pid !== host.initPid) killPid(pid, 'SIGSTOP')
}

/** Lets everything on a host go on. */
export function thaw(host: HostAccess): void {
  for (const pid of pidsOn(host)) {
    killPid(pid, 'SIGCONT')
    // nsenter, outside, stopped itself when its program was stopped.
    const parent = parentOf(pid)
    if (parent !== undefined && nameOf(parent) === 'nsenter') killPid(parent, 'SIGCONT')
  }
}

/** Routes of packets that nobody is to get: to a gateway whose hardware address nobody has. */
const NOWHERE = { table: '100', gateway: '10.10.10.254', hardware: '02:00:5e:ff:ff:ff' } as const

/** Cuts a host off from some others, both ways. Silently: nothing is refused, open connections included. */
export async function cutOff(host: HostAccess, peers: readonly HostAccess[]): Promise<void> {
  await Promise.all(peers.flatMap((peer) => [loseTo(host, peer.address), loseTo(peer, host.address)]))
}

/** Loses what a host sends to one TCP port of another. */
export async function cutPort(
  host: HostAccess,
  peer: { readonly address: string },
  port: number,
): Promise<void> {
  await loseTo(host, peer.address, port)
}

/** Ends all cuts that were made on these hosts. */
export async function mend(hosts: readonly HostAccess[]): Promise<void> {
  await Promise.all(hosts.map((host) => host.must(['ip', 'rule', 'flush', 'table', NOWHERE.table])))
}

// A rule and a dead neighbour need no packet filter, which a kernel may lack. A blackhole route would answer
// local programs at once with an error.
async function loseTo(host: HostAccess, address: string, port?: number): Promise<void> {
  const { table, gateway, hardware } = NOWHERE
  const narrowed = port === undefined ? '' : ` ipproto tcp dport ${port}`
  const commands = [
    `neigh replace ${gateway} lladdr ${hardware} nud permanent dev eth0`,
    `route replace 10.10.10.0/24 via ${gateway} dev eth0 onlink table ${table}`,
    `rule add to ${address}${narrowed} lookup ${table}`,
  ]
  await host.must(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

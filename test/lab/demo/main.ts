/**
 * The demo: pgsvc's main job from an empty node to a rollback and a switchover, on hosts of the lab, each step shown and proved.
 *
 * Exit status 1 when any proof fails. Usage: main.ts [--keep]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { enterArgs } from '../host.ts'
import { BIN, INVENTORY_FILE } from '../pgsvc.ts'
import { type Expectation, proofTable, prove } from '../proof.ts'
import { switchover } from '../real/cluster.ts'
import { followed } from '../real/followed.ts'
import { type RealSystem, startRealSystem } from '../real/real-system.ts'
import { labStatus, statusTable } from '../real/status.ts'
import { expectationsOf, PROXY_OWN_EXPECTED } from '../real/topology.ts'
import { type System, serviceTexts, workerPids } from '../system.ts'

const failures: string[] = []

function say(text = ''): void {
  process.stdout.write(`${text}\n`)
}

function title(text: string): void {
  say(`\n== ${text}`)
}

function check(what: string, ok: boolean): void {
  say(`  ${ok ? 'ok    ' : 'FAILED'} ${what}`)
  if (!ok) failures.push(what)
}

/** Runs a line in the admin host's shell, shows it with its output, and checks its exit status. */
async function onAdmin(system: System, line: string, expectedStatus = 0): Promise<string> {
  say(`admin$ ${line}`)
  const startedMs = performance.now()
  const result = await system.run(line)
  const output = `${result.stdout}${result.stderr}`.trimEnd()
  if (output !== '') say(output.replaceAll(/^/gm, '  | '))
  const took = Math.round(performance.now() - startedMs)
  check(`exit status ${expectedStatus} (${took} ms)`, result.status === expectedStatus)
  return output
}

async function showProof(system: System, what: string, expectations: readonly Expectation[]): Promise<void> {
  const proofs = await prove(system.ask, expectations)
  say(proofTable(proofs).replaceAll(/^/gm, '  '))
  check(
    what,
    proofs.every((proof) => proof.ok),
  )
}

async function everyFile(system: System): Promise<string> {
  const texts = await Promise.all(system.nodes.map((node) => serviceTexts(node)))
  return JSON.stringify(texts.map((files) => [...files]))
}

async function publishCluster(system: System): Promise<void> {
  title('Publish the cluster pg-test to its three members')
  await onAdmin(system, 'pgsql-svc pg-test')
  await showProof(system, 'every port of every member reaches the right backend', expectationsOf('test'))
}

async function publishDelegated(system: System): Promise<void> {
  title('Publish pg-meta, whose services the proxies carry, and the services of the proxies themselves')
  await onAdmin(system, 'pgsql-svc pg-meta')
  await onAdmin(system, 'pgsvc node proxy')
  await showProof(system, 'every port of every proxy reaches the right backend', [
    ...expectationsOf('proxy'),
    ...PROXY_OWN_EXPECTED,
  ])
}

async function publishAgain(system: System): Promise<void> {
  title('Publish again: nothing changed, so nothing is touched')
  const before = await workerPids(system)
  await onAdmin(system, 'pgsql-svc pg-test')
  check('no HAProxy was reloaded', String(await workerPids(system)) === String(before))
}

async function refuseMistake(system: System): Promise<void> {
  title('A mistake in the inventory is refused, and no node changes')
  const before = await everyFile(system)
  await system.edit('maxconn: 5000', 'maxconn: 5000 ,balance: rondrobin')
  say('  (edited: pg-test, service standby: balance: rondrobin)')
  await onAdmin(system, 'pgsql-svc pg-test', 2)
  check('no file changed on any node', (await everyFile(system)) === before)
  await system.edit('maxconn: 5000 ,balance: rondrobin', 'maxconn: 5000')
}

async function change(system: System): Promise<void> {
  title('Edit the inventory, look at the difference, publish it')
  await system.edit('maxconn: 5000', 'maxconn: 6000')
  say('  (edited: pg-test, service standby: maxconn 5000 -> 6000)')
  const [files, workers] = [await everyFile(system), await workerPids(system)]
  const diff = await onAdmin(system, 'pgsql-svc pg-test --check --diff')
  check('the difference is shown', /^\s*\|?\s*\+.*maxconn 6000/m.test(diff))
  check(
    '--check changed nothing',
    (await everyFile(system)) === files && String(await workerPids(system)) === String(workers),
  )
  await onAdmin(system, 'pgsql-svc pg-test')
  check('the members have the new value', await membersHave(system, 'maxconn 6000'))
  await showProof(system, 'every port still reaches the right backend', expectationsOf('test'))
}

async function goBack(system: System): Promise<void> {
  title('See what runs, and go back')
  await onAdmin(system, 'pgsvc status')
  await onAdmin(system, 'pgsvc history pg-test')
  await onAdmin(system, 'pgsvc rollback pg-test')
  check('the members have the old value again', await membersHave(system, 'maxconn 5000'))
  await showProof(system, 'every port reaches the right backend', expectationsOf('test'))
}

async function switchOver(system: RealSystem): Promise<void> {
  title('Another member becomes the leader: the agents follow by themselves')
  await system.edit('maxconn: 6000', 'maxconn: 5000')
  say('  (the inventory has its old value again)')
  say('  (patronictl switchover pg-test --candidate pg-test-2, on pg-test-1)')
  await switchover(system.lab.host('pg-test-1'), { cluster: 'pg-test', from: 'pg-test-1', to: 'pg-test-2' })
  const problem = await followed(system, 'pg-test', 'pg-test-2').then(
    () => undefined,
    (error: unknown) => String(error),
  )
  check(`every member has the files of the new leader${problem ? `: ${problem}` : ''}`, problem === undefined)
  await onAdmin(system, 'pgsvc leaders pg-test')
  await onAdmin(system, 'pgsvc events pg-test --limit 12')
  const primary = expectationsOf('test').filter(({ port }) => port === 5433)
  await showProof(
    system,
    'writes reach the new leader',
    primary.map((one) => ({ ...one, answers: ['pg-test-2 primary 6432'] })),
  )
}

async function membersHave(system: System, line: string): Promise<boolean> {
  const members = system.nodes.filter((node) => node.name.startsWith('pg-test'))
  const files = await Promise.all(members.map((node) => serviceTexts(node)))
  return files.every((texts) => texts.get('pg-test-standby.cfg')?.includes(line))
}

async function keep(system: System): Promise<void> {
  title('Kept running. Enter a host with:')
  for (const host of system.lab.hosts) {
    say(`  ${host.name.padEnd(10)} nsenter ${enterArgs(host.initPid).join(' ')} env PATH=${BIN}:$PATH bash`)
  }
  say(
    `On the admin host the inventory is ${INVENTORY_FILE}; logs of all programs are in /run/log of each host.`,
  )
  say('To begin with: pgsvc status; pgsvc leaders; pgsql-svc pg-test --check --diff')
  say('Ctrl-C ends it.')
  await sleep(2 ** 31 - 1)
}

async function showLab(system: RealSystem): Promise<void> {
  const names = system.nodes.map((node) => node.name)
  say(statusTable(await labStatus(system.lab.hosts, system.members, names)).replaceAll(/^/gm, '  '))
}

async function demo(system: RealSystem): Promise<void> {
  for (const step of [publishCluster, publishDelegated, publishAgain, refuseMistake, change, goBack])
    await step(system)
  await switchOver(system)
  if (process.argv.includes('--keep')) await keep(system)
}

async function main(): Promise<void> {
  const startedMs = performance.now()
  title('Bring up the lab: an admin host, a cluster of three members, a cluster of two behind two proxies')
  const system = await startRealSystem({ parts: ['test', 'proxy'] })
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => void system.stop().finally(() => process.exit(130)))
  }
  try {
    await showLab(system)
    say(`  up in ${((performance.now() - startedMs) / 1000).toFixed(1)} s; every program is the real one`)
    await demo(system)
  } finally {
    title('Remove every trace')
    await system.stop()
  }
  say(
    `\n${failures.length === 0 ? 'demo: all proofs hold' : `demo: ${failures.length} proofs FAILED: ${failures.join('; ')}`}`,
  )
  say(`demo: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  process.exitCode = failures.length === 0 ? 0 : 1
}

await main()

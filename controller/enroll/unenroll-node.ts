/** Takes an agent off one node, and everything that came with it; HAProxy and its files stay, and serve on. */
import { setTimeout } from 'node:timers/promises'
import { AppError } from '../../shared/errors/app-error.ts'
import { type RootShell, rootShell } from '../ssh/root-shell.ts'
import { quoted } from '../ssh/shell-words.ts'
import { decideConfig } from './agent-config.ts'
import { type EnrollOptions, type EnrollPorts, teller } from './enroll-node.ts'
import { caPath, factsScript, type NodeFacts, parseFacts } from './facts.ts'
import { counts } from './node-certificate.ts'
import { agentUnit, configPath } from './paths.ts'
import { placeProgram } from './place-program.ts'
import { failedOn } from './remote-failure.ts'
import { removeScript, stopScript } from './scripts.ts'
import type { StepListener } from './step.ts'

const askMs = 60_000
/** An apply in hand is brought to its end first. */
const stopMs = 120_000
const [goneMs, pollMs] = [20_000, 300]

/**
 * @returns true when something was changed (or, checking, would be)
 * @throws AppError of the step that failed
 */
export async function unenrollNode(
  ports: EnrollPorts,
  { node, units, check }: Pick<EnrollOptions, 'node' | 'units' | 'check'>,
  listener: StepListener,
  signal: AbortSignal,
): Promise<boolean> {
  const tell = teller(listener)
  const names = Object.keys(units)
  const before = await ports.controller.presence(node)
  const session = await tell.step('connect', async () => {
    const made = await ports.connect(signal)
    return { value: made, state: 'noted', detail: made.peer }
  })
  const changed = (detail: string) =>
    ({ value: undefined, state: check ? 'would-change' : 'changed', detail }) as const
  const unchanged = { value: undefined, state: 'unchanged', detail: '' } as const
  try {
    const shell = rootShell(session, ports.becomePassword)
    const facts = await tell.step('look', async () => {
      const looked = await shell.run(factsScript(names), { timeoutMs: askMs, signal })
      if (looked.status !== 0) throw failedOn(node, 'the node cannot be looked at', looked)
      const value = parseFacts(looked.stdout)
      expectSame(value, node)
      const detail =
        value.traces.length === 0
          ? 'nothing of an agent is there'
          : `${value.traces.length} traces of an agent`
      return { value, state: 'noted', detail }
    })
    const isThere = facts.traces.length > 0
    await tell.step('stop', async () => {
      if (!facts.isActive && !facts.isEnabled) return unchanged
      if (!check) await must(shell, node, 'the agent does not stop', stopScript, stopMs)
      return changed(agentUnit)
    })
    await tell.step('files', async () => {
      if (!isThere) return unchanged
      return changed(
        check
          ? 'conf.d a plain directory, state and certificates gone'
          : await leave(ports, shell, node, facts, signal),
      )
    })
    await tell.step('remove', async () => {
      if (!isThere) return unchanged
      const kept = { isPackaged: facts.package !== '', hasController: facts.hasController }
      if (!check) await must(shell, node, 'not everything could be removed', removeScript(names, kept), askMs)
      return changed(keptText(facts))
    })
    await tell.step('revoke', async () => {
      const { certificates } = await ports.controller.certificates()
      if (!certificates.some((one) => one.kind === 'node' && one.name === node && counts(one)))
        return unchanged
      if (!check) await ports.controller.revoke(node)
      return {
        ...changed('its certificates do not count any more'),
        state: check ? 'would-change' : 'changed',
      }
    })
    await tell.step('forget', async () => {
      if (before === undefined) return unchanged
      if (!check) await forget(ports, node, signal)
      return changed(forgottenText(before.assigned))
    })
    return tell.hasChanged()
  } finally {
    session.close()
  }
}

function expectSame(facts: NodeFacts, node: string): void {
  const config = facts.files.get(configPath)
  // Throws when the host is enrolled under another name.
  if (config !== undefined) decideConfig(config, node, [])
}

async function must(shell: RootShell, node: string, what: string, script: string, timeoutMs: number) {
  const ended = await shell.run(script, { timeoutMs })
  if (ended.status !== 0) throw failedOn(node, what, ended)
  return ended
}

async function leave(
  { programs }: EnrollPorts,
  shell: RootShell,
  node: string,
  facts: NodeFacts,
  signal: AbortSignal,
): Promise<string> {
  const place = await placeProgram({ node, shell, programs }, signal)
  try {
    const keep = facts.hasController ? ` --keep ${caPath}` : ''
    const script = `${quoted(place.path)} agent leave --node ${quoted(node)}${keep}`
    const { stdout } = await must(shell, node, "HAProxy's files could not be given back", script, askMs)
    return leftText(stdout)
  } finally {
    await place.remove()
  }
}

function leftText(json: string): string {
  const said: unknown = JSON.parse(json)
  if (typeof said !== 'object' || said === null || !('how' in said) || !('serviceDir' in said)) {
    throw new AppError('REMOTE_FAILED', `"pgsvc agent leave" said what is not understood: ${json.trim()}`)
  }
  const how = {
    plain: 'is a plain directory',
    exchanged: 'is a plain directory again',
    renamed: 'is a plain directory again',
  }
  return `${String(said.serviceDir)} ${how[said.how as keyof typeof how] ?? String(said.how)}`
}

function keptText({ package: owner, hasController }: NodeFacts): string {
  if (owner !== '') return `program and units belong to the package ${owner}: remove that`
  return hasController
    ? 'the program stays for the controller of this host'
    : 'program, units and configuration'
}

/** A stream whose agent was stopped may need a moment to end. */
async function forget({ controller }: EnrollPorts, node: string, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < goneMs; waitedMs += pollMs) {
    if ((await controller.presence(node))?.connected !== true) break
    await setTimeout(pollMs, undefined, { signal })
  }
  await controller.forget(node)
}

function forgottenText(assigned: readonly string[]): string {
  const what = assigned.length === 0 ? '' : `, which was assigned ${assigned.join(', ')}`
  return `the controller does not count this node any more${what}`
}

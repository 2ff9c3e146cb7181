/** Takes an agent off one node, and everything that came with it; HAProxy and its files stay, and serve on. */
import { setTimeout } from 'node:timers/promises'
import { AppError } from '../../shared/errors/app-error.ts'
import { type RootShell, rootShell } from '../ssh/root-shell.ts'
import { quoted } from '../ssh/shell-words.ts'
import { decideConfig } from './agent-config.ts'
import { type EnrollOptions, type EnrollPorts, type Teller, teller } from './enroll-node.ts'
import { caPath, factsScript, type NodeFacts, parseFacts } from './facts.ts'
import { counts } from './node-certificate.ts'
import { underNodeLock } from './node-lock.ts'
import { checkRoom } from './node-plan.ts'
import { agentUnit, configPath, unitPath } from './paths.ts'
import { type Place, placeProgram } from './place-program.ts'
import { failedOn } from './remote-failure.ts'
import { removeScript, startAgainScript, stopScript } from './scripts.ts'
import type { StepListener } from './step.ts'

const askMs = 60_000
/** An apply in hand is brought to its end first. */
const stopMs = 120_000
/** It is not ended by a command that does not wait: an agent that were started meanwhile would meet it. */
const leaveMs = 600_000
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
  const session = await tell.step('connect', async () => {
    const made = await ports.connect(signal)
    return { value: made, state: 'noted', detail: made.peer }
  })
  try {
    const shell = rootShell(session, ports.become)
    const work = (own: RootShell) => carryOut(ports, { node, units, check, shell: own }, tell, signal)
    // A look needs no lock, and may be taken while somebody else is at work.
    if (check) await work(shell)
    else await underNodeLock(shell, node, `unenroll by ${ports.operator}`, signal, work)
    return tell.hasChanged()
  } finally {
    session.close()
  }
}

interface Job extends Pick<EnrollOptions, 'node' | 'units' | 'check'> {
  readonly shell: RootShell
}

async function carryOut(ports: EnrollPorts, job: Job, tell: Teller, signal: AbortSignal): Promise<void> {
  const { controller } = ports
  const { node, check } = job
  const before = await controller.presence(node)
  const changed = (detail: string) =>
    ({ value: undefined, state: check ? 'would-change' : 'changed', detail }) as const
  const facts = await tell.step('look', () => look(job, signal))
  if (facts.traces.length > 0) await takeOff(ports, job, facts, tell, signal)
  else for (const step of ['stop', 'files', 'remove'] as const) tell.say(step, unchanged)
  await tell.step('revoke', async () => {
    const { certificates } = await controller.certificates()
    if (!certificates.some((one) => one.kind === 'node' && one.name === node && counts(one))) return unchanged
    if (!check) await controller.revoke(node)
    return changed('its certificates do not count any more')
  })
  await tell.step('forget', async () => {
    if (before === undefined) return unchanged
    if (!check) await forget(ports, node, signal)
    return changed(forgottenText(before.assigned))
  })
}

const unchanged = { value: undefined, state: 'unchanged', detail: '' } as const

async function look({ shell, node, units }: Job, signal: AbortSignal) {
  const looked = await shell.run(factsScript(Object.keys(units)), { timeoutMs: askMs, signal })
  if (looked.status !== 0) throw failedOn(node, 'the node cannot be looked at', looked)
  const value = parseFacts(looked.stdout)
  expectSame(value, node)
  const count = value.traces.length
  const detail = count === 0 ? 'nothing of an agent is there' : `${count} traces of an agent`
  return { value, state: 'noted', detail } as const
}

/** All that may be lacking is brought and tried before the agent is stopped. */
async function takeOff(
  ports: EnrollPorts,
  job: Job,
  facts: NodeFacts,
  tell: Teller,
  signal: AbortSignal,
): Promise<void> {
  const { node, shell, check, units } = job
  const changed = (detail: string) =>
    ({ value: undefined, state: check ? 'would-change' : 'changed', detail }) as const
  const isRunning = facts.isActive || facts.isEnabled
  const kept = { isPackaged: facts.package !== '', hasController: facts.hasController }
  if (check) {
    tell.say('stop', isRunning ? changed(agentUnit) : unchanged)
    tell.say('files', changed('conf.d a plain directory, state and certificates gone'))
    return tell.say('remove', changed(keptText(facts, Object.keys(units))))
  }
  const place = await tell.step('program', () => bring(ports, job, facts, signal))
  try {
    const leave = leaveCommand(place, node, facts)
    await expectLeavable(shell, node, leave, signal)
    await tell.step('stop', async () => {
      if (!isRunning) return unchanged
      const stopped = must(shell, node, 'the agent does not stop', stopScript, stopMs)
      await stopped.catch(async (error: unknown) => {
        throw await startedAgain(shell, facts, error)
      })
      return changed(agentUnit)
    })
    await tell.step('files', async () => {
      const what = "HAProxy's files could not be given back"
      const left = must(shell, node, what, leave, leaveMs)
      const { stdout } = await left.catch(async (error: unknown) => {
        if (error instanceof AppError && error.code === 'REMOTE_TIMEOUT') throw leavingOn(error)
        throw isRunning ? await startedAgain(shell, facts, error) : error
      })
      return changed(leftText(stdout))
    })
  } finally {
    await place.remove()
  }
  await tell.step('remove', async () => {
    const script = removeScript(Object.keys(units), kept)
    await must(shell, node, 'not everything could be removed', script, askMs)
    return changed(keptText(facts, Object.keys(units)))
  })
}

async function bring({ programs }: EnrollPorts, { node, shell }: Job, facts: NodeFacts, signal: AbortSignal) {
  const program = await programs.for(facts.machine)
  const isThere = facts.program === program.sha256
  if (!isThere) checkRoom(node, '/var/lib', facts.stateRoom, program.bytes)
  const value = await placeProgram({ node, shell, programs }, signal)
  return {
    value,
    state: 'noted',
    detail: isThere ? 'is there' : 'brought for as long as this lasts',
  } as const
}

function leaveCommand(place: Place, node: string, { hasController }: NodeFacts): string {
  const keep = hasController ? ` --keep ${caPath}` : ''
  return `${quoted(place.path)} agent leave --node ${quoted(node)}${keep}`
}

/** @throws AppError while the agent still runs: of its configuration, of what it remembers */
async function expectLeavable(
  shell: RootShell,
  node: string,
  leave: string,
  signal: AbortSignal,
): Promise<void> {
  const ended = await shell.run(`${leave} --check`, { timeoutMs: askMs, signal })
  if (ended.status === 0) return
  const { code, message, hint } = failedOn(node, "HAProxy's files could not be given back", ended)
  if (code !== 'CONFIG_INVALID') throw new AppError(code, message, { hint })
  throw new AppError(code, `${node}: ${message}`, {
    hint: `${hint === undefined ? '' : `${hint}; `}or "rm ${configPath}" on the node, and the agent is taken off the places that are usual; nothing was changed`,
  })
}

/** @returns what to tell: a node is not left without its agent for what could not be done */
async function startedAgain(shell: RootShell, was: NodeFacts, error: unknown): Promise<unknown> {
  if (!(error instanceof AppError) || error.code === 'SSH_LOST') return error
  const { status, stderr } = await shell
    .run(startAgainScript(was), { timeoutMs: stopMs })
    .catch((failure: unknown) => ({ status: null, stderr: String(failure) }))
  const back = was.isActive ? 'started' : 'enabled'
  const told =
    status === 0
      ? `the agent was ${back} again`
      : `and the agent could not be ${back} again: ${stderr.trim().slice(-300)}`
  return new AppError(error.code, `${error.message}; ${told}`, { hint: error.hint, cause: error })
}

/** @returns what to tell of one that goes on there: nothing is started that it would meet */
function leavingOn({ code, message }: AppError): AppError {
  const known = 'it may go on there; the agent is stopped and disabled, HAProxy serves on'
  return new AppError(code, `"pgsvc agent leave": ${message}; ${known}`, {
    hint: 'wait until "pgrep -f \'agent leave\'" on the node finds nothing, then run the same command again; or "systemctl enable --now pgsvc-agent" there, to have the agent back',
  })
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

function keptText({ package: owner, hasController, files }: NodeFacts, units: readonly string[]): string {
  if (owner !== '') {
    const own = units.map(unitPath).filter((path) => files.has(path))
    const left = own.length === 0 ? '' : `; left, since somebody may mean it: ${own.join(', ')}`
    return `program and units belong to the package ${owner}: remove that${left}`
  }
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

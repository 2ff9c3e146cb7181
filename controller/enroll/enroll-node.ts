/** Brings an agent to one node, or up to date, step by step; each step is such that a next run goes on from there. */

import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../../shared/errors/app-error.ts'
import type { Become } from '../ssh/node-access.ts'
import { type RootShell, rootShell } from '../ssh/root-shell.ts'
import type { SshSession } from '../ssh/session.ts'
import { quoted } from '../ssh/shell-words.ts'
import { decideConfig } from './agent-config.ts'
import { placesIn, usualPlaces } from './certificate-places.ts'
import type { ControllerView, Presence } from './controller-view.ts'
import { deliver } from './deliver.ts'
import { factsScript, type NodeFacts, parseFacts, placesScript, withPlaces } from './facts.ts'
import { underNodeLock } from './node-lock.ts'
import { type FileToPlace, isComplete, type NodePlan, planNode } from './node-plan.ts'
import { commandPath, configPath, nextOf, programDir, programPath, unitPath } from './paths.ts'
import type { Program, Programs } from './program.ts'
import { failedOn } from './remote-failure.ts'
import { commandScript, stageScript } from './scripts.ts'
import type { StepDone, StepListener, StepName } from './step.ts'
import { awaitAgent, switchOver, type Way } from './switch-over.ts'

export interface EnrollPorts {
  readonly connect: (signal: AbortSignal) => Promise<SshSession>
  readonly become: Become
  readonly programs: Programs
  readonly controller: ControllerView
  /** Who does it, for others who come to the same node. */
  readonly operator: string
}

export interface EnrollOptions {
  readonly node: string
  /** host:port, for the agent. */
  readonly controllers: readonly string[]
  readonly units: Readonly<Record<string, string>>
  readonly check: boolean
  /** How long an agent may take to be seen by the controller. */
  readonly waitMs: number
}

const askMs = 60_000

/**
 * @param listener - told of each step
 * @returns true when something was changed (or, checking, would be)
 * @throws AppError of the step that failed
 */
export async function enrollNode(
  ports: EnrollPorts,
  options: EnrollOptions,
  listener: StepListener,
  signal: AbortSignal,
): Promise<boolean> {
  const tell = teller(listener)
  const session = await tell.step('connect', async () => {
    const session = await ports.connect(signal)
    return { value: session, state: 'noted', detail: session.peer }
  })
  try {
    const shell = rootShell(session, ports.become)
    const work = (own: RootShell) => new Enrolment(ports, options, own, tell, signal).run()
    // A look needs no lock, and may be taken while somebody else is at work.
    if (options.check) await work(shell)
    else await underNodeLock(shell, options.node, `enroll by ${ports.operator}`, signal, work)
    return tell.hasChanged()
  } finally {
    session.close()
  }
}

class Enrolment {
  private readonly ports: EnrollPorts
  private readonly options: EnrollOptions
  private readonly shell: RootShell
  private readonly tell: Teller
  private readonly signal: AbortSignal

  constructor(
    ports: EnrollPorts,
    options: EnrollOptions,
    shell: RootShell,
    tell: Teller,
    signal: AbortSignal,
  ) {
    this.ports = ports
    this.options = options
    this.shell = shell
    this.tell = tell
    this.signal = signal
  }

  async run(): Promise<void> {
    const { controller } = this.ports
    const { node } = this.options
    const before = await controller.presence(node)
    const { plan, program } = await this.look()
    if (this.options.check) return this.tellPlan(plan, before)
    const staged = await this.stage(plan, program)
    const prefix = this.commandOf(plan)
    await this.certify(plan, prefix)
    const isDone = isComplete(plan) && plan.facts.isActive && plan.facts.isEnabled
    await this.tell.step('try', async () => {
      if (isDone) return unchanged('')
      const { stdout } = await this.must('a try of the agent failed', `${prefix('try')}`)
      return { value: undefined, state: 'noted', detail: stdout.trim() }
    })
    const way = this.wayOf(plan, staged, program)
    await this.tell.step('start', () => this.start(way, isDone))
    await this.tell.step('connected', () => this.awaitConnected(way, isDone, before?.connected === true))
    await this.tell.step('command', () => this.nameCommand(plan))
  }

  private look(): Promise<{ plan: NodePlan; program: Program }> {
    return this.tell.step('look', async () => {
      const { units, node, controllers } = this.options
      const { stdout } = await this.must('the node cannot be looked at', factsScript(Object.keys(units)))
      const facts = await this.withOwnPlaces(parseFacts(stdout))
      const program = await this.ports.programs.for(facts.machine)
      const known = await this.ports.controller.certificates()
      const plan = planNode(facts, { node, controllers, program, units, known })
      return { value: { plan, program }, state: 'noted', detail: described(facts) }
    })
  }

  /** A configuration that is kept may have the certificate somewhere else. */
  private async withOwnPlaces(facts: NodeFacts): Promise<NodeFacts> {
    const { node, controllers } = this.options
    const present = facts.files.get(configPath)
    if (present === undefined || decideConfig(present, node, controllers).kind === 'write') return facts
    const places = placesIn(present)
    if (isDeepStrictEqual(places, usualPlaces)) return facts
    const { stdout } = await this.must('the node cannot be looked at', placesScript(places))
    return withPlaces(facts, places, stdout)
  }

  /** @returns final names of what was staged */
  private async stage(plan: NodePlan, program: Program): Promise<readonly string[]> {
    const { node } = this.options
    const staged: string[] = []
    await this.tell.step('program', async () => {
      if (plan.program === 'bring') {
        const name = nextOf(programPath).slice(programDir.length + 1)
        await deliver(this.shell, program, { dir: programDir, name, node }, this.signal)
      }
      if (plan.program === 'bring' || plan.program === 'waiting') staged.push(programPath)
      return programStep(plan, program)
    })
    await this.tell.step('configuration', async () => {
      if (plan.config.kind === 'write') {
        await this.stageFile({ path: configPath, text: plan.config.text, mode: '644' })
        staged.push(configPath)
      }
      return configStep(plan)
    })
    await this.tell.step('units', async () => {
      for (const unit of plan.units) await this.stageFile(unit)
      staged.push(...plan.units.map(({ path }) => path))
      return unitStep(plan)
    })
    return staged
  }

  private async stageFile(file: FileToPlace): Promise<void> {
    const bytes = Buffer.from(file.text)
    await this.must(`${file.path} did not arrive`, stageScript(file, bytes.length), bytes)
  }

  /** Commands of the agent with the program and the configuration that it is to have. */
  private commandOf({ program, config }: NodePlan): (action: string) => string {
    const file = program === 'bring' || program === 'waiting' ? nextOf(programPath) : programPath
    const config_ = config.kind === 'write' ? nextOf(configPath) : configPath
    return (action) =>
      `${file} agent ${action} --config ${quoted(config_)} --node ${quoted(this.options.node)}`
  }

  private certify({ certificate, facts }: NodePlan, command: (action: string) => string): Promise<void> {
    return this.tell.step('certificate', async () => {
      if (certificate === undefined) return unchanged('')
      const ask = `${command('request-certificate')}${facts.hasKey ? ' --new-key' : ''}`
      const { stdout: csr } = await this.must('no request for a certificate was made', ask)
      const { certPem, caPem } = await this.ports.controller.sign(this.options.node, csr)
      const pem = `${certPem.trimEnd()}\n${caPem}`
      const { stdout } = await this.must(
        'the certificate was not installed',
        command('install-certificate'),
        pem,
      )
      return { value: undefined, state: 'changed', detail: stdout.trim() }
    })
  }

  private async start(way: Way, isDone: boolean): Promise<StepResult<void>> {
    if (isDone) return unchanged('')
    await switchOver(way)
    return { value: undefined, state: 'changed', detail: way.facts.isActive ? 'restarted' : 'started' }
  }

  private async awaitConnected(way: Way, isDone: boolean, isThere: boolean): Promise<StepResult<void>> {
    await awaitAgent(way)
    if (isDone && isThere) return unchanged('')
    return { value: undefined, state: 'changed', detail: 'the controller has seen it' }
  }

  /** The agent is there and does its work without it: what comes in between is told, and fails nothing. */
  private async nameCommand({ facts }: NodePlan): Promise<StepResult<undefined>> {
    const result = commandStep(facts)
    if (result.state !== 'changed') return result
    try {
      const ended = await this.shell.run(commandScript, { timeoutMs: askMs, signal: this.signal })
      if (ended.status === 0) return result
      const { message } = failedOn(this.options.node, `${commandPath} was not made`, ended)
      return { ...unchanged(message), state: 'noted' }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { ...unchanged(`${commandPath} was not made: ${error.message}`), state: 'noted' }
    }
  }

  private wayOf(plan: NodePlan, staged: readonly string[], program: Program): Way {
    const { shell, signal, ports, options } = this
    const { facts } = plan
    return {
      ...{ node: options.node, waitMs: options.waitMs, controller: ports.controller, shell, signal },
      ...{ facts, staged, managed: this.managed(), streams: new Set<number>() },
      program: plan.program === 'packaged' ? facts.program : program.sha256,
    }
  }

  private managed(): readonly string[] {
    return [programPath, configPath, ...Object.keys(this.options.units).map(unitPath)]
  }

  private async must(what: string, script: string, input?: Buffer | string) {
    const ended = await this.shell.run(script, { input, timeoutMs: askMs, signal: this.signal })
    if (ended.status === 0) return ended
    throw failedOn(this.options.node, what, ended)
  }

  private tellPlan(plan: NodePlan, before: Presence | undefined): void {
    const isDone = isComplete(plan) && plan.facts.isActive && plan.facts.isEnabled
    const would = (result: Omit<StepDone, 'step'>): Omit<StepDone, 'step'> =>
      result.state === 'changed' ? { ...result, state: 'would-change' } : result
    const of = (state: StepDone['state'], detail: string) => ({ state, detail })
    this.tell.say('program', would(programStep(plan)))
    this.tell.say('configuration', would(configStep(plan)))
    this.tell.say('units', would(unitStep(plan)))
    const { certificate } = plan
    this.tell.say('certificate', certificate === undefined ? unchanged('') : of('would-change', certificate))
    this.tell.say(
      'start',
      isDone ? unchanged('') : of('would-change', plan.facts.isActive ? 'restart' : 'start'),
    )
    const isSeen = isDone && before?.connected === true
    this.tell.say(
      'connected',
      isSeen ? unchanged('') : of('would-change', 'wait for the controller to see it'),
    )
    this.tell.say('command', would(commandStep(plan.facts)))
  }
}

interface StepResult<T> {
  readonly value: T
  readonly state: StepDone['state']
  readonly detail: string
}

function unchanged(detail: string): StepResult<undefined> {
  return { value: undefined, state: 'unchanged', detail }
}

function described({ machine, haproxy, isActive, program }: NodeFacts): string {
  const version = /version (\S+)/.exec(haproxy)?.[1]
  const agent =
    program === '' ? 'no agent yet' : isActive ? 'an agent runs' : 'an agent is there and does not run'
  return `${machine}, ${version === undefined ? 'no HAProxy yet' : `HAProxy ${version}`}, ${agent}`
}

function programStep({ program, facts }: NodePlan, brought?: Program): StepResult<undefined> {
  if (program === 'unchanged') return unchanged('')
  if (program === 'packaged') {
    return { ...unchanged(`another version, of the package ${facts.package}: upgrade that`), state: 'noted' }
  }
  const how = facts.program === '' ? 'new' : 'another one is there'
  const size = brought ? `, ${(brought.bytes / 1e6).toFixed(0)} MB` : ''
  const waiting = program === 'waiting' ? ', brought by an attempt before' : size
  return { value: undefined, state: 'changed', detail: `${how}${waiting}` }
}

function configStep({ config, facts }: NodePlan): StepResult<undefined> {
  if (config.kind === 'unchanged') return unchanged('')
  if (config.kind === 'kept') {
    return {
      ...unchanged(`was edited and is kept; it would say ${config.missing.join('; ')}`),
      state: 'noted',
    }
  }
  return {
    value: undefined,
    state: 'changed',
    detail: facts.files.has(configPath) ? 'written anew' : 'written',
  }
}

/** Nothing of somebody else's is replaced, or put behind a link of ours. */
function commandStep({ command, package: owner }: NodeFacts): StepResult<undefined> {
  if (owner !== '' || command === programPath) return unchanged('')
  if (command === '') return { value: undefined, state: 'changed', detail: `${commandPath} is a link to it` }
  return {
    ...unchanged(`${command} is something else and is left: here it is ${programPath}`),
    state: 'noted',
  }
}

function unitStep({ units, facts }: NodePlan): StepResult<undefined> {
  if (facts.package !== '') return unchanged(`those of the package ${facts.package}`)
  if (units.length === 0) return unchanged('')
  const names = units.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))
  return { value: undefined, state: 'changed', detail: names.join(', ') }
}

export interface Teller {
  step<T>(step: StepName, work: () => Promise<StepResult<T>>): Promise<T>
  say(step: StepName, result: Omit<StepDone, 'step'>): void
  hasChanged(): boolean
}

export function teller(listener: StepListener): Teller {
  let changed = false
  const say: Teller['say'] = (step, { state, detail }) => {
    changed ||= state === 'changed' || state === 'would-change'
    listener.done({ step, state, detail })
  }
  return {
    say,
    hasChanged: () => changed,
    async step(step, work) {
      listener.begin(step)
      const result = await work()
      say(step, result)
      return result.value
    },
  }
}

/** Brings an agent to one node, or up to date, step by step; each step is such that a next run goes on from there. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../../shared/errors/app-error.ts'
import { type RootShell, rootShell } from '../ssh/root-shell.ts'
import type { SshSession } from '../ssh/session.ts'
import { quoted } from '../ssh/shell-words.ts'
import { decideConfig } from './agent-config.ts'
import { placesIn, usualPlaces } from './certificate-places.ts'
import type { ControllerView, Presence } from './controller-view.ts'
import { deliver } from './deliver.ts'
import { factsScript, type NodeFacts, parseFacts, placesScript, withPlaces } from './facts.ts'
import { type FileToPlace, isComplete, type NodePlan, planNode } from './node-plan.ts'
import { configPath, nextOf, programDir, programPath, unitPath } from './paths.ts'
import type { Program, Programs } from './program.ts'
import { failedOn } from './remote-failure.ts'
import { journalScript, putBackScript, stageScript, switchScript, tidyScript } from './scripts.ts'
import type { StepDone, StepListener, StepName } from './step.ts'

export interface EnrollPorts {
  readonly connect: (signal: AbortSignal) => Promise<SshSession>
  /** For sudo. */
  readonly becomePassword: string | undefined
  readonly programs: Programs
  readonly controller: ControllerView
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
/** systemd's own limit for a start is 90 s. */
const startMs = 150_000
const pollMs = 300

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
    const shell = rootShell(session, ports.becomePassword)
    const work = new Enrolment(ports, options, shell, tell, signal)
    await work.run()
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
    const way = { staged, plan, before }
    await this.tell.step('start', () => this.start(way, isDone))
    await this.tell.step('connected', () => this.awaitConnected(way, isDone))
    await this.shell.run(tidyScript(this.managed()), { timeoutMs: askMs })
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

  private async start({ staged, plan }: Way, isDone: boolean): Promise<StepResult<void>> {
    if (isDone) return unchanged('')
    const { isActive } = plan.facts
    if (this.signal.aborted) throw new AppError('CANCELLED', 'given up before anything took its place')
    const script = switchScript(staged, isActive)
    // From here on it is brought to its end, whoever wants it to stop: half-way there may be no agent at all.
    const ended = await this.shell.run(script, { timeoutMs: startMs })
    if (ended.status !== 0) {
      const failed = failedOn(this.options.node, 'the agent did not start', ended)
      throw await this.putBack(staged, plan, failed)
    }
    return { value: undefined, state: 'changed', detail: isActive ? 'restarted' : 'started' }
  }

  private async awaitConnected({ staged, plan, before }: Way, isDone: boolean): Promise<StepResult<void>> {
    const { node, waitMs } = this.options
    const isNew = (now: Presence) => isDone || before?.connected !== true || now.sinceMs !== before.sinceMs
    if (await this.isSeen(isNew)) {
      const was = isDone && before?.connected === true
      return was
        ? unchanged('')
        : { value: undefined, state: 'changed', detail: 'the controller has seen it' }
    }
    const failed = new AppError(
      'AGENT_SILENT',
      `the agent of ${node} was not seen by the controller within ${Math.round(waitMs / 1000)} s${await this.lastWords()}`,
      { hint: 'it goes on trying; run the same command again when the cause is mended' },
    )
    throw await this.putBack(staged, plan, failed)
  }

  private async isSeen(isNew: (now: Presence) => boolean): Promise<boolean> {
    const { controller } = this.ports
    const endMs = performance.now() + this.options.waitMs
    do {
      const now = await controller.presence(this.options.node).catch(unseen)
      if (now?.connected && isNew(now)) return true
      await sleep(pollMs, undefined, { signal: this.signal }).catch(() => undefined)
    } while (performance.now() < endMs && !this.signal.aborted)
    if (this.signal.aborted)
      throw new AppError('CANCELLED', 'given up while waiting for the agent, which was started')
    return false
  }

  /** An agent that worked before works again. @returns what to tell */
  private async putBack(staged: readonly string[], { facts }: NodePlan, cause: AppError): Promise<AppError> {
    const isUpgrade = facts.hasPrevious || (facts.program !== '' && facts.isActive && staged.length > 0)
    if (!isUpgrade) return cause
    const before = await this.ports.controller.presence(this.options.node).catch(unseen)
    const ended = await this.shell.run(putBackScript(this.managed()), { timeoutMs: startMs })
    const isBack = ended.status === 0 && (await this.isSeen((now) => now.sinceMs !== before?.sinceMs))
    const told = isBack
      ? 'the one of before is back and connected'
      : `the one of before was put back, and is not connected either${ended.status === 0 ? '' : `: ${ended.stderr.trim().slice(-300)}`}`
    return new AppError('UPGRADE_UNDONE', `${cause.message}; ${told}`, {
      hint: 'nothing else was changed; see why with "journalctl -u pgsvc-agent" on the node',
      cause,
    })
  }

  private async lastWords(): Promise<string> {
    const { stdout } = await this.shell.run(journalScript, { timeoutMs: askMs }).catch(() => ({ stdout: '' }))
    const lines = stdout.trim().split('\n').slice(-3).map(messageOf)
    return lines[0] === '' ? '' : `; its last words: ${lines.join(' / ').slice(-600)}`
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
  }
}

/** A controller that is away for a moment has not seen it yet: no reason to leave a node half-way. */
function unseen(error: unknown): undefined {
  if (error instanceof AppError) return undefined
  throw error
}

interface Way {
  readonly staged: readonly string[]
  readonly plan: NodePlan
  readonly before: Presence | undefined
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

/** What a line of the log says: it is JSON where no terminal reads it. */
function messageOf(line: string): string {
  try {
    const { msg, err, ...rest } = JSON.parse(line)
    const detail = err?.message ?? rest.reason ?? rest.message ?? ''
    return typeof msg === 'string' ? [msg, detail].filter((part) => part !== '').join(': ') : line
  } catch {
    return line
  }
}

/** An upgrade of one node whose controller or whose commands fail on the way. */
import { expect, test } from 'vitest'
import { configText } from '../../../controller/enroll/agent-config.ts'
import type { Presence } from '../../../controller/enroll/controller-view.ts'
import { enrollNode } from '../../../controller/enroll/enroll-node.ts'
import type { StepDone } from '../../../controller/enroll/step.ts'
import { AppError } from '../../../shared/errors/app-error.ts'
import { type Answer, scriptedSession } from '../../support/scripted-session.ts'

const config = Buffer.from(configText('n1', ['c:1'])).toString('base64')
const facts = (program: string, command = '') =>
  `command ${command}\nmachine x86_64\nsystemd yes\nprogramRoom 99999999\nstateRoom 99999999\nprogram ${program}\nfile:/etc/pgsvc/agent.yml ${config}\nactive ${program === '' ? 'inactive' : 'active'}\nenabled enabled\n`

/** What a script is for, by what only it does. */
const kinds = [
  ['look', /uname -m/],
  ['program', /gzip/],
  ['request', /request-certificate/],
  ['install', /install-certificate/],
  ['try', /agent try/],
  ['switch', /systemctl enable/],
  ['put back', /failed=0/],
  ['last words', /journalctl/],
  ['tidying', /MainPID/],
  ['name', /ln -sT/],
] as const
type Kind = (typeof kinds)[number][0]

interface Node {
  readonly program?: string
  readonly answers?: Partial<Record<Kind, () => Answer>>
  /** What the controller says after these commands. */
  readonly presence: (done: readonly Kind[]) => Presence | undefined
  readonly signal?: AbortSignal
  /** What is called pgsvc there. */
  readonly command?: string
}

const old = { connected: true, sinceMs: 1, assigned: [] }
const away = () => new AppError('CONTROLLER_UNREACHABLE', 'no controller answers')

async function enrol({ program = 'old', answers = {}, presence, signal, command }: Node) {
  const told: StepDone[] = []
  const done: Kind[] = []
  const session = scriptedSession((script) => {
    const kind = kinds.find(([, pattern]) => pattern.test(script))?.[0]
    if (!kind) throw new Error(`what is this for? ${script}`)
    done.push(kind)
    const usual = kind === 'look' ? { stdout: facts(program, command) } : {}
    return answers[kind]?.() ?? usual
  })
  const ports = {
    connect: async () => session,
    become: { password: undefined },
    operator: 'dba',
    programs: {
      for: async () => ({
        ...{ path: '/p', head: Buffer.alloc(0), version: '1', sha256: 'new', bytes: 1 },
        packed: async () => Buffer.from('x'),
      }),
    },
    controller: {
      presence: async () => presence(done),
      certificates: async () => ({ certificates: [], authorities: [] }),
      sign: async () => ({ certPem: 'c', caPem: 'a' }),
      revoke: async () => undefined,
      forget: async () => undefined,
    },
  }
  const options = { node: 'n1', controllers: ['c:1'], units: {}, check: false, waitMs: 1_000 }
  const listener = { begin: () => undefined, done: (step: StepDone) => void told.push(step) }
  const error = await enrollNode(ports, options, listener, signal ?? new AbortController().signal).then(
    () => undefined,
    (cause: unknown) => (cause instanceof AppError ? cause : Promise.reject(cause)),
  )
  return { error, done, command: told.find(({ step }) => step === 'command') }
}

test('an upgrade that is seen is tidied', async () => {
  const { error, done } = await enrol({
    presence: (done) => (done.includes('switch') ? { ...old, sinceMs: 2 } : old),
  })
  expect(error).toBeUndefined()
  expect(done.slice(-3)).toEqual(['switch', 'tidying', 'name'])
})

test('with the controller away a new agent that does not start is put back, and nobody says that it is connected', async () => {
  const { error, done } = await enrol({
    answers: { switch: () => ({ status: 1, stderr: 'Job failed' }) },
    presence: (done) => {
      if (done.includes('switch') && !done.includes('put back')) throw away()
      // The new one's stream, or the old one's: nobody knows.
      return done.includes('put back') ? { ...old, sinceMs: 2 } : old
    },
  })
  expect(done).toContain('put back')
  expect(error?.code).toBe('UPGRADE_UNDONE')
  expect(error?.message).toContain(
    'the one of before is back and runs; whether it is connected cannot be told',
  )
})

test('a stream of the new agent is not taken for that of the one which is put back', async () => {
  const { error } = await enrol({
    answers: { switch: () => ({ status: 1, stderr: 'Job failed' }) },
    presence: (done) => (done.includes('switch') ? { ...old, sinceMs: 2 } : old),
  })
  expect(error?.message).toContain('is back, and is not connected either')
})

test('a controller that is away for a moment is waited for', async () => {
  let asked = 0
  const { error } = await enrol({
    presence: (done) => {
      if (!done.includes('switch')) return old
      asked += 1
      if (asked === 1) throw away()
      return { ...old, sinceMs: 2 }
    },
  })
  expect(error).toBeUndefined()
})

const refuse = (): never => {
  throw new AppError('OPERATOR_REFUSED', 'not any more')
}

test('one that refuses is not: a first enrolment ends with its own error, an upgrade is put back', async () => {
  const presence: Node['presence'] = (done) => (done.includes('switch') ? refuse() : undefined)
  const first = await enrol({ program: '', presence })
  expect(first.error?.code).toBe('OPERATOR_REFUSED')
  expect(first.done).not.toContain('put back')
  const upgrade = await enrol({ presence })
  expect(upgrade.error?.code).toBe('UPGRADE_UNDONE')
  expect(upgrade.error?.message).toContain('not any more')
  expect(upgrade.done).toContain('put back')
})

test('a switch that takes too long is put back, one whose connection died is not', async () => {
  const fail = (code: string) => () => {
    throw new AppError(code, 'it failed')
  }
  const presence: Node['presence'] = (done) => (done.includes('put back') ? { ...old, sinceMs: 2 } : old)
  const late = await enrol({ answers: { switch: fail('REMOTE_TIMEOUT') }, presence })
  expect(late.error?.code).toBe('UPGRADE_UNDONE')
  expect(late.error?.message).toContain('back and connected')
  const lost = await enrol({ answers: { switch: fail('SSH_LOST') }, presence })
  expect(lost.error?.code).toBe('SSH_LOST')
  expect(lost.done).not.toContain('put back')
})

test('what cannot be put back is said', async () => {
  const { error } = await enrol({
    answers: {
      switch: () => ({ status: 1, stderr: 'Job failed' }),
      'put back': () => ({ status: 1, stderr: 'mv: no' }),
    },
    presence: () => old,
  })
  expect(error?.message).toContain('was not put back whole: mv: no')
})

test('a connection that dies before the put-back is told as such, with what failed', async () => {
  const { error } = await enrol({
    answers: {
      switch: () => ({ status: 1, stderr: 'Job failed' }),
      'put back': () => {
        throw new AppError('SSH_LOST', 'the connection was lost')
      },
    },
    presence: () => old,
  })
  expect(error?.code).toBe('SSH_LOST')
  expect(error?.message).toMatch(/Job failed; and what was there before is not put back: the connection/)
})

test('after Ctrl-C an agent that does not start is put back all the same, and that is said', async () => {
  const interrupt = new AbortController()
  const { error } = await enrol({
    signal: interrupt.signal,
    answers: {
      switch: () => {
        interrupt.abort()
        return { status: 1, stderr: 'Job failed' }
      },
    },
    presence: () => old,
  })
  expect(error?.code).toBe('UPGRADE_UNDONE')
  expect(error?.message).toContain('back and runs, and was not waited for')
})

test('another program than the one that was brought is not taken for the new agent', async () => {
  const { error } = await enrol({
    answers: { tidying: () => ({ status: 1, stderr: 'another program' }) },
    presence: (done) => (done.includes('switch') ? { ...old, sinceMs: 2 } : old),
  })
  expect(error?.code).toBe('PROGRAM_REPLACED')
})

const seen: Node['presence'] = (done) => (done.includes('switch') ? { ...old, sinceMs: 2 } : old)

test('the program is called by its name from then on, once', async () => {
  const made = await enrol({ presence: seen })
  expect(made.command?.state).toBe('changed')
  const there = await enrol({ presence: seen, command: '/opt/pgsvc/bin/pgsvc' })
  expect(there.command?.state).toBe('unchanged')
  expect(there.done).not.toContain('name')
})

test('what somebody else has under that name is left, and that is said', async () => {
  const { command, done } = await enrol({ presence: seen, command: '/usr/bin/pgsvc' })
  expect(command?.state).toBe('noted')
  expect(command?.detail).toContain('/usr/bin/pgsvc is something else and is left')
  expect(done).not.toContain('name')
})

test('a connection that dies at the name fails nothing', async () => {
  const { error, command } = await enrol({
    presence: seen,
    answers: {
      name: () => {
        throw new AppError('SSH_LOST', 'the connection died')
      },
    },
  })
  expect(error).toBeUndefined()
  expect(command?.detail).toContain('the connection died')
})

test('a name that cannot be given fails nothing', async () => {
  const { error, command } = await enrol({
    presence: seen,
    answers: { name: () => ({ status: 1, stderr: 'ln: Read-only file system' }) },
  })
  expect(error).toBeUndefined()
  expect(command?.state).toBe('noted')
  expect(command?.detail).toContain('Read-only file system')
})

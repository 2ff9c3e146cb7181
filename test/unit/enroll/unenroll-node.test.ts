/** An agent that is taken off a node whose commands fail on the way: it is left as it was, or as is told. */
import { expect, test } from 'vitest'
import { unenrollNode } from '../../../controller/enroll/unenroll-node.ts'
import { AppError } from '../../../shared/errors/app-error.ts'
import { type Answer, scriptedSession } from '../../support/scripted-session.ts'

/** What a script is for, by what only it does. */
const kinds = [
  ['look', /say machine/],
  ['place', /uname -m/],
  ['can leave', /agent leave .*--check/],
  ['leave', /agent leave/],
  ['stop', /systemctl stop/],
  ['start again', /failed=0/],
  ['remove', /rm -rf/],
] as const
type Kind = (typeof kinds)[number][0]

const sha256 = 'a'.repeat(64)

async function unenrol(answers: Partial<Record<Kind, () => Answer>>, active = 'active', enabled = 'enabled') {
  const done: Kind[] = []
  const scripts = new Map<Kind, string>()
  const session = scriptedSession((script) => {
    const kind = kinds.find(([, pattern]) => pattern.test(script))?.[0]
    if (!kind) throw new Error(`what is this for? ${script}`)
    done.push(kind)
    scripts.set(kind, script)
    const facts = `machine x86_64\nprogram ${sha256}\nactive ${active}\nenabled ${enabled}\ntrace:/opt/pgsvc/bin/pgsvc yes\n`
    const usual: Partial<Record<Kind, Answer>> = {
      look: { stdout: facts },
      place: { stdout: `x86_64\n${sha256}  -\n` },
      leave: { stdout: '{"how":"plain","serviceDir":"/etc/haproxy/conf.d"}' },
    }
    return answers[kind]?.() ?? usual[kind] ?? {}
  })
  const ports = {
    connect: async () => session,
    become: { password: undefined },
    operator: 'dba',
    programs: {
      for: async () => ({
        ...{ path: '/p', head: Buffer.alloc(0), version: '1', sha256, bytes: 1 },
        packed: async () => Buffer.from('x'),
      }),
    },
    controller: {
      presence: async () => undefined,
      certificates: async () => ({ certificates: [], authorities: [] }),
      sign: async () => ({ certPem: 'c', caPem: 'a' }),
      revoke: async () => undefined,
      forget: async () => undefined,
    },
  }
  const listener = { begin: () => undefined, done: () => undefined }
  const options = { node: 'n1', units: {}, check: false }
  const error = await unenrollNode(ports, options, listener, new AbortController().signal).then(
    () => undefined,
    (cause: unknown) => (cause instanceof AppError ? cause : Promise.reject(cause)),
  )
  return { error, done, again: scripts.get('start again') ?? '' }
}

function timeOut(): never {
  throw new AppError('REMOTE_TIMEOUT', 'n1 did not come to an end within 1 ms')
}

test('nothing fails: nothing is started again', async () => {
  const { error, done } = await unenrol({})
  expect(error).toBeUndefined()
  expect(done).toEqual(['look', 'place', 'can leave', 'stop', 'leave', 'remove'])
})

test.each([
  ['does not work', () => ({ status: 1 })],
  ['takes too long', timeOut],
])('a stop that %s leaves the agent as it was', async (_name, stop) => {
  const { error, done } = await unenrol({ stop })
  expect(error?.message).toContain('; the agent was started again')
  expect(done.slice(-2)).toEqual(['stop', 'start again'])
})

test.each([
  ['active', 'enabled', ['enable', 'start']],
  ['active', 'disabled', ['start']],
  ['inactive', 'enabled', ['enable']],
])('of an agent that was %s and %s exactly that comes back', async (active, enabled, verbs) => {
  const { again } = await unenrol({ leave: () => ({ status: 1, stderr: 'no' }) }, active, enabled)
  expect([...again.matchAll(/systemctl (\w+)/g)].map(([, verb]) => verb)).toEqual(verbs)
})

test('no agent is started against a leave that may still run, and that is said', async () => {
  const { error, done } = await unenrol({ leave: timeOut })
  expect(error?.code).toBe('REMOTE_TIMEOUT')
  expect(error?.message).toContain('it may go on there; the agent is stopped and disabled')
  expect(done.slice(-1)).toEqual(['leave'])
})

test('an agent that cannot be started again is told of with the reason', async () => {
  const { error } = await unenrol({
    leave: () => ({ status: 1, stderr: 'no' }),
    'start again': () => ({ status: 1, stderr: 'Job failed' }),
  })
  expect(error?.message).toContain('could not be started again: Job failed')
})

import { expect, test } from 'vitest'
import type { Located } from '../../../agent/haproxy/locate.ts'
import { reloadAndConfirm } from '../../../agent/haproxy/reload.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

function proc(
  reloads: number,
  failed: number,
  workers: readonly number[],
  old: readonly number[] = [],
  master = 1,
): string {
  const row = (pid: number) => `${pid} worker 0 0d00h00m01s 2.6.12\n`
  return `#<PID> <type> <reloads> <uptime> <version>\n${master} master ${reloads} [failed: ${failed}] 0d 2.6.12\n# workers\n${workers.map(row).join('')}# old workers\n${old.map(row).join('')}# programs\n`
}

/** Takes a command and never answers. */
const silence = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })

type Answers = Readonly<Record<string, readonly (string | Error)[]>>

/** Answers each command from its list; the last answer stays. Silence takes all the time there is. */
function scripted(answers: Answers, command: readonly string[] = [], masterWorker = true) {
  let now = 0
  const asked: string[] = []
  const ran: string[] = []
  const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]))
  const located: Located = {
    layout: { kind: 'conf.d', serviceDir: '/s', workDir: '/w', reserved: new Set() },
    running: { pid: 1, configPaths: [], masterSocket: '/m', masterWorker },
    configPaths: [],
    masterSocket: 'show proc' in answers ? '/m' : undefined,
    statsSocket: '/stats',
  }
  const ports = {
    cli: {
      ask: async (_path: string, what: string, timeoutMs: number) => {
        asked.push(what)
        const list = left.get(what) ?? ['']
        const answer = list.length > 1 ? list.shift() : list[0]
        if (answer === silence) now += timeoutMs
        if (answer instanceof Error) throw answer
        return answer ?? ''
      },
    },
    exec: {
      run: async (file: string, args: readonly string[]) => {
        ran.push([file, ...args].join(' '))
        return { status: 0, stdout: '', stderr: '' }
      },
    },
    clock: {
      now: () => now,
      monotonic: () => now,
      sleep: async (ms: number) => {
        now += ms
      },
    },
  }
  const result = reloadAndConfirm(ports, located, { command, timeoutMs: 3_000 })
  return { asked, ran, result, elapsedMs: () => now }
}

test('before 2.7: silence and refusals while the master re-executes itself are waited out', async () => {
  const { result, asked } = scripted({
    'show proc': [proc(3, 0, [10]), refused, refused, proc(3, 0, [10]), proc(4, 0, [11], [10])],
    reload: [''],
    'show info': ['Pid: 10\n', 'Pid: 11\n'],
  })

  expect(await result).toEqual({ kind: 'reloaded', workerPid: 11 })
  expect(asked.filter((what) => what === 'reload')).toHaveLength(1)
})

test('before 2.7: a reload that the master never counted is asked for again', async () => {
  const uncounted = Array.from({ length: 110 }, () => proc(3, 0, [10]))
  const { result, asked } = scripted({
    'show proc': [...uncounted, proc(4, 0, [11], [10])],
    reload: [refused, ''],
    'show info': ['Pid: 11\n'],
  })

  expect(await result).toEqual({ kind: 'reloaded', workerPid: 11 })
  expect(asked.filter((what) => what === 'reload')).toHaveLength(2)
})

test('before 2.7: a failure counter that rose is a failure, the old worker goes on', async () => {
  const { result } = scripted({ 'show proc': [proc(3, 0, [10]), proc(4, 1, [10])], reload: [''] })

  expect(await result).toMatchObject({ kind: 'failed', step: 'reload', code: 'RELOAD_FAILED' })
})

test('several reloads at once may count as one or as many', async () => {
  const { result } = scripted({
    'show proc': [proc(3, 0, [10]), proc(9, 0, [14], [10, 11])],
    reload: [''],
    'show info': ['Pid: 14\n'],
  })

  expect(await result).toEqual({ kind: 'reloaded', workerPid: 14 })
})

test('from 2.7: a refusal comes with the reason, and nothing is waited for', async () => {
  const { result, asked } = scripted({
    'show proc': [proc(3, 0, [10])],
    reload: ['Success=0\n--\n[ALERT] cannot bind\n'],
  })

  expect(await result).toMatchObject({ kind: 'failed', step: 'reload', words: '[ALERT] cannot bind' })
  expect(asked).toEqual(['show proc', 'reload'])
})

test('from 3.1: a survivor under old workers is no new worker', async () => {
  const { result } = scripted({
    'show proc': [proc(3, 1, [], [10]), proc(4, 0, [12], [10])],
    reload: ['Success=1\n'],
    'show info': ['Pid: 12\n'],
  })

  expect(await result).toEqual({ kind: 'reloaded', workerPid: 12 })
})

test('a HAProxy that was restarted meanwhile has read the new set', async () => {
  const restarted = proc(0, 0, [21], [], 20)
  const { result } = scripted({
    'show proc': [proc(3, 0, [10]), refused, restarted],
    reload: [refused],
    'show info': [refused, 'Pid: 21\n'],
  })

  expect(await result).toEqual({ kind: 'reloaded', workerPid: 21 })
})

test('a new worker that never answers is not confirmed', async () => {
  const { result } = scripted({
    'show proc': [proc(3, 0, [10]), proc(4, 0, [11], [10])],
    reload: [''],
    'show info': ['Pid: 10\n'],
  })

  expect(await result).toMatchObject({ kind: 'failed', step: 'confirm', code: 'RELOAD_NOT_CONFIRMED' })
})

test('without a master socket the command is run and the pid has to change', async () => {
  const { result, ran } = scripted({ 'show info': ['Pid: 10\n', 'Pid: 10\n', 'Pid: 11\n'] }, [
    'systemctl',
    'reload',
    'haproxy',
  ])

  expect(await result).toEqual({ kind: 'reloaded', workerPid: 11 })
  expect(ran).toEqual(['systemctl reload haproxy'])
})

test('a HAProxy without a master gets no signal, which would end it', async () => {
  const { result, ran } = scripted({ 'show info': ['Pid: 10\n'] }, [], false)

  expect(await result).toMatchObject({ kind: 'failed', code: 'HAPROXY_UNREACHABLE' })
  expect(ran).toEqual([])
})

test('a HAProxy that cannot be asked is not reloaded', async () => {
  const { result, ran } = scripted({ 'show info': [refused] }, ['systemctl', 'reload', 'haproxy'])

  expect(await result).toMatchObject({ kind: 'failed', code: 'HAPROXY_UNREACHABLE' })
  expect(ran).toEqual([])
})

const backlogFull = Object.assign(new Error('connect EAGAIN'), { code: 'EAGAIN' })

test.each([
  ['takes commands and never answers', silence],
  ['accepts no more, since nobody answers those before', backlogFull],
])('a master that %s is not reloaded, by no way', async (_what, silent) => {
  const { result, asked, ran, elapsedMs } = scripted({ 'show proc': [silent], 'show info': ['Pid: 10\n'] })

  expect(await result).toMatchObject({ kind: 'failed', step: 'reload', code: 'HAPROXY_UNREACHABLE' })
  expect(new Set(asked)).toEqual(new Set(['show proc']))
  expect(ran).toEqual([])
  expect(elapsedMs()).toBeLessThanOrEqual(3_000)
})

test.each([
  ['the reload', { 'show proc': [proc(3, 0, [10])], reload: [silence] }],
  ['looks at its processes', { 'show proc': [proc(3, 0, [10]), silence], reload: [''] }],
  [
    'the new worker',
    {
      'show proc': [proc(3, 0, [10]), proc(4, 0, [11], [10])],
      reload: [''],
      'show info': [silence],
    },
  ],
])(
  'silence after it was asked is not confirmed, within the time that was given: %s',
  async (_what, answers) => {
    const { result, elapsedMs } = scripted(answers)

    expect(await result).toMatchObject({ kind: 'failed', step: 'confirm', code: 'RELOAD_NOT_CONFIRMED' })
    expect(elapsedMs()).toBeLessThanOrEqual(3_000 + 10)
  },
)

test('a master that is busy for a while is waited for', async () => {
  const { result } = scripted({
    'show proc': [backlogFull, backlogFull, proc(3, 0, [10]), proc(4, 0, [11], [10])],
    reload: [''],
    'show info': ['Pid: 11\n'],
  })

  expect(await result).toEqual({ kind: 'reloaded', workerPid: 11 })
})

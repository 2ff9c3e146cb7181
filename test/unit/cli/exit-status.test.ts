import { expect, test } from 'vitest'
import { verbStatus } from '../../../controller/cli/act-command.ts'
import type { AdminClient } from '../../../controller/cli/admin-client.ts'
import type { PublishEnd } from '../../../controller/cli/publish-end.ts'
import { readArguments, runSvc } from '../../../controller/cli/svc-command.ts'
import type { Terminal } from '../../../controller/cli/terminal.ts'
import { AppError } from '../../../shared/errors/app-error.ts'
import type { HistoryResponse__Output } from '../../../shared/rpc/generated/pgsvc/v1/HistoryResponse.ts'
import type { PublishEvent } from '../../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import { event, stateOf } from './events.ts'

interface Seen {
  out: string
  readonly terminal: Terminal
}

function terminal(interrupted = false): Seen {
  const seen: Seen = {
    out: '',
    terminal: {
      env: {},
      isTty: false,
      stdout: (text) => {
        seen.out += text
      },
      stderr: () => undefined,
      setExitCode: () => undefined,
      size: () => ({ columns: 80, rows: 24 }),
      monotonic: () => 0,
      onInterrupt: (listener) => {
        if (interrupted) listener()
        return () => undefined
      },
    },
  }
  return seen
}

/** Gives the events, then fails with `code` when there is one. */
function clientOf(events: readonly PublishEvent[], code?: string): AdminClient {
  return {
    async *act() {
      for (const one of events) yield event(one)
      if (code !== undefined) throw new AppError(code, 'as the test wants it')
    },
    status: () => Promise.reject(new Error('not asked for')),
    history: () => Promise.resolve<HistoryResponse__Output>({ revisions: [], acts: [] }),
    leaders: () => Promise.reject(new Error('not asked for')),
    events: () => {
      throw new Error('not asked for')
    },
    relay: () => {
      throw new Error('not asked for')
    },
    ask: () => Promise.reject(new Error('not asked for')),
    close: () => undefined,
  }
}

const good = { result: { ok: true, committed: true } }
const bad = { result: { ok: false } }
const committed = { committed: {} }

test.each([
  ['done', [good], undefined, 0, 0],
  ['nothing to do', [{ result: { ok: true, nothingToDo: true } }], undefined, 0, 0],
  ['refused', [bad], undefined, 2, 4],
  ['committed, a node failed', [committed, { result: { ok: false, committed: true } }], undefined, 2, 4],
  ['the controller is not there', [], 'CONTROLLER_UNREACHABLE', 2, 4],
  ['the controller went silent after the commit', [committed], 'CONTROLLER_SILENT', 2, 4],
  ['the operator is refused', [], 'OPERATOR_REFUSED', 2, 4],
  ['the stream ended without a result', [committed], undefined, 2, 4],
])('%s', async (_name, events, code, forCluster, forNodes) => {
  const open = () => Promise.resolve(clientOf(events, code))

  expect(await runSvc(['pg-test'], terminal().terminal, open)).toBe(forCluster)
  expect(await runSvc(['pg-test', '10.10.10.11'], terminal().terminal, open)).toBe(forNodes)
})

test('interrupted before anything was heard: 2, and nothing has changed', async () => {
  const seen = terminal(true)

  const exit = await runSvc(['pg-test'], seen.terminal, () => Promise.resolve(clientOf([], 'CANCELLED')))

  expect(exit).toBe(2)
  expect(seen.out).toContain('interrupted: nothing has changed on any node')
})

test('a certificate that cannot be read is a failure, said in words', async () => {
  const seen = terminal()

  const exit = await runSvc(['pg-test'], seen.terminal, () =>
    Promise.reject(new AppError('OPERATOR_CERTIFICATE', 'cannot read --tls-ca')),
  )

  expect(exit).toBe(2)
  expect(seen.out).toContain('OPERATOR_CERTIFICATE: cannot read --tls-ca')
})

test.each([
  [[], 1],
  [[''], 1],
  [['  '], 1],
  [['', '10.10.10.11'], 1],
  [['--check'], 1],
  [['pg-test', '--timeout'], 1],
  [['pg-test', '--timeout', '0'], 1],
  [['pg-test', '--timeout', '1e3'], 1],
  [['pg-test', '--controller', ''], 1],
  [['pg-test', ''], 3],
  [['pg-test', '10.10.10.11', '999.999.999.999'], 3],
  [['--help'], 0],
  [['pg-test', 'nonsense', '-h'], 0],
])('arguments %j end with %i before anything is done', (argv, exit) => {
  expect(readArguments(argv, {})).toMatchObject({ exit })
})

test.each([
  [['pg-*'], 'pg-*'],
  [['a:b'], 'a:b'],
  [['100%s'], '100%s'],
  [['!pg-test'], '!pg-test'],
])('%j is a pattern like any other', (argv, cls) => {
  expect(readArguments(argv, {})).toMatchObject({ cls, addresses: [] })
})

test.each<[PublishEnd, number]>([
  [{ kind: 'error', error: new AppError('CONTROLLER_UNREACHABLE', ''), committed: 'no' }, 3],
  [{ kind: 'error', error: new AppError('CONTROLLER_SILENT', ''), committed: 'unknown' }, 3],
  [{ kind: 'error', error: new AppError('CONTROLLER_FAILED', ''), committed: 'no' }, 1],
  [{ kind: 'interrupted', committed: 'no' }, 1],
  [{ kind: 'result' }, 1],
])('a verb of pgsvc that ends with %j', (end, exit) => {
  expect(verbStatus(stateOf(bad), end)).toBe(exit)
})

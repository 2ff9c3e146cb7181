import { execFileSync } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PublishEvent } from '../../shared/rpc/generated/pgsvc/v1/PublishEvent.ts'
import { type ActStream, type FakeController, startFakeController } from './cli-fake-controller.ts'
import { runCommand, startCommand } from './cli-process.ts'

let fake: FakeController

beforeAll(async () => {
  fake = await startFakeController()
})
afterAll(() => fake.stop())
beforeEach(() => {
  fake.script = {}
  fake.requests.length = 0
})

const nodes = ['10.10.10.11', '10.10.10.12']
const targets: PublishEvent = {
  targets: { publishId: 'p-1', owners: [{ owner: 'pg-test', nodes, provider: '' }] },
}
const committed: PublishEvent = {
  committed: { revisions: [{ owner: 'pg-test', revision: 8, created: true }] },
}

function play(...events: PublishEvent[]): void {
  fake.script = {
    act: async (_method, _request, stream) => {
      for (const event of events) stream.send(event)
    },
  }
}

function result(ok: boolean, wasCommitted: boolean, nothingToDo = false): PublishEvent {
  return { result: { ok, committed: wasCommitted, nothingToDo, errors: [] } }
}

function svc(...args: string[]) {
  return runCommand('pgsql-svc', args, { PGSVC_CONTROLLER: fake.address })
}

test('a publish that works is told node by node and ends with 0', async () => {
  play(
    targets,
    { progress: { node: '10.10.10.11', stage: 'STAGE_VALIDATE', elapsedMs: 41 } },
    committed,
    {
      node: {
        node: '10.10.10.11',
        outcome: 'NODE_OUTCOME_RELOADED',
        timings: { reloadMs: 52 },
        reasons: ['pg-test-replica.cfg changed'],
      },
    },
    { node: { node: '10.10.10.12', outcome: 'NODE_OUTCOME_UNCHANGED' } },
    result(true, true),
  )

  const run = await svc('pg-test', '10.10.10.11', '10.10.10.12', '10.10.10.11')

  expect(run.status).toBe(0)
  expect(run.stdout).toContain('[ .. ] 10.10.10.11  validated (41 ms)\n')
  expect(run.stdout).toContain('[ OK ] 10.10.10.11  reloaded in 52 ms (pg-test-replica.cfg changed)\n')
  expect(run.stdout).toContain('[ OK ] 10.10.10.12  unchanged\n')
  expect(run.stdout).toContain(
    '[ OK ] reload pgsql services for 10.10.10.11 10.10.10.12 of pg-test complete!\n',
  )
  expect(run.stdout).not.toContain('\u001b')
  expect(run.stderr).toBe('')
  expect(fake.requests[0]?.request).toMatchObject({
    pattern: 'pg-test',
    nodes,
    options: { check: false, diff: false, timeoutMs: 0 },
  })
})

test.each([
  ['2 when the cluster failed', ['pg-test'], 2],
  ['4 when named nodes failed', ['pg-test', '10.10.10.12'], 4],
])('exit status %s', async (_name, args, expected) => {
  play(
    targets,
    {
      node: {
        node: '10.10.10.12',
        outcome: 'NODE_OUTCOME_REFUSED',
        fault: {
          stage: 'STAGE_VALIDATE',
          code: 'HAPROXY_REFUSED',
          owner: 'pg-test',
          file: 'pg-test-replica.cfg',
          line: 12,
          message: 'HAProxy refuses the new files',
          haproxy: "[ALERT] parsing [pg-test-replica.cfg:12]: unknown keyword 'sever'\n",
        },
      },
    },
    result(false, false),
  )

  const run = await svc(...args)

  expect(run.status).toBe(expected)
  expect(run.stdout).toContain('[FAIL] 10.10.10.12  refused: pg-test-replica.cfg:12: HAPROXY_REFUSED')
  expect(run.stdout).toContain("    [ALERT] parsing [pg-test-replica.cfg:12]: unknown keyword 'sever'\n")
  expect(run.stdout).toContain('[WARN] nothing has changed on any node\n')
})

test.each([
  ['no cluster', [], 1, 'pg_cluster is empty'],
  ['an empty cluster', [''], 1, 'pg_cluster is empty'],
  ['an unknown flag', ['pg-test', '--nope'], 1, "unknown option '--nope'"],
  ['a time-out that is no number', ['pg-test', '--timeout', 'soon'], 1, 'give seconds'],
  [
    'a controller that is no address',
    ['pg-test', '--controller', 'somewhere'],
    1,
    'CONTROLLER_ADDRESS_INVALID',
  ],
  [
    'a bad address beside a good one',
    ['pg-test', '10.10.10.11', 'x10.10.10.11y'],
    3,
    'invalid ip address given: x10.10.10.11y',
  ],
])('%s: nothing is asked of the controller', async (_name, args, expected, words) => {
  const run = await svc(...args)

  expect(run.status).toBe(expected)
  expect(run.stdout).toContain(words)
  expect(fake.requests).toEqual([])
})

test.each([
  [['-i', 'other.yml'], '--inventory'],
  [['--user', 'dba'], '--user'],
  [['--accept-new'], '--accept-new'],
])('%j without --ssh is refused: nobody would look at it', async (flags, name) => {
  const run = await runCommand('pgsql-svc', ['pg-test', ...flags], { PGSVC_CONTROLLER: fake.address })

  expect(run.status).toBe(1)
  expect(run.stdout).toContain(`${name} is for --ssh alone`)
  expect(fake.requests).toEqual([])
})

test.each([
  [['pg-test'], 2],
  [['pg-test', '10.10.10.11'], 4],
])('a controller that is not there: %j ends with %i and says where it looked', async (args, expected) => {
  const run = await runCommand('pgsql-svc', args, { PGSVC_CONTROLLER: 'unix:/nonexistent/controller.sock' })

  expect(run.status).toBe(expected)
  expect(run.stdout).toContain('no controller answers at unix:/nonexistent/controller.sock')
  expect(run.stdout).toContain('PGSVC_CONTROLLER')
})

test('an error of the controller is told in its own words', async () => {
  fake.script = {
    act: async (_method, _request, stream) => stream.fail(status.INTERNAL, 'the database is gone'),
  }

  const run = await svc('pg-test')

  expect(run.status).toBe(2)
  expect(run.stdout).toContain('the database is gone')
})

test('a controller that dies after the commit point leaves no doubt about it', async () => {
  fake.script = {
    act: async (_method, _request, stream) => {
      stream.send(targets)
      stream.send(committed)
      stream.fail(status.UNAVAILABLE, 'shutting down')
    },
  }

  const run = await svc('pg-test')

  expect(run.status).toBe(2)
  expect(run.stdout).toContain('committed pg-test@8')
})

test('--check asks for a check and says that nothing was changed', async () => {
  play(
    targets,
    {
      node: {
        node: '10.10.10.11',
        outcome: 'NODE_OUTCOME_WOULD_RELOAD',
        reasons: ['pg-test-primary.cfg changed'],
      },
    },
    result(true, false),
  )

  const run = await svc('--check', 'pg-test', '--timeout', '1.5', '--allow-shrink')

  expect(run.status).toBe(0)
  expect(run.stdout).toContain('[ OK ] 10.10.10.11  would reload (pg-test-primary.cfg changed)\n')
  expect(run.stdout).toContain('nothing was changed')
  expect(fake.requests[0]?.request.options).toMatchObject({ check: true, timeoutMs: 1500, allowShrink: true })
})

test('nothing to do is said as such', async () => {
  play(
    targets,
    ...nodes.map((node): PublishEvent => ({ node: { node, outcome: 'NODE_OUTCOME_UNCHANGED' } })),
    result(true, false, true),
  )

  const run = await svc('pg-test')

  expect(run.status).toBe(0)
  expect(run.stdout).toContain('[ OK ] nothing to do: pg-test is as it should be on 2 nodes\n')
})

test('--diff prints a diff that several nodes share once', async () => {
  const unified = '--- a/pg-test-primary.cfg\n+++ b/pg-test-primary.cfg\n@@ -1 +1 @@\n-old\n+new\n'
  play(
    targets,
    ...nodes.map((node): PublishEvent => ({ diff: { node, file: 'pg-test-primary.cfg', unified } })),
    result(true, false),
  )

  const run = await svc('pg-test', '--check', '--diff', '--color')

  expect(fake.requests[0]?.request.options).toMatchObject({ diff: true })
  expect(run.stdout).toContain('pg-test-primary.cfg on 10.10.10.11 10.10.10.12')
  expect(run.stdout.split('+new')).toHaveLength(2)
  expect(run.stdout).toContain('\u001b[32m+new\u001b[0m\n')
})

test('--json is one object per line, and the last has everything', async () => {
  play(
    targets,
    committed,
    { node: { node: '10.10.10.11', outcome: 'NODE_OUTCOME_RELOADED', timings: { reloadMs: 52 } } },
    { node: { node: '10.10.10.12', outcome: 'NODE_OUTCOME_OFFLINE' } },
    result(false, true),
  )

  const run = await svc('pg-test', '--json')

  const lines = run.stdout
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
  expect(run.status).toBe(2)
  expect(lines.map((line) => line.event)).toEqual(['targets', 'committed', 'node', 'node', 'summary'])
  expect(lines.at(-1)).toMatchObject({
    ok: false,
    committed: true,
    exit: 2,
    publish_id: 'p-1',
    revisions: [{ owner: 'pg-test', revision: 8, created: true }],
    nodes: [
      { node: '10.10.10.11', outcome: 'reloaded', timings: { reload_ms: 52 } },
      { node: '10.10.10.12', outcome: 'offline' },
    ],
  })
})

test('--json of wrong arguments is JSON too', async () => {
  const run = await svc('pg-test', '10.10.10', '--json')

  expect(run.status).toBe(3)
  expect(JSON.parse(run.stdout)).toMatchObject({
    event: 'summary',
    ok: false,
    exit: 3,
    errors: [{ code: 'ADDRESS_INVALID' }],
  })
})

/** Sends some events, then waits for the caller to cancel. */
function playThenWait(acts: string[], ...events: PublishEvent[]): Promise<void> {
  return new Promise((resolve) => {
    fake.script = {
      act: async (_method, _request, stream: ActStream) => {
        for (const event of events) stream.send(event)
        await stream.cancelled
        resolve()
      },
      history: { acts: acts.map((publishId) => ({ publishId, outcome: 'committed' })) },
    }
  })
}

const progress: PublishEvent = { progress: { node: '10.10.10.11', stage: 'STAGE_STAGE', elapsedMs: 2 } }

test.each([
  [['pg-test'], 2],
  [['pg-test', '10.10.10.11'], 4],
])('Ctrl-C before the commit point cancels %j and says that nothing has changed', async (args, expected) => {
  const cancelled = playThenWait(['another'], targets, progress)
  const run = startCommand('pgsql-svc', args, { PGSVC_CONTROLLER: fake.address })
  await run.said('staged')

  run.child.kill('SIGINT')

  await cancelled
  const finished = await run.done
  expect(finished.status).toBe(expected)
  expect(finished.stdout).toContain('interrupted: nothing has changed on any node')
})

test('Ctrl-C after the commit point says what is committed', async () => {
  const cancelled = playThenWait([], targets, committed, progress)
  const run = startCommand('pgsql-svc', ['pg-test'], { PGSVC_CONTROLLER: fake.address })
  await run.said('committed')

  run.child.kill('SIGINT')

  await cancelled
  const finished = await run.done
  expect(finished.status).toBe(2)
  expect(finished.stdout).toContain('interrupted: committed pg-test@8')
})

test('Ctrl-C in the moment of the commit: the record of acts decides what is said', async () => {
  const cancelled = playThenWait(['p-1'], targets, progress)
  const run = startCommand('pgsql-svc', ['pg-test'], { PGSVC_CONTROLLER: fake.address })
  await run.said('staged')

  run.child.kill('SIGINT')

  await cancelled
  const finished = await run.done
  expect(finished.status).toBe(2)
  expect(finished.stdout).toContain('interrupted: it was committed')
})

test('Ctrl-C in the first publish of a cluster: there is no record yet, so nothing has changed', async () => {
  const cancelled = playThenWait([], targets, progress)
  fake.script.historyUnknown = 'OWNER_UNKNOWN: nothing was ever published of pg-test'
  const run = startCommand('pgsql-svc', ['pg-test'], { PGSVC_CONTROLLER: fake.address })
  await run.said('staged')

  run.child.kill('SIGTERM')

  await cancelled
  expect((await run.done).stdout).toContain('interrupted: nothing has changed on any node')
})

test('a reader that goes away does not end a publish', async () => {
  let finish: () => void = () => undefined
  const mayFinish = new Promise<void>((resolve) => {
    finish = resolve
  })
  fake.script = {
    act: async (_method, _request, stream) => {
      stream.send(targets)
      await mayFinish
      stream.send(progress)
      stream.send(result(true, true))
    },
  }
  const run = startCommand('pgsql-svc', ['pg-test'], { PGSVC_CONTROLLER: fake.address })
  await run.said('pg-test')

  run.child.stdout?.destroy()
  finish()

  expect((await run.done).status).toBe(0)
})

test('the launcher works through a symbolic link from another directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pgsvc-link-'))
  const link = join(directory, 'pgsql-svc')
  await symlink(join(import.meta.dirname, '../../bin/pgsql-svc'), link)
  try {
    expect(readlinkSync(link)).toContain('bin/pgsql-svc')
    expect(execFileSync(link, ['--help'], { cwd: '/', encoding: 'utf8' })).toContain(
      'pgsql-svc <cls> [ip...]',
    )
  } finally {
    await rm(directory, { recursive: true })
  }
})

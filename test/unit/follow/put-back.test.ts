import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createOwedFile, type Owed, type OwedFile, withOwed } from '../../../agent/follow/owed.ts'
import { commandsFor, createPutBack } from '../../../agent/follow/put-back.ts'
import type { Rows } from '../../../agent/follow/server-rows.ts'
import { parseServersState } from '../../../agent/server-state/rows.ts'
import { systemFiles } from '../../../shared/ports/files.ts'

const maxconn = { section: 'a', server: 's1', what: 'maxconn', value: 3_000, untilMs: 10 } as const
const weight = { section: 'a', server: 's1', what: 'weight', value: 80, untilMs: 20 } as const

const header =
  '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port'

function rowsWith(weightNow: number, server = 's1'): Rows {
  const row = `2 a 1 ${server} 10.0.0.1 2 0 ${weightNow} 80 5 6 3 4 6 0 0 0 - 5432 - 0 8008 - - 0`
  return parseServersState(`${header}\n${row}\n`) ?? new Map()
}

/** An HAProxy and a disk of which the test decides what they say at each second, and time that passes by itself. */
function world(owed: readonly Owed[] = []) {
  const stop = new AbortController()
  const at = {
    rows: rowsWith(0) as Rows | undefined,
    complaint: undefined as string | undefined,
    isBusy: false,
    second: (_second: number): void => undefined,
  }
  const told: string[] = []
  let seconds = 0
  let disk = owed
  const file: OwedFile = {
    read: async () => disk,
    async write(next) {
      disk = next
    },
  }
  const putBack = createPutBack({
    clock: {
      now: () => 1_000 + seconds * 1_000,
      monotonic: () => seconds * 1_000,
      async sleep() {
        seconds += 1
        at.second(seconds)
        if (seconds >= 10) stop.abort()
      },
    },
    log: { warn: () => undefined },
    file,
    rows: async () => at.rows,
    async tell(commands) {
      told.push(...commands)
      return at.complaint
    },
    exclusively: async (task) => (at.isBusy ? undefined : await task()),
  })
  return { at, told, putBack, disk: () => disk, run: () => putBack.run(stop.signal) }
}

test('a limit and a weight that was taken away are put back', () => {
  expect(commandsFor([maxconn, weight], rowsWith(0))).toEqual([
    'set maxconn server a/s1 3000',
    'set server a/s1 weight 80',
  ])
})

test('a weight that somebody has set since stays, and so does that of a server that is gone', () => {
  expect(commandsFor([weight], rowsWith(50))).toEqual([])
  expect(commandsFor([maxconn, weight], rowsWith(0, 's2'))).toEqual([])
})

test('a server can be owed both, and each once', () => {
  const later = { ...weight, untilMs: 30 }

  expect(withOwed([maxconn, weight], [later])).toEqual([maxconn, later])
})

test('an HAProxy that is silent when the time has come gets its weight back when it answers', async () => {
  const { at, told, disk, run } = world([maxconn, weight])
  at.rows = undefined
  at.second = (second) => {
    if (second === 3) at.rows = rowsWith(0)
    if (second === 4) at.rows = rowsWith(80)
  }

  await run()

  expect(told).toEqual(['set maxconn server a/s1 3000', 'set server a/s1 weight 80'])
  expect(disk()).toEqual([])
})

test('what HAProxy does not take is said again until it does', async () => {
  const { at, told, disk, run } = world([maxconn])
  at.complaint = 'Permission denied'
  at.second = (second) => {
    if (second === 3) at.complaint = undefined
  }

  await run()

  expect(told).toHaveLength(4)
  expect(disk()).toEqual([])
})

test('a worker that a reload started with the weight 0, since it was put back to the one before, gets it too', async () => {
  const { at, told, disk, run } = world([weight])
  at.second = (second) => {
    // The old worker had not told anybody of it when its states were taken.
    if (second === 1) at.rows = rowsWith(80)
    if (second === 3) at.rows = rowsWith(0)
    if (second === 5) at.rows = rowsWith(80)
    at.isBusy = second < 3
  }
  at.isBusy = true

  await run()

  expect(told).toEqual([
    'set server a/s1 weight 80',
    'set server a/s1 weight 80',
    'set server a/s1 weight 80',
  ])
  expect(disk()).toEqual([])
})

test('a server that others answer without is owed nothing', async () => {
  const { at, told, disk, run } = world([maxconn, weight])
  at.rows = rowsWith(0, 's2')

  await run()

  expect([told, disk()]).toEqual([[], []])
})

test('the weight of one that is spared no longer is put back at once, and again until it is seen', async () => {
  const { at, told, putBack, disk, run } = world()
  await putBack.note([{ ...weight, untilMs: 1_000_000 }])
  at.rows = undefined
  await putBack.weightsNow([weight])
  expect(told).toEqual([])
  at.rows = rowsWith(0)
  at.second = (second) => {
    if (second === 1) at.rows = rowsWith(80)
  }

  await run()

  expect(told).toEqual(['set server a/s1 weight 80'])
  expect(disk()).toEqual([])
})

test('what is noted before the disk was read does not replace what an agent before owed', async () => {
  const { putBack, disk } = world([{ ...weight, server: 's9' }])

  await putBack.note([maxconn])

  expect(disk()).toEqual([{ ...weight, server: 's9' }, maxconn])
})

test('several that write at the same time leave the file whole, with what was said last', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'pgsvc-owed-'))
  const file = createOwedFile(systemFiles(), dir)

  await Promise.all(Array.from({ length: 50 }, (_, value) => file.write([{ ...weight, value }])))

  expect(await file.read()).toEqual([{ ...weight, value: 49 }])
  await rm(dir, { recursive: true, force: true })
})

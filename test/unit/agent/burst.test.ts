import { describe, expect, test } from 'vitest'
import { createBurst, runNewest, type Verdict, type WaitingApply } from '../../../agent/session/burst.ts'
import { liesInContents } from '../../../shared/errors/fault.ts'

const options = { afterReloadMs: 1_000, quietMs: 250, maxWaitMs: 5_000 }

function burstAt(nowMs: number) {
  const time = { nowMs }
  const burst = createBurst({ monotonic: () => time.nowMs }, options)
  return { burst, time, versions: () => burst.take().map(({ snapshot }) => snapshot.version) }
}

const apply = (version: number): WaitingApply => ({
  ...{ nonce: `n${version}`, to: () => undefined, snapshot: { version, assignments: [] } },
  ...{ blobs: new Map(), set: undefined },
})

describe('an apply', () => {
  test('on its own is due at once', () => {
    const { burst, time, versions } = burstAt(0)
    expect(burst.dueInMs()).toBeUndefined()

    burst.add(apply(1))
    expect(burst.dueInMs()).toBe(0)
    expect(versions()).toEqual([1])
    expect(burst.dueInMs()).toBeUndefined()

    burst.reloaded()
    time.nowMs = 1_000
    burst.add(apply(2))
    expect(burst.dueInMs()).toBe(0)
  })

  test('right after a reload waits until nothing has come for a while', () => {
    const { burst, time, versions } = burstAt(0)
    burst.reloaded()
    time.nowMs = 100
    burst.add(apply(2))
    expect(burst.dueInMs()).toBe(250)

    time.nowMs = 300
    burst.stir()
    expect(burst.dueInMs()).toBe(250)
    time.nowMs = 400
    burst.add(apply(3))
    time.nowMs = 650
    expect(burst.dueInMs()).toBe(0)
    expect(versions()).toEqual([2, 3])
  })

  test('waits no longer than the longest time, however much comes', () => {
    const { burst, time } = burstAt(0)
    burst.reloaded()
    burst.add(apply(1))
    for (time.nowMs = 0; time.nowMs < 5_000; time.nowMs += 200) burst.stir()

    expect(burst.dueInMs()).toBe(0)
  })

  test('with the newest version comes last, whichever was added last', () => {
    const { burst, versions } = burstAt(0)
    burst.reloaded()
    burst.add(apply(2))
    burst.add(apply(4))
    burst.add(apply(3))

    expect(versions()).toEqual([2, 3, 4])
  })
})

describe('of six that wait', () => {
  /** What comes of each, with a verdict for each index that is run. */
  async function ran(verdicts: Readonly<Record<number, Verdict>>) {
    const runs: number[] = []
    const answers = await runNewest(
      6,
      async (index) => {
        runs.push(index)
        return { index, verdict: verdicts[index] ?? 'applied' }
      },
      ({ verdict }) => verdict,
    )
    return { runs, answers: answers.map(({ index, verdict }) => `${index} ${verdict}`) }
  }

  test('only the newest is applied, for all', async () => {
    expect(await ran({})).toEqual({ runs: [5], answers: Array(6).fill('5 applied') })
  })

  test('the one at fault and those after it are refused, those before it applied', async () => {
    expect(await ran({ 3: 'at-fault', 4: 'at-fault', 5: 'at-fault' })).toEqual({
      runs: [5, 2, 3],
      answers: [...Array(3).fill('2 applied'), '3 at-fault', '3 at-fault', '5 at-fault'],
    })
  })

  test('when the first is at fault all are refused', async () => {
    const all = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [i, 'at-fault' as const]))
    const { runs, answers } = await ran(all)

    expect(runs).toEqual([5, 2, 0])
    expect(answers).toEqual(['0', '0', '2', '2', '2', '5'].map((index) => `${index} at-fault`))
  })

  test('when the node itself fails nothing else is tried', async () => {
    expect(await ran({ 5: 'failed' })).toEqual({ runs: [5], answers: Array(6).fill('5 failed') })
  })

  test('when the node fails on the way, those not decided yet are told that', async () => {
    expect(await ran({ 3: 'failed', 5: 'at-fault' })).toEqual({
      runs: [5, 2, 3],
      answers: [...Array(3).fill('2 applied'), '3 failed', '3 failed', '5 at-fault'],
    })
  })
})

test.each([
  [{ stage: 'validate', code: 'HAPROXY_REFUSED', owner: 'pg-a' }, true],
  [{ stage: 'guard', code: 'TOO_MANY_FILES' }, true],
  [{ stage: 'receive', code: 'DIGEST_MISMATCH' }, true],
  [{ stage: 'validate', code: 'FOREIGN_FILE_BROKEN' }, false],
  [{ stage: 'stage', code: 'DISK_FULL' }, false],
  [{ stage: 'reload', code: 'RELOAD_FAILED' }, false],
  [{ stage: 'receive', code: 'AGENT_FAILED' }, false],
] as const)('%o lies in what was asked for: %s', (fault, expected) => {
  expect(liesInContents({ ...fault, message: 'no' })).toBe(expected)
})

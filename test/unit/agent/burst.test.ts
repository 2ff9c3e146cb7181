import { describe, expect, test } from 'vitest'
import { createBurst, type WaitingApply } from '../../../agent/session/burst.ts'
import { createMailbox, type Order } from '../../../agent/session/mailbox.ts'

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

    burst.add(apply(1), false)
    expect(burst.dueInMs()).toBe(0)
    expect(versions()).toEqual([1])
    expect(burst.dueInMs()).toBeUndefined()

    burst.reloaded()
    time.nowMs = 1_000
    burst.add(apply(2), false)
    expect(burst.dueInMs()).toBe(0)
  })

  test('right after a reload waits until nothing has come for a while', () => {
    const { burst, time, versions } = burstAt(0)
    burst.reloaded()
    time.nowMs = 100
    burst.add(apply(2), false)
    expect(burst.dueInMs()).toBe(250)

    time.nowMs = 300
    burst.stir()
    expect(burst.dueInMs()).toBe(250)
    time.nowMs = 400
    burst.add(apply(3), false)
    time.nowMs = 650
    expect(burst.dueInMs()).toBe(0)
    expect(versions()).toEqual([2, 3])
  })

  test('waits no longer than the longest time, however much comes', () => {
    const { burst, time } = burstAt(0)
    burst.reloaded()
    burst.add(apply(1), false)
    for (time.nowMs = 0; time.nowMs < 5_000; time.nowMs += 200) burst.stir()

    expect(burst.dueInMs()).toBe(0)
  })

  test('that is urgent takes with it what waits, and the newest version comes last', () => {
    const { burst, versions } = burstAt(0)
    burst.reloaded()
    burst.add(apply(2), false)
    burst.add(apply(4), true)
    burst.add(apply(3), false)

    expect(burst.dueInMs()).toBe(0)
    expect(versions()).toEqual([2, 3, 4])
    burst.add(apply(5), false)
    expect(burst.dueInMs()).toBe(250)
  })
})

describe('an urgent order', () => {
  const commit = (nonce: string): Order => ({ kind: 'commit', nonce, publishId: 'x', version: 1 })
  const snapshot = (version: number): Order => ({
    ...{ kind: 'snapshot', nonce: `s${version}`, snapshot: { version, assignments: [] } },
    blobs: new Map([[`b${version}`, '']]),
  })
  const nonces = (mailbox: ReturnType<typeof createMailbox>) => {
    const taken: string[] = []
    for (let one = mailbox.take(); one; one = mailbox.take()) {
      taken.push(`${'nonce' in one.order ? one.order.nonce : ''} ${one.urgency}`)
    }
    return taken
  }

  test('goes ahead of all that wait, in turn with others of its kind', () => {
    const mailbox = createMailbox()
    mailbox.put(commit('a'))
    mailbox.put(commit('u1'), 'urgent')
    mailbox.put(commit('b'))
    mailbox.put(commit('u2'), 'urgent')

    expect(nonces(mailbox)).toEqual(['u1 urgent', 'u2 urgent', 'a usual', 'b usual'])
  })

  test('hands its urgency on to a newer snapshot that takes its place', () => {
    const mailbox = createMailbox()
    mailbox.put(commit('a'))
    mailbox.put(snapshot(1), 'urgent')

    expect(mailbox.put(snapshot(2))).toMatchObject({ nonce: 's1' })
    expect(nonces(mailbox)).toEqual(['s2 urgent', 'a usual'])
  })
})

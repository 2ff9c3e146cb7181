import { expect, test } from 'vitest'
import { createLeaderChannel } from '../../../agent/follow/leader-channel.ts'
import {
  type LeaderReport,
  type LeaderStep,
  noTimings,
  unknownTimeline,
} from '../../../shared/model/leader.ts'

function report(step: LeaderStep, atMs: number): LeaderReport {
  const names = { owner: 'pg-a', leader: 'pg-a-2', before: '', source: 'patroni' }
  return { ...names, step, atMs, timings: noTimings, timeline: unknownTimeline, held: undefined }
}

function listening() {
  const told: string[] = []
  const send = ({ step, atMs, late }: LeaderReport) => void told.push(`${step} ${atMs}${late ? ' late' : ''}`)
  return { told, send }
}

test('steps that nobody could hear are told late, once, with their time, before what comes then', () => {
  const channel = createLeaderChannel()
  const { told, send } = listening()
  channel.report(report('suspected', 1))
  channel.report(report('confirmed', 2))
  channel.report(report('moved', 3))

  channel.attach(send)
  channel.report(report('suspected', 4))
  channel.detach()
  channel.attach(send)

  expect(told).toEqual(['confirmed 2 late', 'moved 3 late', 'suspected 4'])
})

test('only the last two hundred are kept', () => {
  const channel = createLeaderChannel()
  const { told, send } = listening()
  for (let i = 0; i < 1_000; i += 1) channel.report(report('held', i))

  channel.attach(send)

  expect([told.length, told[0], told.at(-1)]).toEqual([200, 'held 800 late', 'held 999 late'])
})

import { expect, test } from 'vitest'
import { frameExcess, maxWordBytes } from '../../../controller/stream/frame-bounds.ts'
import type { AgentMessage } from '../../../shared/rpc/generated/pgsvc/v1/AgentMessage.ts'
import { AgentService } from '../../../shared/rpc/services.ts'

const encoded = (message: AgentMessage) => AgentService.service.Connect.requestSerialize(message)
const file = (bytes: number) => ({ name: 'a.cfg', exists: true, content: Buffer.alloc(bytes) })
const half = maxWordBytes / 2

test('live files may be as big as they are, and nothing else', () => {
  expect(
    frameExcess(encoded({ ack: { liveFiles: Array.from({ length: 60 }, () => file(256 << 10)) } })),
  ).toBe(undefined)
  expect(frameExcess(encoded({ observation: { servicesDown: ['x'.repeat(maxWordBytes)] } }))).toContain(
    'bytes',
  )
  expect(frameExcess(encoded({ ack: { reasons: ['x'.repeat(maxWordBytes)] } }))).toContain('bytes')
})

test('there are no more live files than a node has, and those that it is to have', () => {
  const many = Array.from({ length: 10_001 }, () => file(1_000))

  expect(frameExcess(encoded({ ack: { liveFiles: many } }))).toBe('more than 10000 files')
  expect(frameExcess(encoded({ ack: { liveFiles: many.slice(1) } }))).toBe(undefined)
})

test('what comes in parts is counted together, whatever else is between', () => {
  const words = encoded({ observation: { servicesDown: ['x'.repeat(half)] } })
  const ack = encoded({ ack: { liveFiles: [file(half)] } })

  expect(frameExcess(Buffer.concat([words, ack]))).toBe(undefined)
  expect(frameExcess(Buffer.concat([words, ack, words]))).toContain('bytes')
})

test('bytes that are no message count as words, from where they are none', () => {
  const ack = encoded({ ack: { liveFiles: [file(maxWordBytes)] } })

  for (const odd of [
    [0x0b],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x12, 0xff, 0xff, 0xff, 0x7f],
  ]) {
    expect(frameExcess(Buffer.concat([ack, Buffer.from(odd)]))).toBe(undefined)
    expect(frameExcess(Buffer.concat([Buffer.from(odd), ack]))).toContain('bytes')
  }
})

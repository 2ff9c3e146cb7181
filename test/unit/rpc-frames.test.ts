import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createUnframer, frame } from '../../shared/rpc/frames.ts'

test('whatever the pieces, the messages that come out are those that went in', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 })
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sent, sizes) => {
      const bytes = Buffer.concat(sent.map((message) => frame(message)))
      const got: Uint8Array[] = []
      const take = createUnframer((message) => got.push(Uint8Array.from(message)))
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1
        take(bytes.subarray(at, at + size))
        at += size
      }
      expect(got).toEqual(sent)
    }),
  )
})

test('what cannot be a length is refused, and not waited for', () => {
  const take = createUnframer(() => undefined)
  expect(() => take(Buffer.from('Welcome to this host'))).toThrow(/which none of ours has/)
})

import { expect, test } from 'vitest'
import { parseAnswer } from '../../../agent/follow/plain-get.ts'

test('status and body of an answer', () => {
  expect(parseAnswer('HTTP/1.0 503 Service Unavailable\r\nServer: x\r\n\r\n{"a":1}')).toEqual({
    status: 503,
    body: '{"a":1}',
  })
  expect(parseAnswer('HTTP/1.1 200\n\n')).toEqual({ status: 200, body: '' })
})

test.each(['', 'HTTP/1.0 200 OK\r\nServer: x\r\n', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', '\r\n\r\n{}'])(
  'no answer: %j',
  (text) => {
    expect(parseAnswer(text)).toBeUndefined()
  },
)

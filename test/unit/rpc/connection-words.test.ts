import { expect, test } from 'vitest'
import { connectionWords } from '../../../shared/rpc/connection-words.ts'

test.each([
  [
    'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:9750. Resolution note: ',
    'connect ECONNREFUSED 127.0.0.1:9750',
  ],
  ['No connection established. Last error: null. Resolution note: ', ''],
  [
    'No connection established. Last error: connect EACCES /run/x (2026-11-27T10:00:00.123Z). Resolution note: ',
    'connect EACCES /run/x',
  ],
  ['CERTIFICATE_UNREADABLE: x', 'CERTIFICATE_UNREADABLE: x'],
])('%j', (details, words) => {
  expect(connectionWords(details)).toBe(words)
})

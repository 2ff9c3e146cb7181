import { expect, test } from 'vitest'
import { parseEnvironment, readSurroundings } from '../../../agent/haproxy/surroundings.ts'
import { systemFiles } from '../../../shared/ports/files.ts'

test('what a master tells itself at a reload is not told to another process', () => {
  const text = [
    'LIMIT=77=78',
    'EMPTY=',
    'HAPROXY_SITE=north',
    'HAPROXY_MWORKER_REEXEC=1',
    'HAPROXY_PROCESSES=|type=m',
    'NOTIFY_SOCKET=/run/systemd/notify',
    'no pair',
    '',
  ].join('\0')

  expect(parseEnvironment(text)).toEqual({ LIMIT: '77=78', EMPTY: '', HAPROXY_SITE: 'north' })
})

test.each([
  ['/tmp', '/tmp'],
  ['/tmp/pgsvc-nowhere (deleted)', '/'],
])('a master that works in %s is checked in %s', async (cwd, expected) => {
  const files = { ...systemFiles(), readLink: async () => cwd, read: async () => undefined }

  expect(await readSurroundings(files, 77)).toEqual({ cwd: expected, env: {} })
})

import { expect, test } from 'vitest'
import { parseShowProc, type ShowProc } from '../../../agent/haproxy/show-proc.ts'
import { judgeReload, parseReloadAnswer, parseVersion } from '../../../agent/haproxy/version.ts'

test.each([
  ['HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/', '2.6.12', 2, 6],
  ['HAProxy version 3.4.0-1 2026/05/01 - https://haproxy.org/', '3.4.0', 3, 4],
  ['HA-Proxy version 1.8.27-493ce0b 2020/11/06', '1.8.27', 1, 8],
])('%s', (output, text, major, minor) => {
  expect(parseVersion(output)).toEqual({ text, major, minor })
})

/** As the versions answer `show proc`. */
function proc(
  reloads: string,
  workers: readonly number[],
  old: readonly number[],
  version: string,
): ShowProc {
  const row = (pid: number) => `${pid}           worker          0               0d00h00m01s     ${version}`
  const text = [
    '#<PID>          <type>          <reloads>       <uptime>        <version>',
    `11              master          ${reloads}   0d00h00m07s     ${version}`,
    '# workers',
    ...workers.map(row),
    '# old workers',
    ...old.map(row),
    '# programs',
    '',
  ].join('\n')
  const found = parseShowProc(text)
  if (!found) throw new Error('no answer to show proc')
  return found
}

test.each([
  ['2.6: not counted yet', '1 [failed: 0]', [20], [], undefined],
  ['2.6: a new worker', '2 [failed: 0]', [30], [20], 30],
  ['2.6: counted, no worker yet', '2 [failed: 0]', [], [20], undefined],
  ['2.6: failed, the old worker stays', '2 [failed: 1]', [20], [], 'failed'],
  ['2.6: two asked for, one counted for both', '3 [failed: 0]', [40], [30, 20], 40],
  ['3.1: failed, the old worker is listed as old', '2 [failed: 1]', [], [20], 'failed'],
] as const)('%s', (_what, reloads, workers, old, expected) => {
  const before = proc('1 [failed: 0]', [20], [], '2.6.12')

  expect(judgeReload(before, proc(reloads, workers, old, '2.6.12'))).toBe(expected)
})

test('3.4: the second failure in a row does not grow the counter of failures', () => {
  const before = proc('2 [failed: 1]', [], [20], '3.4.0')

  expect(judgeReload(before, proc('2 [failed: 1]', [], [20], '3.4.0'))).toBeUndefined()
  expect(judgeReload(before, proc('3 [failed: 1]', [], [20], '3.4.0'))).toBe('failed')
  expect(judgeReload(before, proc('3 [failed: 0]', [30], [20], '3.4.0'))).toBe(30)
})

test.each([
  ['before 2.7: nothing', '', undefined],
  ['good, with a log', 'Success=1\n--\n[NOTICE] (1) : New worker (2) forked\n', true],
  ['bad', 'Success=0\n--\n[ALERT] (1) : cannot bind\n', false],
])('the answer to reload: %s', (_what, text, success) => {
  expect(parseReloadAnswer(text)?.success).toBe(success)
})

import { expect, test } from 'vitest'
import { currentWorker, parseShowProc, supersededWorkers } from '../../../agent/haproxy/show-proc.ts'

// As HAProxy 2.6.12 answered, trailing blanks included.
const running = `#<PID>          <type>          <reloads>       <uptime>        <version>      
24818           master          1 [failed: 0]   0d00h00m02s     2.6.12-1+deb12u4
# workers
24921           worker          0               0d00h00m01s     2.6.12-1+deb12u4
# programs

`
const failed = `#<PID>          <type>          <reloads>       <uptime>        <version>      
24818           master          2 [failed: 1]   0d00h00m07s     2.6.12-1+deb12u4
# workers
24921           worker          1               0d00h00m06s     2.6.12-1+deb12u4
# old workers
24700           worker          5               0d00h01m06s     2.6.12-1+deb12u4
# programs

`
// From 3.1 on the survivor of a failed reload stands under old workers.
const survivor = `#<PID>          <type>          <reloads>       <uptime>        <version>
11              master          3 [failed: 1]   0d00h00m07s     3.4.0
# workers
# old workers
15              worker          1               0d00h00m06s     3.4.0
# programs

`

test('reads pids, reload counter and failures', () => {
  expect(parseShowProc(running)).toEqual({
    masterPid: 24818,
    reloads: 1,
    failed: 0,
    workers: [24921],
    oldWorkers: [],
    processes: [{ pid: 24921, reloads: 0, uptimeS: 1 }],
  })
  expect(parseShowProc(failed)).toMatchObject({
    reloads: 2,
    failed: 1,
    workers: [24921],
    oldWorkers: [24700],
  })
})

test('after a failed reload the survivor is the current worker, wherever it is listed', () => {
  const proc = parseShowProc(survivor)

  expect(proc && currentWorker(proc)).toBe(15)
})

test('workers of before are told from the one that serves, with their age, the oldest first', () => {
  const older = survivor.replace(
    '# programs',
    '14              worker          3               2d03h04m05s     3.4.0\n# programs',
  )
  const [two, one] = [parseShowProc(failed), parseShowProc(older)]

  expect(two && supersededWorkers(two)).toEqual([{ pid: 24700, reloads: 5, uptimeS: 66 }])
  expect(one && supersededWorkers(one)).toEqual([{ pid: 14, reloads: 3, uptimeS: 183_845 }])
  expect(one && currentWorker(one)).toBe(15)
})

test('an answer that is none reads as none', () => {
  expect(parseShowProc('')).toBeUndefined()
  expect(parseShowProc('Unknown command: ...')).toBeUndefined()
})

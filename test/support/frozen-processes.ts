/** A HAProxy whose processes cannot be seen to change. */
import { type Cli, systemCli } from '../../agent/haproxy/cli.ts'
import { type Clock, systemClock } from '../../shared/ports/clock.ts'
import type { HaproxyLab } from './haproxy-lab.ts'

/** Every look at what does not change takes so long. */
const lookMs = 100

/**
 * `show proc` answers as it did before, and only the first reload is passed on, while `isFrozen` says so. Meanwhile
 * time flies: the limit can be one that a busy machine keeps when it is not frozen.
 *
 * The agent asks once more each second; that many reloads in a row would be another test.
 */
export async function frozenWhile(
  lab: HaproxyLab,
  isFrozen: () => Promise<boolean>,
): Promise<{ readonly cli: Cli; readonly clock: Clock }> {
  const real = systemCli()
  const frozen = await real.ask(lab.masterSocket, 'show proc', 2_000)
  let reloads = 0
  let aheadMs = 0
  const cli: Cli = {
    async ask(path, command, timeoutMs) {
      if (!['reload', 'show proc'].includes(command) || !(await isFrozen())) {
        return await real.ask(path, command, timeoutMs)
      }
      if (command === 'show proc') {
        aheadMs += lookMs
        return frozen
      }
      reloads += 1
      return reloads === 1 ? await real.ask(path, command, timeoutMs) : ''
    },
  }
  const clock = systemClock()
  return { cli, clock: { ...clock, monotonic: () => clock.monotonic() + aheadMs } }
}

/** As `frozenWhile`, for good, but every reload is passed on: for limits below the second after which it is repeated. */
export async function frozenForGood(lab: HaproxyLab): Promise<Cli> {
  const real = systemCli()
  const frozen = await real.ask(lab.masterSocket, 'show proc', 2_000)
  return {
    ask: (path, command, timeoutMs) =>
      command === 'show proc' ? Promise.resolve(frozen) : real.ask(path, command, timeoutMs),
  }
}

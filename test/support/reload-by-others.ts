/** A reload that somebody else than the agent asks for, Ansible for instance. */
import { showProc } from '../../agent/haproxy/ask-master.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { currentWorker } from '../../agent/haproxy/show-proc.ts'
import type { HaproxyLab } from './haproxy-lab.ts'

/** For the slowest machine: what comes true ends the wait at once. */
const patienceMs = 60_000
const pollMs = 15

/**
 * Loads the files; resolves when the new worker answers.
 *
 * A master that still re-executes itself for somebody else refuses connections, or loses what it was told. It is asked
 * again only when it has counted no reload: on a slow machine a second one would come in the middle of what the test does
 * next.
 *
 * @throws Error when HAProxy does not take the files, or nothing has come of it within a minute
 */
export async function reloadByOthers(lab: Pick<HaproxyLab, 'masterSocket' | 'workerPid'>): Promise<void> {
  const cli = systemCli()
  const end = performance.now() + patienceMs
  let before: number | undefined
  while (performance.now() < end) {
    const proc = await showProc(cli, lab.masterSocket)
    before ??= proc?.reloads
    if (proc !== undefined && proc.reloads === before) {
      // On 2.6 an error is also what a master that does reload answers with.
      await cli.ask(lab.masterSocket, 'reload', 2_000).catch(() => '')
    } else if (proc !== undefined) {
      if (proc.failed > 0) throw new Error('HAProxy did not take the files')
      if (currentWorker(proc) === (await lab.workerPid())) return
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new Error(`HAProxy has not reloaded within ${patienceMs} ms`)
}

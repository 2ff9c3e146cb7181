/**
 * One apply in a process of its own, which kills itself right before its n-th step. A step is a system call that
 * changes the disk, the start and the end of a program, and a reload being asked for and asked.
 */
import { join } from 'node:path'
import { pino } from 'pino'
import { createEngine, type Engine } from '../../../agent/apply/engine.ts'
import type { EngineOptions, EnginePorts } from '../../../agent/apply/engine-ports.ts'
import type { ApplyOutcome } from '../../../agent/apply/outcome.ts'
import { systemCli } from '../../../agent/haproxy/cli.ts'
import { systemAsker } from '../../../agent/server-state/ask.ts'
import { systemHandOver } from '../../../agent/server-state/hand-over.ts'
import { createBlobStore } from '../../../agent/state/blob-store.ts'
import { createStateFile } from '../../../agent/state/state-file.ts'
import { systemClock } from '../../../shared/ports/clock.ts'
import { systemDisk } from '../../../shared/ports/disk.ts'
import { systemExec } from '../../../shared/ports/exec.ts'
import { filesOver } from '../../../shared/ports/files.ts'
import { systemNames } from '../../../shared/ports/names.ts'
import { type OwnerFiles, snapshotOf } from '../../support/snapshots.ts'
import { steppingDisk } from '../../support/stepping-disk.ts'
import { unseenAddresses } from '../../support/unseen-addresses.ts'

export interface Task {
  readonly stateDir: string
  readonly options: EngineOptions
  readonly version: number
  readonly owners: Readonly<Record<string, OwnerFiles>>
  /** The leader whose variant is to be put in place of what is published already. */
  readonly follow?: { readonly owner: string; readonly leader: string } | undefined
  /** From 1; 0 never. */
  readonly killAt: number
  /** The reload is answered as HAProxy does that refuses it: the real one would try to bind for 2 s each time. */
  readonly isReloadRefused: boolean
}

export interface Done {
  readonly steps: readonly string[]
  readonly outcome: ApplyOutcome
}

async function main(task: Task): Promise<Done> {
  const steps: string[] = []
  const step = (what: string) => {
    steps.push(what)
    if (steps.length !== task.killAt) return
    process.kill(process.pid, 'SIGKILL')
    // Not one more instruction of ours, should the signal take its time.
    for (;;);
  }
  const files = unseenAddresses(filesOver(steppingDisk(systemDisk(), step)))
  const engine = await createEngine(portsOf(files, task, step), task.options)
  return { outcome: await applyOf(engine, task), steps }
}

async function applyOf(engine: Engine, { version, owners, follow }: Task): Promise<ApplyOutcome> {
  if (follow) return await engine.follow(follow.owner, follow.leader, 1)
  const { snapshot, blobs } = snapshotOf(version, owners)
  return await engine.apply(snapshot, blobs, () => undefined)
}

function portsOf(
  files: EnginePorts['files'],
  { stateDir, isReloadRefused }: Task,
  step: (what: string) => void,
): EnginePorts {
  const [exec, cli] = [systemExec(), systemCli()]
  const around = async <T>(what: string, work: () => Promise<T>) => {
    step(`before ${what}`)
    const answer = await work()
    step(`after ${what}`)
    return answer
  }
  return {
    files,
    clock: systemClock(),
    names: systemNames(),
    exec: { run: (file, args, limits) => around(`exec ${file}`, () => exec.run(file, args, limits)) },
    cli: {
      ask: (path, command, timeoutMs) => {
        const isRefused = isReloadRefused && command === 'reload'
        const ask = async () =>
          isRefused ? 'Success=0\n--\ncannot bind\n' : await cli.ask(path, command, timeoutMs)
        // Only looking changes nothing, and how often it looks is a matter of time.
        return command.startsWith('show ') ? ask() : around(command, ask)
      },
    },
    blobs: createBlobStore(files, join(stateDir, 'blobs')),
    stateFile: createStateFile(files, stateDir),
    states: { asker: systemAsker(), handOver: systemHandOver(), dir: join(stateDir, 'server-state') },
    log: pino({ level: 'silent' }),
  }
}

const input = process.argv[2]
if (input !== undefined) {
  const done = await main(JSON.parse(input) as Task) // written by our own test
  process.stdout.write(JSON.stringify(done))
}

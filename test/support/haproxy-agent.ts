/** The agent's engine over a lab's HAProxy. */
import { basename, join } from 'node:path'
import { pino } from 'pino'
import { createEngine, type Engine } from '../../agent/apply/engine.ts'
import type { EngineOptions, EnginePorts } from '../../agent/apply/engine-ports.ts'
import { systemCli } from '../../agent/haproxy/cli.ts'
import { systemAsker } from '../../agent/server-state/ask.ts'
import type { StatePorts } from '../../agent/server-state/carried-reload.ts'
import { systemHandOver } from '../../agent/server-state/hand-over.ts'
import { type BlobStore, createBlobStore } from '../../agent/state/blob-store.ts'
import { createStateFile } from '../../agent/state/state-file.ts'
import { systemClock } from '../../shared/ports/clock.ts'
import { type Exec, systemExec } from '../../shared/ports/exec.ts'
import { systemFiles } from '../../shared/ports/files.ts'
import { systemNames } from '../../shared/ports/names.ts'
import type { HaproxyLab } from './haproxy-lab.ts'
import { type OwnerFiles, service, snapshotOf } from './snapshots.ts'

export { type OwnerFiles, service, snapshotOf }

export interface TestEngine extends Engine {
  /** Arguments of every `haproxy -c` so far. */
  readonly checks: (readonly string[])[]
  readonly options: EngineOptions
  readonly blobs: BlobStore
  /** Applies a snapshot and says what came of it. */
  publish(version: number, owners: Readonly<Record<string, OwnerFiles>>): ReturnType<Engine['apply']>
}

export function optionsFor(lab: HaproxyLab): EngineOptions {
  return {
    node: 'node-1',
    follow: 'on',
    haproxyBin: '/usr/sbin/haproxy',
    paths: {
      config: lab.config,
      serviceDir: '',
      layout: 'auto',
      masterSocket: '',
      statsSocket: '',
      pidFile: lab.pidFile,
    },
    reloadCommand: [],
    validateTimeoutMs: 20_000,
    reloadTimeoutMs: 10_000,
  }
}

/** States of servers where the guard lets them be, and no other lab has them. */
export function statesFor(lab: HaproxyLab): StatePorts {
  const dir = `/run/pgsvc/${basename(lab.dir)}/server-state`
  return { asker: systemAsker(), handOver: systemHandOver(), dir }
}

export async function testEngine(
  lab: HaproxyLab,
  change: Partial<EnginePorts> = {},
  paths: Partial<EngineOptions['paths']> = {},
  limits: Partial<EngineOptions> = {},
): Promise<TestEngine> {
  const checks: (readonly string[])[] = []
  const files = change.files ?? systemFiles()
  const real = systemExec()
  const exec: Exec = {
    run(file, args, limits) {
      if (args.includes('-c')) checks.push(args)
      return real.run(file, args, limits)
    },
  }
  const ports: EnginePorts = {
    files,
    exec,
    clock: systemClock(),
    cli: systemCli(),
    names: systemNames(),
    blobs: createBlobStore(files, join(lab.dir, 'state', 'blobs')),
    stateFile: createStateFile(files, join(lab.dir, 'state')),
    states: statesFor(lab),
    log: pino({ level: 'silent' }),
    ...change,
  }
  const usual = optionsFor(lab)
  const options = { ...usual, ...limits, paths: { ...usual.paths, ...paths } }
  const engine = await createEngine(ports, options)
  return {
    ...engine,
    checks,
    options,
    blobs: ports.blobs,
    publish(version, owners) {
      const { snapshot, blobs } = snapshotOf(version, owners)
      return engine.apply(snapshot, blobs, () => undefined)
    },
  }
}

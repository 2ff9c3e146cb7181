/**
 * The controller in a process of its own, whose every write to its database can be its last: it kills itself right
 * before or after the n-th one, counted from when it was told to. Only its inventory is not the real one.
 */
import { readFileSync } from 'node:fs'
import { startController } from '../../../../controller/daemon.ts'
import { controllerOptions } from '../../../../controller/options.ts'
import { resolveConfig } from '../../../../shared/config/options.ts'
import { createLogger } from '../../../../shared/log/logger.ts'
import { clusterPlan, type PlanFile } from '../cluster-plan.ts'

export interface ControllerTask {
  readonly flags: Readonly<Record<string, unknown>>
  /** What the inventory says; read anew for each publish. */
  readonly planFile: string
  /** Counting starts with the process. */
  readonly killAt: number | undefined
  /** How long its first publishes wait for nodes that were here before; the usual time when undefined. */
  readonly settleMs?: number | undefined
}

/** To the process: count from now, and die at this write; 0 never. */
export interface Arm {
  readonly killAt: number
}

/** From the process. */
export type ControllerWord = { readonly port: number } | { readonly steps: readonly string[] }

let steps: string[] = []
let killAt = -1

function step(what: string): void {
  if (killAt < 0) return
  steps.push(what)
  if (steps.length !== killAt) return
  process.kill(process.pid, 'SIGKILL')
  // Not one more instruction of ours, should the signal take its time.
  for (;;);
}

let isInTransaction = false

/** What comes after one statement of a transaction is what comes before the next. */
function stepAfter(what: string): void {
  if (!isInTransaction) step(`after ${what}`)
}

/** Every statement that writes, and the two ends of every transaction. */
function countWrites(): void {
  const { DatabaseSync, StatementSync } = process.getBuiltinModule('node:sqlite')
  const { exec } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function (sql) {
    if (!/^(BEGIN IMMEDIATE|COMMIT)$/.test(sql)) return exec.call(this, sql)
    step(`before ${sql}`)
    exec.call(this, sql)
    isInTransaction = sql !== 'COMMIT'
    stepAfter(sql)
  }
  const { run } = StatementSync.prototype
  StatementSync.prototype.run = new Proxy(run, {
    apply(target, statement, values) {
      const what = statement.sourceSQL.trim().split(/\s+/).slice(0, 3).join(' ')
      step(`before ${what}`)
      const done = Reflect.apply(target, statement, values)
      stepAfter(what)
      return done
    },
  })
}

function say(word: ControllerWord): void {
  process.send?.(word)
}

async function main(task: ControllerTask): Promise<void> {
  countWrites()
  const config = resolveConfig(controllerOptions, { env: {}, flags: task.flags })
  const log = createLogger('controller', config.log_level)
  const parts = {
    catalogue: { look: async () => clusterPlan(JSON.parse(readFileSync(task.planFile, 'utf8')) as PlanFile) }, // our test's
    findShrink: () => [],
  }
  const running = await startController(config, log, parts, task.settleMs)
  if (task.killAt !== undefined) killAt = task.killAt
  process.on('message', (message: Arm) => {
    say({ steps })
    steps = []
    killAt = message.killAt
  })
  process.on('disconnect', () => process.exit(0))
  say({ port: running.address.port })
}

await main(JSON.parse(process.argv[2] ?? '') as ControllerTask) // written by our own test

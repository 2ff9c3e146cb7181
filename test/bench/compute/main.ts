/**
 * How long a big inventory takes, stage by stage, beside what the YAML library alone needs for the same file.
 *
 * load: files to hosts with their variables (reading, parsing, groups, precedence). model: which hosts form which
 * cluster, for which templates are evaluated. plan: services, selectors and variants of every cluster for every
 * possible leader, without the time of render: text and digests of the files. Each run is a process of its own, as
 * a command's is; runs of a tenth of the size tell whether the time grows faster than the inventory.
 *
 * Usage: main.ts --json [--runs N] [--hosts N] [--clusters N]
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseDocument } from 'yaml'
import { BlobStore } from '../../../controller/plan/blob-store.ts'
import { computePlan } from '../../../controller/plan/compute-plan.ts'
import { indexOf } from '../../../controller/plan/index-of.ts'
import { readInventory } from '../../../controller/reader/read-inventory.ts'
import type { Listen } from '../../../controller/render/listen.ts'
import { bigInventory, type Size } from './inventory.ts'

/** One run; times in milliseconds. */
interface Stages {
  readonly load_ms: number
  readonly model_ms: number
  readonly plan_ms: number
  readonly render_ms: number
  /** Of the stages, on all threads: what a busy machine does not change. */
  readonly cpu_ms: number
  readonly rss_mb: number
  readonly files: number
  readonly problems: number
  readonly services: number
}

class TimedBlobs extends BlobStore {
  spentMs = 0
  rendered = 0

  override addListen(listen: Listen, owner: string) {
    const startedMs = performance.now()
    const file = super.addListen(listen, owner)
    this.spentMs += performance.now() - startedMs
    this.rendered += 1
    return file
  }
}

async function timedStages(folder: string): Promise<Stages> {
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  const loaded = await readInventory({ inventory: join(folder, 'pigsty.yml') })
  const loadedMs = performance.now()
  const index = indexOf(loaded)
  const modelMs = performance.now()
  const blobs = new TimedBlobs()
  const plan = computePlan(loaded, { strict: false, node: true, blobs })
  const plannedMs = performance.now()
  const cpu = process.cpuUsage(cpuBefore)
  if (plan.owners.length < index.clusters.size) {
    throw new Error(`clusters were refused: ${JSON.stringify(plan.problems.slice(0, 3))}`)
  }
  return {
    load_ms: loadedMs - startedMs,
    model_ms: modelMs - loadedMs,
    plan_ms: plannedMs - modelMs - blobs.spentMs,
    render_ms: blobs.spentMs,
    cpu_ms: (cpu.user + cpu.system) / 1000,
    rss_mb: process.resourceUsage().maxRSS / 1024,
    files: plan.blobs.size,
    problems: plan.problems.length,
    services: blobs.rendered,
  }
}

/** The library alone, used as anybody would: text to plain values. */
function yamlAloneMs(folder: string): number {
  const text = readFileSync(join(folder, 'pigsty.yml'), 'utf8')
  const startedMs = performance.now()
  const document = parseDocument(text, { version: '1.1', merge: true, uniqueKeys: false, logLevel: 'error' })
  if (document.errors.length > 0) throw new Error(String(document.errors[0]))
  document.toJS()
  return performance.now() - startedMs
}

function writeInventory(size: Size): string {
  const folder = mkdtempSync(join(tmpdir(), 'pgsvc-bench-'))
  for (const [path, text] of bigInventory(size)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** Runs one part in a fresh process and reads the number, or object, that it prints. */
function inProcess(part: 'stages' | 'yaml', folder: string): unknown {
  const output = execFileSync(process.execPath, [import.meta.filename, '--part', part, folder], {
    encoding: 'utf8',
    timeout: 600_000,
  })
  return JSON.parse(output)
}

function stagesOf(folder: string, runs: number): Stages {
  // This very file printed them.
  const seen = Array.from({ length: runs }, () => inProcess('stages', folder) as Stages)
  const of = (key: keyof Stages) => median(seen.map((run) => run[key]))
  return {
    load_ms: of('load_ms'),
    model_ms: of('model_ms'),
    plan_ms: of('plan_ms'),
    render_ms: of('render_ms'),
    cpu_ms: of('cpu_ms'),
    rss_mb: Math.max(...seen.map(({ rss_mb }) => rss_mb)),
    files: of('files'),
    problems: of('problems'),
    services: of('services'),
  }
}

function totalMs({ load_ms, model_ms, plan_ms, render_ms }: Stages): number {
  return load_ms + model_ms + plan_ms + render_ms
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}

function benchmark(size: Size, runs: number): Record<string, unknown> {
  const folder = writeInventory(size)
  const tenth = { hosts: Math.ceil(size.hosts / 10), clusters: Math.ceil(size.clusters / 10) }
  const small = writeInventory(tenth)
  try {
    const stages = stagesOf(folder, runs)
    const tenthStages = stagesOf(small, runs)
    const yamlMs = median(Array.from({ length: runs }, () => Number(inProcess('yaml', folder))))
    const perHost = totalMs(stages) / size.hosts / (totalMs(tenthStages) / tenth.hosts)
    return {
      bench: 'compute',
      ...size,
      load_ms: round(stages.load_ms),
      model_ms: round(stages.model_ms),
      plan_ms: round(stages.plan_ms),
      render_ms: round(stages.render_ms),
      total_ms: round(totalMs(stages)),
      cpu_ms: round(stages.cpu_ms),
      yaml_alone_ms: round(yamlMs),
      ratio_load_yaml: round(stages.load_ms / yamlMs, 2),
      ratio_total_yaml: round(totalMs(stages) / yamlMs, 2),
      load_share: round(stages.load_ms / totalMs(stages), 2),
      tenth_total_ms: round(totalMs(tenthStages)),
      ratio_per_host_tenth: round(perHost, 2),
      peak_rss_mb: Math.round(stages.rss_mb),
      files: stages.files,
      services_rendered: stages.services,
      problems: stages.problems,
      runs,
    }
  } finally {
    for (const path of [folder, small]) rmSync(path, { recursive: true, force: true })
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    runs: { type: 'string', default: '3' },
    hosts: { type: 'string', default: '10000' },
    clusters: { type: 'string', default: '2500' },
    part: { type: 'string' },
  },
})
const folder = positionals[0] ?? ''
if (values.part === 'stages') process.stdout.write(`${JSON.stringify(await timedStages(folder))}\n`)
else if (values.part === 'yaml') process.stdout.write(`${yamlAloneMs(folder)}\n`)
else {
  const size = { hosts: Number(values.hosts), clusters: Number(values.clusters) }
  if (!(size.clusters >= 1 && size.hosts >= size.clusters && Number(values.runs) >= 1)) {
    throw new Error('--runs and --clusters from 1, --hosts at least as many as --clusters')
  }
  process.stdout.write(`${JSON.stringify(benchmark(size, Number(values.runs)))}\n`)
}

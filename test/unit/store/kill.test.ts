import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../../controller/store/sqlite-store.ts'
import { assignedTo } from './sample.ts'

/** Runs the loop, kills it with SIGKILL after some commits, and returns the last number it told. */
async function runAndKill(path: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'commit-loop', 'main.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), afterMs)
    said += chunk.toString()
  })
  await new Promise((resolve) => child.on('close', resolve))
  return Number(said.trim().split('\n').at(-1))
}

test('a kill at any moment loses no commit that was told and leaves none by half', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pgsvc-kill-'))
  const path = join(dir, 'pgsvc.db')
  for (const afterMs of [0, 3, 11, 24, 50]) {
    const told = await runAndKill(path, afterMs)

    const store = openStore(path)
    const newest = await store.newestRevision('pg-test')
    // The one being committed when the kill came may have made it; it had not been told yet.
    expect([told, told + 1]).toContain(newest?.number)
    const whole = `v${newest?.number} pg-test@${newest?.number}`
    expect([await assignedTo(store, 'n1'), await assignedTo(store, 'n2')]).toEqual([whole, whole])
    const digests = newest?.plan.nodes.flatMap(({ variants }) => variants.flatMap(({ files }) => files)) ?? []
    await store.blobs(digests.map(({ digest }) => digest))
    store.close()
  }
  rmSync(dir, { recursive: true })
})

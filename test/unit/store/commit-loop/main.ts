/** Commits revision after revision until it is killed; tells each number once the commit has resolved. */
import { writeSync } from 'node:fs'
import { openStore } from '../../../../controller/store/sqlite-store.ts'
import { commitOf, samplePlan } from '../sample.ts'

const store = openStore(process.argv[2] ?? '')
const start = (await store.newestRevision('pg-test'))?.number ?? 0
for (let number = start + 1; number < start + 10_000; number += 1) {
  const sample = samplePlan('pg-test', ['n1', 'n2'], `body ${number}`)
  await store.commit(commitOf(sample, number, { n1: number - 1, n2: number - 1 }))
  writeSync(1, `${number}\n`)
}

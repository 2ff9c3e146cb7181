import { expect, test } from 'vitest'
import type { AdminClient } from '../../../controller/cli/admin-client.ts'
import { runAct } from '../../../controller/cli/run-act.ts'
import { AppError } from '../../../shared/errors/app-error.ts'
import { event } from './events.ts'

const targets = {
  targets: {
    publishId: 'p-1',
    owners: [
      { owner: 'pg-bad', nodes: ['n1'] },
      { owner: 'pg-good', nodes: ['n1'] },
    ],
  },
}

/** A controller that is lost after it named the targets, and comes back with these records of acts. */
async function lostThen(records: Readonly<Record<string, readonly string[] | AppError>>) {
  const client = {
    async *act() {
      yield event(targets)
      throw new AppError('CONTROLLER_UNREACHABLE', 'gone')
    },
    history: async ({ owner }: { owner: string }) => {
      const found = records[owner] ?? []
      if (found instanceof AppError) throw found
      return { acts: found.map((publishId) => ({ publishId })), revisions: [] }
    },
    close: () => undefined,
    // Only what runAct uses is played.
  } as unknown as AdminClient
  const { end } = await runAct(
    { method: 'Publish', request: { pattern: 'pg-*' } },
    async () => client,
    { event: () => undefined },
    { onInterrupt: () => () => undefined },
  )
  return end.kind === 'error' ? end.committed : end.kind
}

const unknown = new AppError('OWNER_UNKNOWN', 'never published')
const silent = new AppError('CONTROLLER_SILENT', 'no answer')

test.each([
  ['the first was refused and the second committed', { 'pg-bad': unknown, 'pg-good': ['p-1'] }, 'yes'],
  ['none has a record of it', { 'pg-bad': unknown, 'pg-good': ['p-0'] }, 'no'],
  ['one cannot be asked', { 'pg-bad': ['p-0'], 'pg-good': silent }, 'unknown'],
])('when %s, the command says so', async (_when, records, committed) => {
  expect(await lostThen(records)).toBe(committed)
})

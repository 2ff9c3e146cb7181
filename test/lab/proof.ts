/** Proves with a client that ports reach the right backend. */
import { setTimeout as sleep } from 'node:timers/promises'
import { textTable } from './text-table.ts'

/** What clients of a port must reach: one of these answers, and never another. */
export interface Expectation {
  readonly node: string
  readonly port: number
  readonly service: string
  readonly answers: readonly string[]
}

export interface Proof extends Expectation {
  /** Distinct answers, in the order seen. */
  readonly got: readonly string[]
  /** Every answer was one of those expected, and each of those came. */
  readonly ok: boolean
}

/** Tells who answered at each of `targets` ("address:port"), asked `times` times one after the other. */
export type Ask = (
  targets: readonly string[],
  times: number,
) => Promise<ReadonlyMap<string, readonly string[]>>

const CONNECTIONS = 4
const SETTLE_MS = 12_000

/**
 * Connects to every port several times. A server starts in HAProxy as "up" until its first checks are
 * through, so a wrong answer counts only when it still comes after some seconds.
 */
export async function prove(ask: Ask, expectations: readonly Expectation[]): Promise<readonly Proof[]> {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const proofs = await proveOnce(ask, expectations)
    if (proofs.every((proof) => proof.ok) || performance.now() > deadline) return proofs
    await sleep(300)
  }
}

async function proveOnce(ask: Ask, expectations: readonly Expectation[]): Promise<readonly Proof[]> {
  const answers = await ask(
    expectations.map(({ node, port }) => `${node}:${port}`),
    CONNECTIONS,
  )
  return expectations.map((expectation) => {
    const got = [...new Set(answers.get(`${expectation.node}:${expectation.port}`) ?? [])]
    const right = got.every((answer) => expectation.answers.includes(answer))
    return { ...expectation, got, ok: right && got.length === expectation.answers.length }
  })
}

/** The proofs as a table: node, port, who answered, what was expected, whether it is right. */
export function proofTable(proofs: readonly Proof[]): string {
  const rows = proofs.map((proof) => [
    proof.node,
    String(proof.port),
    proof.service,
    proof.got.join(', '),
    proof.ok ? 'ok' : `WRONG, expected ${proof.answers.join(', ')}`,
  ])
  return textTable([['node', 'port', 'service', 'who answered', ''], ...rows])
}

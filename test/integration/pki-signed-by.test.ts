/** What is left of an operator whose key was stolen: the nodes for whom certificates were signed in that name. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newKey, signingRequest } from '../../shared/pki/signing-request.ts'
import type { SignNodeResponse__Output } from '../../shared/rpc/generated/pgsvc/v1/SignNodeResponse.ts'
import { mintOf } from '../support/mint.ts'
import { runCommand } from './cli-process.ts'
import { Harness } from './controller-harness.ts'

let harness: Harness

beforeEach(async () => {
  harness = new Harness()
  await harness.authority()
})

afterEach(() => harness.destroy())

async function pki(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runCommand('pgsvc', ['pki', ...args])
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

test('who is withdrawn leaves certificates of nodes behind, and is said to', {
  timeout: 60_000,
}, async () => {
  await harness.issue({ kind: 'controller' })
  await harness.start()
  const eve = { kind: 'operator', name: 'eve', role: 'administer' } as const
  const admins = { eve: harness.admin(mintOf(harness.path('pki')).issue(eve)), root: harness.admin() }
  const sign = (who: keyof typeof admins, node: string) =>
    new Promise<SignNodeResponse__Output>((resolve, reject) =>
      admins[who].SignNode({ node, csrPem: signingRequest(newKey()) }, (error, answer) =>
        answer ? resolve(answer) : reject(error),
      ),
    )
  for (const node of ['n1', 'n2']) await sign('eve', node)
  // As a renewal does: the newest is not signed in that name any more.
  await sign('root', 'n1')
  await sign('root', 'n3')
  const at = ['--controller', `unix:${harness.socket}`]
  await pki('revoke', 'node', 'n2', ...at)

  const revoked = await pki('revoke', 'operator', 'eve', ...at)
  const listed = JSON.parse(await pki('list', '--json', '--signed-by', 'operator eve', ...at))

  expect(revoked).toContain('eve has had certificates signed for nodes, which go on: n1\n')
  expect(listed.certificates.map(({ name }: { name: string }) => name)).toEqual(['n1', 'n2'])
})

test.each([
  ['controller', 'controller', 90],
  ['operator', 'operator-ann', 365],
])('a certificate of %s is valid as long as is written', async (kind, base, days) => {
  const out = harness.path('out')
  await pki(
    'issue',
    kind,
    ...(kind === 'operator' ? ['ann'] : []),
    '--dir',
    harness.path('pki'),
    '--out',
    out,
  )

  const { validFrom, validTo } = new X509Certificate(readFileSync(`${out}/${base}.crt`))
  const backdatedMs = 5 * 60_000
  expect(Date.parse(validTo) - Date.parse(validFrom) - backdatedMs).toBe(days * 86_400_000)
})

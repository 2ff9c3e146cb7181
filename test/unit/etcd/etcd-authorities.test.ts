import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openEtcd } from '../../../controller/etcd/etcd-client.ts'
import { initAuthority } from '../../../controller/pki/pki.ts'

const dir = mkdtempSync(join(tmpdir(), 'pgsvc-etcd-ca-'))

afterAll(() => rmSync(dir, { recursive: true }))

test('etcd is not asked with a part of the authorities that stand in etcd_ca', () => {
  const pem = readFileSync(initAuthority(dir, Date.now()).cert, 'utf8')
  const open = (ca: string) =>
    openEtcd('127.0.0.1:1', { ca, cert: undefined, key: undefined, password: undefined }, 1_000)

  open(pem.trimEnd() + pem).close()

  expect(() => open(pem + pem.slice(0, -30))).toThrow(
    expect.objectContaining({
      code: 'ETCD_FILE_UNREADABLE',
      message: expect.stringMatching(/^line \d+ of etcd_ca has a BEGIN CERTIFICATE/),
    }),
  )
})

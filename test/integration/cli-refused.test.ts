/** A controller that is there, and that the command may not talk to. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import type { ControllerAddress } from '../../controller/cli/address.ts'
import { connectAdmin, type TlsFiles } from '../../controller/cli/admin-client.ts'
import { AdminService } from '../../shared/rpc/services.ts'

const none = { ca: undefined, cert: undefined, key: undefined }

async function refusal(address: ControllerAddress, tls: TlsFiles = none) {
  const admin = connectAdmin(address, tls)
  const error = await admin.status({ names: [] }, 10_000).catch((caught: unknown) => caught)
  admin.close()
  return error
}

test('a connection that ends at once is no controller that is down: the certificate is to be looked at', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pgsvc-refused-'))
  const [cert, key] = [join(dir, 'c.pem'), join(dir, 'k.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, '-subj', '/CN=n'], {
    stdio: 'ignore',
  })
  const server = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    }),
  )

  const told = await refusal({ kind: 'host', host: '127.0.0.1', port }, { ca: cert, cert, key })
  expect(told).toMatchObject({
    code: 'CONTROLLER_UNREACHABLE',
    hint: expect.stringContaining('it is there and ended the connection'),
  })
  server.close()
  rmSync(dir, { recursive: true })
})

test('who is no operator is told how to become one', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pgsvc-refused-'))
  const path = join(dir, 's')
  const server = new Server()
  const details = 'only an operator certificate may call this'
  const no = (_call: unknown, callback: (error: { code: number; details: string }) => void) =>
    callback({ code: status.PERMISSION_DENIED, details })
  server.addService(AdminService.service, { Status: no })
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  )

  expect(await refusal({ kind: 'socket', path })).toMatchObject({
    code: 'OPERATOR_REFUSED',
    message: details,
    hint: expect.stringContaining('pgsvc pki issue operator'),
  })
  server.forceShutdown()
  rmSync(dir, { recursive: true })
})

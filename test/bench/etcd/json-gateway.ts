/** Writes to etcd as Patroni does, over its JSON gateway. */
import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** @param endpoint - host:port */
export async function put(endpoint: string, key: string, value: string): Promise<void> {
  await call(endpoint, '/v3/kv/put', { key: base64(key), value: base64(value) })
}

async function call(endpoint: string, path: string, message: object): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const asked = request(`http://${endpoint}${path}`, { method: 'POST', agent }, (answer) => {
    answer.resume()
    answer.once('end', () =>
      answer.statusCode === 200 ? resolve() : reject(new Error(`etcd answered ${answer.statusCode}`)),
    )
  })
  asked.once('error', reject)
  asked.end(JSON.stringify(message))
  await promise
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** The leader's lock as etcd tells of it: a watch over the JSON gateway. */
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { nowMs } from '../clock.ts'
import type { LockEvent } from './marks.ts'

interface Line {
  readonly result?: {
    readonly created?: boolean
    readonly events?: readonly { readonly type?: string; readonly kv?: { readonly value?: string } }[]
  }
}

export interface LockWatch {
  readonly events: readonly LockEvent[]
  stop(): void
}

/** Resolves when nothing can be missed any more. @param endpoint - "address:port" */
export async function watchLock(endpoint: string, cluster: string): Promise<LockWatch> {
  const events: LockEvent[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const asked = request(`http://${endpoint}/v3/watch`, { method: 'POST', agent: false })
  asked.on('error', reject)
  asked.on('response', (response) => {
    // It ends in the middle of a line, when nobody wants to know any more.
    response.on('error', () => undefined)
    const lines = createInterface({ input: response }).on('error', () => undefined)
    lines.on('line', (text) => {
      const { result }: Line = JSON.parse(text)
      if (result?.created === true) resolve()
      for (const { type, kv } of result?.events ?? []) {
        const holder = type === 'DELETE' ? '' : Buffer.from(kv?.value ?? '', 'base64').toString('utf8')
        events.push({ atMs: nowMs(), holder })
      }
    })
  })
  const key = Buffer.from(`/pg/${cluster}/leader`).toString('base64')
  asked.end(JSON.stringify({ create_request: { key } }))
  await promise
  return { events, stop: () => asked.destroy() }
}

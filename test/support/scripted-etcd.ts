/** An etcd that says what a test tells it to: for answers that a real one gives once in a blue moon. */
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { etcdServices } from '../../controller/etcd/etcd-client.ts'
import type { RangeRequest__Output } from '../../shared/rpc/generated/etcdserverpb/RangeRequest.ts'
import type { RangeResponse } from '../../shared/rpc/generated/etcdserverpb/RangeResponse.ts'
import type { WatchRequest__Output } from '../../shared/rpc/generated/etcdserverpb/WatchRequest.ts'
import type { WatchResponse } from '../../shared/rpc/generated/etcdserverpb/WatchResponse.ts'

/** What it answers; what is not scripted is never answered. */
export interface Script {
  /** For the nth reading, from 0; an error is answered as one. */
  readonly range: (
    request: RangeRequest__Output,
    n: number,
  ) => RangeResponse | Partial<ServiceError> | undefined
  /** For what came on the nth watch, from 0; 'end' ends the stream. */
  readonly watch?: (request: WatchRequest__Output, n: number) => readonly (WatchResponse | 'end')[]
  readonly token?: string
}

export interface ScriptedEtcd {
  readonly endpoint: string
  /** `Range 0..`, `Watch from 8`, `Authenticate` with the metadata that came along. */
  readonly calls: readonly string[]
  close(): void
}

export async function scriptedEtcd({ range, watch, token }: Script): Promise<ScriptedEtcd> {
  const calls: string[] = []
  const note = (words: string, metadata: Metadata) => {
    const said = ['hasleader', 'token'].flatMap((key) => metadata.get(key).map((value) => `${key}=${value}`))
    calls.push([words, ...said].join(' '))
  }
  let ranges = 0
  let watches = 0
  const server = new Server()
  server.addService(etcdServices.Auth, {
    Authenticate: (call: Call<{ name: string }>, answer: sendUnaryData<unknown>) => {
      note(`Authenticate ${call.request.name}`, call.metadata)
      answer(null, { token })
    },
  })
  server.addService(etcdServices.KV, {
    Range: (call: Call<RangeRequest__Output>, answer: sendUnaryData<unknown>) => {
      note(`Range ${call.request.key} at ${call.request.revision}`, call.metadata)
      const said = range(call.request, ranges++)
      if (said) answer('code' in said ? said : null, said)
    },
  })
  server.addService(etcdServices.Watch, {
    Watch: (call: ServerDuplexStream<WatchRequest__Output, WatchResponse>) => {
      const n = watches++
      call.on('data', (request: WatchRequest__Output) => {
        if (request.createRequest) note(`Watch from ${request.createRequest.startRevision}`, call.metadata)
        for (const one of watch?.(request, n) ?? []) one === 'end' ? call.end() : call.write(one)
      })
      call.on('error', () => {})
      call.on('end', () => call.end())
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return { endpoint: `127.0.0.1:${port}`, calls, close: () => server.forceShutdown() }
}

interface Call<T> {
  readonly request: T
  readonly metadata: Metadata
}

/** A reading at a revision: leaders by cluster. */
export function reading(revision: number, leaders: Readonly<Record<string, string>>): RangeResponse {
  const kvs = Object.entries(leaders).map(([name, leader]) => keyValue(`/pg/${name}/leader`, leader))
  return { header: { revision }, kvs, more: false }
}

export function keyValue(key: string, value: string) {
  return { key: Buffer.from(key), value: Buffer.from(value) }
}

/** As 3.4.23 answers a watch that it takes. */
export const created: WatchResponse = { header: { revision: 9 }, created: true }

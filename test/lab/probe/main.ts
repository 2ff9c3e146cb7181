/** Runs on a host of the lab: takes requests on standard input and answers each on standard output. */
import { request as httpRequest } from 'node:http'
import { createInterface } from 'node:readline'
import { connectPostgres } from '../client/postgres.ts'
import type { ProbeAnswer, ProbeRequest } from './request.ts'

type Content = { status: number; body: string } | { rows: readonly (readonly (string | null)[])[] }

/** A connection of its own each time: one that is kept would outlive what happens to the network. */
function http({ url, method, body: sent, timeoutMs }: ProbeRequest & { kind: 'http' }): Promise<Content> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, agent: false, signal: AbortSignal.timeout(timeoutMs) })
    request.on('response', (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8')
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(sent)
  })
}

async function sql(request: ProbeRequest & { kind: 'sql' }): Promise<Content> {
  const connection = await connectPostgres(request)
  try {
    return { rows: await connection.query(request.sql) }
  } finally {
    connection.close()
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}

async function answer(line: string): Promise<void> {
  const { id, request }: { id: number; request: ProbeRequest } = JSON.parse(line)
  const content = await (request.kind === 'http' ? http(request) : sql(request)).catch((error: unknown) => ({
    error: reason(error),
  }))
  const reply: ProbeAnswer = { id, ...content }
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}

for await (const line of createInterface({ input: process.stdin })) void answer(line)
process.exit(0)

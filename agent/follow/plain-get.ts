/**
 * One HTTP/1.0 request without TLS, its connection closed by the answer's end, as HAProxy's own health checks make them.
 *
 * Node's http client spends twice the processor time on it, once a second for as long as the agent lives
 * (docs/decisions.md).
 *
 * Source: RFC 1945, sections 5 and 6.
 */
import { connect } from 'node:net'

const maxAnswerBytes = 64 << 10

export interface PlainAnswer {
  readonly status: number
  readonly body: string
}

/** @throws Error when nobody answers before `signal` aborts, or not as HTTP */
export function plainGet(
  { host, port, path }: { readonly host: string; readonly port: number; readonly path: string },
  signal: AbortSignal,
): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host, port, signal })
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.0\r\nHost: ${host}:${port}\r\n\r\n`))
    socket.on('data', (chunk: string) => {
      text += chunk
      if (text.length > maxAnswerBytes) socket.destroy(new Error('an answer without end'))
    })
    socket.on('end', () => {
      const answer = parseAnswer(text)
      if (answer) resolve(answer)
      else reject(new Error('no answer of an HTTP server'))
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the connection was closed')))
  })
}

/** @returns undefined for what is no such answer. Pure. */
export function parseAnswer(text: string): PlainAnswer | undefined {
  const status = /^HTTP\/1\.[01] (\d{3})(?: [^\r\n]*)?\r?\n/.exec(text)?.[1]
  const end = /\r?\n\r?\n/.exec(text)
  if (status === undefined || end === null) return undefined
  return { status: Number(status), body: text.slice(end.index + end[0].length) }
}

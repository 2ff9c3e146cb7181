/** A long-lived program on a host of the lab that takes requests on its standard input and answers each on its output. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { enterArgs, type HostAccess } from '../../lab/host.ts'
import { ended, pidOf } from '../../lab/process.ts'

export interface Program<Request, Answer> {
  ask(request: Request): Promise<Answer>
  /** Ends it. */
  stop(): Promise<void>
}

interface Reply<Answer> {
  readonly id: number
  readonly answer?: Answer
  readonly error?: string
}

/** @param folder - of this benchmark, with the program's `main.ts` */
export async function startProgram<Request, Answer>(
  host: HostAccess,
  folder: string,
): Promise<Program<Request, Answer>> {
  const main = path.join(import.meta.dirname, folder, 'main.ts')
  const child = spawn('nsenter', [...enterArgs(host.initPid), process.execPath, main], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await pidOf(child, folder)
  const waiting = new Map<number, (reply: Reply<Answer>) => void>()
  let lastId = 0
  let isGone = false
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply: Reply<Answer> = JSON.parse(line)
    waiting.get(reply.id)?.(reply)
    waiting.delete(reply.id)
  })
  child.stdin.on('error', () => undefined)
  const gone = ended(child).then(() => {
    isGone = true
    for (const [id, settle] of waiting) settle({ id, error: 'it has ended' })
  })
  return {
    async ask(request) {
      const id = ++lastId
      const reply = await new Promise<Reply<Answer>>((resolve) => {
        if (isGone) return resolve({ id, error: 'it has ended' })
        waiting.set(id, resolve)
        child.stdin.write(`${JSON.stringify({ id, request })}\n`)
      })
      if (reply.answer === undefined) throw new Error(`${folder} on ${host.name}: ${reply.error}`)
      return reply.answer
    },
    async stop() {
      child.stdin.end()
      await gone
    },
  }
}

/** The program's side of it; returns when nobody asks any more. */
export async function serveRequests<Request, Answer>(
  answer: (request: Request) => Promise<Answer>,
): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, request }: { id: number; request: Request } = JSON.parse(line)
    void answer(request)
      .then(
        (answered): Reply<Answer> => ({ id, answer: answered }),
        (error: unknown): Reply<Answer> => ({ id, error: String(error) }),
      )
      .then((reply) => process.stdout.write(`${JSON.stringify(reply)}\n`))
  }
}

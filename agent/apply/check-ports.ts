/** A port that another program listens on is found before HAProxy stumbles over it. */
import type { Files } from '../../shared/ports/files.ts'
import type { Located } from '../haproxy/locate.ts'
import { collide, foreignListeners, parseBinds } from '../haproxy/ports-in-use.ts'
import type { Candidate } from './candidate.ts'
import { FaultError } from './fault-error.ts'

/** @throws FaultError PORT_TAKEN */
export async function checkPorts(files: Files, { running }: Located, candidate: Candidate): Promise<void> {
  const others = await foreignListeners(files, running?.pid)
  for (const { name, owner, text } of candidate.files.values()) {
    const taken = parseBinds(text).find((bind) => others.some((socket) => collide(bind, socket)))
    if (!taken) continue
    const message = `port ${taken.port} is taken by another program on this host`
    throw new FaultError({
      stage: 'validate',
      code: 'PORT_TAKEN',
      owner,
      file: name,
      line: taken.line,
      message,
    })
  }
}

/**
 * What was changed in the running HAProxy for a while, until it is put back: limits of connections that were lifted,
 * weights that were taken away.
 *
 * Remembered on disk: an agent that dies meanwhile puts things back when it is there again. A reload sets them from the
 * files anyway.
 */
import { join } from 'node:path'
import * as z from 'zod/mini'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'

export interface Owed {
  readonly section: string
  readonly server: string
  readonly what: 'maxconn' | 'weight'
  /** What the files say. */
  readonly value: number
  /** When it is to be put back, milliseconds since 1970. */
  readonly untilMs: number
}

export interface OwedFile {
  read(): Promise<readonly Owed[]>
  /** One after the other: the last one stays. */
  write(owed: readonly Owed[]): Promise<void>
}

const schema = z.array(
  z.object({
    section: z.string(),
    server: z.string(),
    what: z.enum(['maxconn', 'weight']),
    value: z.int().check(z.minimum(0)),
    untilMs: z.number(),
  }),
)

export function createOwedFile(files: Files, dir: string): OwedFile {
  const path = join(dir, 'owed.json')
  let last: Promise<unknown> = Promise.resolve()
  const write = async (owed: readonly Owed[]) => {
    if (owed.length === 0) return await files.remove(path)
    await makeDurableDir(files, dir)
    const temporary = temporaryName(path)
    await files.write(temporary, `${JSON.stringify(owed)}\n`, 0o600)
    // Not synced: a power loss ends HAProxy, too, and with it what is owed.
    await files.rename(temporary, path)
  }
  return {
    async read() {
      const text = await files.read(path)
      if (text === undefined) return []
      try {
        return schema.parse(JSON.parse(text.toString('utf8')))
      } catch {
        // Cut off by a power loss: HAProxy started anew with the machine, with what its files say.
        return []
      }
    },
    write(owed) {
      const next = last.then(() => write(owed))
      last = next.catch(() => undefined)
      return next
    },
  }
}

/** The newer entry for the same thing counts. Pure. */
export function withOwed(known: readonly Owed[], more: readonly Owed[]): readonly Owed[] {
  const name = ({ section, server, what }: Owed) => `${section}/${server} ${what}`
  return [...new Map([...known, ...more].map((one) => [name(one), one])).values()]
}

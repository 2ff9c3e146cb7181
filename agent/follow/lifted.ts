/**
 * Servers whose limit of connections was lifted while they come up, until it is put back.
 *
 * Remembered on disk: an agent that dies meanwhile puts the limits back when it is there again. A reload sets them from
 * the files anyway.
 */
import { join } from 'node:path'
import * as z from 'zod'
import { type Files, makeDurableDir, temporaryName } from '../../shared/ports/files.ts'

export interface Lifted {
  readonly section: string
  readonly server: string
  /** What the files say. */
  readonly maxconn: number
  /** When it is to be put back, milliseconds since 1970. */
  readonly untilMs: number
}

export interface LiftedFile {
  read(): Promise<readonly Lifted[]>
  write(lifted: readonly Lifted[]): Promise<void>
}

const schema = z.array(
  z.object({
    section: z.string(),
    server: z.string(),
    maxconn: z.number().int().min(0),
    untilMs: z.number(),
  }),
)

export function createLiftedFile(files: Files, dir: string): LiftedFile {
  const path = join(dir, 'lifted.json')
  return {
    async read() {
      const text = await files.read(path)
      if (text === undefined) return []
      try {
        return schema.parse(JSON.parse(text.toString('utf8')))
      } catch {
        // Cut off by a power loss: HAProxy started anew with the machine, with the limits of its files.
        return []
      }
    },
    async write(lifted) {
      if (lifted.length === 0) return await files.remove(path)
      await makeDurableDir(files, dir)
      const temporary = temporaryName(path)
      await files.write(temporary, `${JSON.stringify(lifted)}\n`, 0o600)
      await files.rename(temporary, path)
    },
  }
}

/** The newer entry for a server counts. Pure. */
export function withLifted(known: readonly Lifted[], more: readonly Lifted[]): readonly Lifted[] {
  const name = ({ section, server }: Lifted) => `${section}/${server}`
  return [...new Map([...known, ...more].map((one) => [name(one), one])).values()]
}

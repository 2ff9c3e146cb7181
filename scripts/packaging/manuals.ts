/** Manual pages and completions as contents of a package. */
import { gzipSync } from 'node:zlib'
import { allCommands } from './commands.ts'
import { bashCompletion, zshCompletion } from './completion.ts'
import type { Item } from './item.ts'
import { manPages } from './man-page.ts'

const bashDir = '/usr/share/bash-completion/completions'
/** Debian's zsh looks into the first, that of EL into the second. */
const zshFile = '/usr/share/zsh/vendor-completions/_pgsvc'
const zshLink = '/usr/share/zsh/site-functions/_pgsvc'

/** @param epochS - time that the pages bear, seconds since 1970 */
export async function manuals(version: string, epochS: number): Promise<readonly Item[]> {
  const commands = await allCommands()
  const date = new Date(epochS * 1_000).toISOString().slice(0, 10)
  const pages = [...manPages(commands, { version, date })].map(([name, text]) => {
    return file(`/usr/share/man/man${name.at(-1)}/${name}.gz`, gzipSync(text, { level: 9 }))
  })
  const programs = [commands.pgsvc, commands.svc]
  return [
    ...pages,
    file(`${bashDir}/pgsvc`, Buffer.from(bashCompletion(programs))),
    { kind: 'link', path: `${bashDir}/pgsql-svc`, to: 'pgsvc' },
    file(zshFile, Buffer.from(zshCompletion(programs))),
    { kind: 'link', path: zshLink, to: '../vendor-completions/_pgsvc' },
  ]
}

function file(path: string, from: Buffer): Item {
  return { kind: 'file', path, from, mode: 0o644 }
}

/**
 * Reads `show sess`, the list and one session of it. Source: HAProxy management guide, 9.3; seen on 2.6, 3.0
 * and 3.4.
 */
export interface SessionRow {
  /** A pointer: HAProxy gives it to another session as soon as this one has ended. */
  readonly id: string
  /** Where the client comes from, address:port. */
  readonly source: string
  readonly section: string
  readonly server: string
}

/** Every session that has a server. Pure. */
export function parseShowSess(text: string): readonly SessionRow[] {
  return text.split('\n').flatMap((line): SessionRow[] => {
    const id = /^(0x[0-9a-f]+): /.exec(line)?.[1]
    const [source, section, server] = ['src', 'be', 'srv'].map(
      (name) => new RegExp(` ${name}=(\\S+)`).exec(line)?.[1],
    )
    if (!id || !source || !section || !server || server === '<none>') return []
    return [{ id, source, section, server }]
  })
}

/** True when the answer to `show sess <id>` is about this very session. Pure. */
export function isSession(text: string, { id, source, section, server }: SessionRow): boolean {
  return (
    text.startsWith(`${id}: `) &&
    / source=(\S+)/.exec(text)?.[1] === source &&
    /^ *backend=(\S+) /m.exec(text)?.[1] === section &&
    /^ *server=(\S+) /m.exec(text)?.[1] === server
  )
}

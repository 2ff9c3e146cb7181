/** Reads back what a rendered file says: the one source that has all rules of rendering behind it. */

export interface ListenText {
  /** Address of the `bind` line; '' or `*` for all. */
  readonly ip: string
  /** Path of the health check; undefined for a check that asks for none. */
  readonly path: string | undefined
  /** Status that means healthy. */
  readonly status: string
  /** Ports that the checks of servers go to. */
  readonly checkPorts: ReadonlySet<string>
}

/** @param text - of one file that we rendered ourselves: its lines have one form each */
export function readListen(text: string): ListenText {
  return {
    ip: /^ *bind (\S*):[^:\s]*$/m.exec(text)?.[1] ?? '',
    path: /^ *http-check send .*\buri (\S+)/m.exec(text)?.[1],
    status: /^ *http-check expect status (\S+)/m.exec(text)?.[1] ?? '',
    checkPorts: new Set([...text.matchAll(/^ *server .* check port (\S+)/gm)].map((found) => found[1] ?? '')),
  }
}

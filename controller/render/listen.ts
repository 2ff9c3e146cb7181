/**
 * One `listen` section as text. Source: HAProxy 2.6 manual, section 4; the order of lines is Pigsty's.
 */

export interface Listen {
  readonly name: string
  /** `address:port`. */
  readonly bind: string
  readonly mode: string
  readonly maxconn: string
  readonly balance: string
  /** Lines between `balance` and `default-server`. */
  readonly options: readonly string[]
  readonly defaultServer: string
  /** What follows `server` on each line. */
  readonly servers: readonly string[]
}

/**
 * The file of a section. It depends on nothing but its arguments, so the same plan gives the same bytes.
 *
 * @param owner - whose file it is, for the comment on top
 */
export function renderListen(listen: Listen, owner: string): string {
  const lines = [
    `bind ${listen.bind}`,
    `mode ${listen.mode}`,
    `maxconn ${listen.maxconn}`,
    `balance ${listen.balance}`,
    ...listen.options,
    `default-server ${listen.defaultServer}`,
    ...listen.servers.map((server) => `server ${server}`),
  ]
  return [
    `# Managed by pgsvc for ${oneLine(owner)}. Changes made here are reported as drift.`,
    `listen ${listen.name}`,
    ...lines.map((line) => `    ${line}`),
    '', // HAProxy refuses a last line without its newline
  ].join('\n')
}

/** A name in a comment must not end the comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa0-\uffff]/g, '?')
}

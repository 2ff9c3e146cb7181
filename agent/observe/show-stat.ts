/** Reads HAProxy's `show stat`. Source: HAProxy management guide, 9.1 (CSV format). */

export interface SectionState {
  readonly name: string
  /** The section has no usable server; false for one without servers. */
  readonly down: boolean
}

/** One entry per section that has a backend side (`listen` and `backend`). Pure. */
export function parseShowStat(text: string): readonly SectionState[] {
  const [header = '', ...rows] = text.split('\n')
  const columns = header.replace(/^# /, '').split(',')
  const nameColumn = columns.indexOf('pxname')
  const rowColumn = columns.indexOf('svname')
  const statusColumn = columns.indexOf('status')
  return rows
    .map((row) => row.split(','))
    .filter((fields) => fields[rowColumn] === 'BACKEND')
    .map((fields) => ({ name: fields[nameColumn] ?? '', down: fields[statusColumn] === 'DOWN' }))
}

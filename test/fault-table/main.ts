/**
 * Writes the tables of faults of docs/reliability.md from the rows that the tests go through; `--check` only says
 * whether they are current.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type FollowRow, followTable } from './follow-rows.ts'
import { type FaultRow, faultTable } from './rows.ts'

const path = resolve(import.meta.dirname, '../../docs/reliability.md')

function line({ fault, expected, seen, words, onDisk, serves }: FaultRow): string {
  const report = seen ? `\`${seen.code}\` at ${seen.stage}` : 'applied, change `not-running`'
  const told = words === '' ? '' : `, with the words "${words}"`
  return `| ${fault} | ${expected} | ${report}${told}; on disk ${onDisk}, served ${serves} |`
}

function followLine({ fault, expected, seen }: FollowRow): string {
  const { leads, reloads, everyRead, codes, isSplit } = seen
  const count = typeof reloads === 'number' ? `${reloads}` : `${reloads[0]} to ${reloads[1]}`
  const facts = [
    `${leads} leads`,
    `reloads on each node: ${count}`,
    ...(everyRead ? ['every read answered'] : []),
    ...(isSplit ? [] : ['nothing double']),
    ...codes.map((code) => `\`${code}\``),
  ]
  return `| ${fault} | ${expected} | ${facts.join('; ')} |`
}

/** @returns the text with the rows between two marks */
function withTable(text: string, name: string, rows: readonly string[]): string {
  const [begin, end] = [`<!-- ${name}: test/fault-table/main.ts -->`, `<!-- end of ${name} -->`]
  const [head, rest] = text.split(begin)
  const tail = rest?.split(end)[1]
  if (head === undefined || tail === undefined) throw new Error(`${path} has no place for the ${name}`)
  const table = ['| fault | expected | seen |', '|---|---|---|', ...rows].join('\n')
  return `${head}${begin}\n\n${table}\n\n${end}${tail}`
}

const text = readFileSync(path, 'utf8')
const first = withTable(text, 'fault table', faultTable.map(line))
const current = withTable(first, 'table of followed faults', Object.values(followTable).map(followLine))
if (current !== text && process.argv.includes('--check')) {
  process.stderr.write(
    'docs/reliability.md: a table of faults is not current, run node test/fault-table/main.ts\n',
  )
  process.exitCode = 1
} else writeFileSync(path, current)

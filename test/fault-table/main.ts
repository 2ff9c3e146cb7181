/**
 * Writes the fault table of docs/reliability.md from the rows that the tests go through; `--check` only says
 * whether it is current.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type FaultRow, faultTable } from './rows.ts'

const path = resolve(import.meta.dirname, '../../docs/reliability.md')
const [begin, end] = ['<!-- fault table: test/fault-table/main.ts -->', '<!-- end of fault table -->']

function line({ fault, expected, seen, words, onDisk, serves }: FaultRow): string {
  const report = seen ? `\`${seen.code}\` at ${seen.stage}` : 'applied, change `not-running`'
  const told = words === '' ? '' : `, with the words "${words}"`
  return `| ${fault} | ${expected} | ${report}${told}; on disk ${onDisk}, served ${serves} |`
}

const table = ['| fault | expected | seen |', '|---|---|---|', ...faultTable.map(line)].join('\n')
const text = readFileSync(path, 'utf8')
const [head, rest] = text.split(begin)
const tail = rest?.split(end)[1]
if (head === undefined || tail === undefined) throw new Error(`${path} has no place for the table`)
const current = `${head}${begin}\n\n${table}\n\n${end}${tail}`
if (current !== text && process.argv.includes('--check')) {
  process.stderr.write(
    'docs/reliability.md: the fault table is not current, run node test/fault-table/main.ts\n',
  )
  process.exitCode = 1
} else writeFileSync(path, current)

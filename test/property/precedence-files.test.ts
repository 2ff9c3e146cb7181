/**
 * Which value counts when an inventory is several files with folders of variables, against a second, plain
 * implementation: all definitions in a row from the weakest to the strongest, the last one counts.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readInventory } from '../../controller/reader/read-inventory.ts'
import { valueIn } from '../support/inventory.ts'

/** A chain of groups: `top` holds `mid`, and `mid` holds the host; `side` holds it too, beside them. */
const groups = ['all', 'side', 'top', 'mid'] as const
/** Forms that the variables beside the inventory can have, in the order in which their values are laid over. */
const beside = [
  '',
  '.yml',
  '.yaml',
  '.json',
  '/1.yml',
  '/10.json',
  '/2',
  '/s/a.yaml',
  '/z.txt',
  '/.x.yml',
] as const

const places = fc.record({
  /** Inventory files, by name, that define the variable for a group or the host. */
  inFile: fc.uniqueArray(fc.tuple(fc.constantFrom('a.yml', 'b.json', 'c'), fc.constantFrom(...groups, 'h')), {
    maxLength: 6,
    selector: (place) => place.join(' '),
  }),
  beside: fc.uniqueArray(fc.tuple(fc.constantFrom(...groups, 'h'), fc.nat({ max: beside.length - 1 })), {
    maxLength: 6,
    selector: (place) => place.join(' '),
  }),
  priority: fc.constantFrom<unknown>(1, 2, '3', true),
})
type Places = typeof places extends fc.Arbitrary<infer T> ? T : never

function folderOf(owner: string): string {
  return owner === 'h' ? 'host_vars' : 'group_vars'
}

/** A name cannot be a file and a folder at once. */
function isPossible(example: Places): boolean {
  return example.beside.every(
    ([owner, form]) => form < 4 || !example.beside.some(([other, plain]) => other === owner && plain === 0),
  )
}

function filesFor(example: Places): Record<string, string> {
  const files: Record<string, string> = {}
  for (const name of ['a.yml', 'b.json', 'c']) {
    const vars = (owner: string) =>
      example.inFile.some(([file, other]) => file === name && other === owner)
        ? { v: `${name} ${owner}` }
        : {}
    files[name] = JSON.stringify({
      all: { vars: vars('all') },
      side: { vars: { ...vars('side'), ansible_group_priority: example.priority }, hosts: { h: vars('h') } },
      top: { vars: vars('top'), children: { mid: { vars: vars('mid'), hosts: { h: null } } } },
    })
  }
  for (const [owner, form] of example.beside) {
    const name = `${folderOf(owner)}/${owner}${beside[form]}`
    files[name] = JSON.stringify({ v: name })
  }
  return files
}

/** What stands beside for one group or host: the first form of the name alone, folders before files. */
function besideOf(example: Places, owner: string): string[] {
  const forms = example.beside.filter(([other]) => other === owner).map(([, form]) => form)
  const isFolder = forms.some((form) => form >= 4)
  const chosen = isFolder ? forms.filter((form) => form >= 4 && form <= 7) : forms.sort().slice(0, 1)
  return chosen.sort().map((form) => `${folderOf(owner)}/${owner}${beside[form]}`)
}

function expected(example: Places): string | undefined {
  const order = Number(example.priority) > 1 ? ['top', 'side', 'mid'] : ['side', 'top', 'mid']
  const files = (owner: string) =>
    ['a.yml', 'b.json', 'c']
      .filter((name) => example.inFile.some(([file, other]) => file === name && other === owner))
      .map((name) => `${name} ${owner}`)
  const row = [
    ...['all', ...order].flatMap(files),
    ...['all', ...order].flatMap((owner) => besideOf(example, owner)),
    ...files('h'),
    ...besideOf(example, 'h'),
  ]
  return row.at(-1)
}

test('files and folders of variables are laid over each other in the order of the rules', async () => {
  await fc.assert(
    fc.asyncProperty(places.filter(isPossible), async (example) => {
      const folder = mkdtempSync(join(tmpdir(), 'pgsvc-precedence-'))
      try {
        for (const [name, text] of Object.entries(filesFor(example))) {
          mkdirSync(dirname(join(folder, name)), { recursive: true })
          writeFileSync(join(folder, name), text)
        }
        expect(valueIn(await readInventory({ inventory: folder }), 'h', 'v')).toBe(expected(example))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }),
    { numRuns: 300 },
  )
})

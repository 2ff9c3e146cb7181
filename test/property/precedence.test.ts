/**
 * Which value of a variable counts, against a second, plain implementation: every group's place is found by
 * walking all ways from `all`, all values are laid over each other from the weakest to the strongest.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inventoryOf, valueIn } from '../support/inventory.ts'

interface Case {
  /** Parents of each group, by number; a parent has a smaller number, so there are no cycles. */
  readonly groups: readonly {
    readonly parents: readonly number[]
    readonly priority: number
    readonly inFile: boolean
    readonly beside: boolean
  }[]
  readonly hostGroups: readonly number[]
  readonly all: { readonly inFile: boolean; readonly beside: boolean }
  readonly host: { readonly inFile: boolean; readonly beside: boolean }
}

const count = 5
const places = fc.record({ inFile: fc.boolean(), beside: fc.boolean() })
const cases: fc.Arbitrary<Case> = fc.record({
  groups: fc.tuple(
    ...Array.from({ length: count }, (_none, i) =>
      fc.record({
        parents: fc.uniqueArray(fc.nat({ max: Math.max(0, i - 1) }), { maxLength: i === 0 ? 0 : 2 }),
        priority: fc.integer({ min: 1, max: 3 }),
        inFile: fc.boolean(),
        beside: fc.boolean(),
      }),
    ),
  ),
  hostGroups: fc.uniqueArray(fc.nat({ max: count - 1 }), { maxLength: 3 }),
  all: places,
  host: places,
})

/** Names whose order is not that of their numbers. */
const nameOf = (group: number) => `g${'dbeca'.charAt(group)}`

function text({ groups, hostGroups, all, host }: Case): string {
  const body = groups.map((group, i) => ({
    hosts: hostGroups.includes(i) ? { h: {} } : {},
    children: Object.fromEntries(
      groups.flatMap((other, j) => (other.parents.includes(i) ? [[nameOf(j), {}]] : [])),
    ),
    vars: { ansible_group_priority: group.priority, ...(group.inFile ? { v: `file ${nameOf(i)}` } : {}) },
  }))
  return JSON.stringify({
    all: {
      hosts: { h: host.inFile ? { v: 'file h' } : {} },
      vars: all.inFile ? { v: 'file all' } : {},
      children: Object.fromEntries(body.map((group, i) => [nameOf(i), group])),
    },
  })
}

/** All ways from `all` down to a group, as lists of groups. */
function waysTo(groups: Case['groups'], group: number): number[][] {
  const parents = groups[group]?.parents ?? []
  // Every group also hangs below `all` itself.
  return [[group], ...parents.flatMap((parent) => waysTo(groups, parent).map((way) => [...way, group]))]
}

function expected({ groups, hostGroups, all, host }: Case): string | undefined {
  const above = new Set(hostGroups.flatMap((group) => waysTo(groups, group).flat()))
  const ranked = [...above]
    .map((group) => ({
      group,
      key: [
        Math.max(...waysTo(groups, group).map((way) => way.length)),
        groups[group]?.priority ?? 1,
        nameOf(group).charCodeAt(1),
      ],
    }))
    .sort(
      (a, b) => a.key.map((part, i) => part - (b.key[i] ?? 0)).find((difference) => difference !== 0) ?? 0,
    )
    .map(({ group }) => group)
  const layers = [
    all.inFile && 'file all',
    ...ranked.map((group) => groups[group]?.inFile && `file ${nameOf(group)}`),
    all.beside && 'beside all',
    ...ranked.map((group) => groups[group]?.beside && `beside ${nameOf(group)}`),
    host.inFile && 'file h',
    host.beside && 'beside h',
  ]
  return layers.filter((layer) => typeof layer === 'string').at(-1)
}

test('the value that counts is the one that a plain reading of the rules gives', () => {
  fc.assert(
    fc.property(cases, (example) => {
      const beside = example.groups.flatMap((group, i) =>
        group.beside ? [[nameOf(i), `v: beside ${nameOf(i)}`]] : [],
      )
      const loaded = inventoryOf(text(example), {
        groupVars: { ...Object.fromEntries(beside), ...(example.all.beside ? { all: 'v: beside all' } : {}) },
        hostVars: example.host.beside ? { h: 'v: beside h' } : {},
      })
      expect(valueIn(loaded, 'h', 'v')).toBe(expected(example))
    }),
    { numRuns: 500 },
  )
})

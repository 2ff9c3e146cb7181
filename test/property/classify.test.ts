/** What must hold for the classifier whatever two texts say. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classifyChange } from '../../agent/apply/classify.ts'
import { sameMeaning } from '../../shared/haproxy/canonical.ts'

interface Server {
  readonly weight: number | undefined
  readonly options: string
}
interface Section {
  readonly usual: number | undefined
  readonly servers: readonly Server[]
}

const weight = fc.option(fc.integer({ min: 0, max: 256 }), { nil: undefined })
const options = fc.constantFrom('check', 'check port 8008', 'backup', 'check inter 2s')
const server = fc.record({ weight, options })
const sections = fc.array(fc.record({ usual: weight, servers: fc.array(server, { maxLength: 4 }) }), {
  maxLength: 3,
})

const weightText = (value: number | undefined) => (value === undefined ? '' : ` weight ${value}`)

function render(all: readonly Section[]): string {
  const lines = all.flatMap(({ usual, servers }, i) => [
    `listen x${i}`,
    `    default-server fall 3${weightText(usual)}`,
    ...servers.map((one, j) => `    server s${j} 10.0.0.${j}:5432 ${one.options}${weightText(one.weight)}`),
  ])
  return lines.map((line) => `${line}\n`).join('')
}

/** What each server weighs, by HAProxy's rules. */
const weights = (all: readonly Section[]) =>
  all.flatMap(({ usual, servers }, i) =>
    servers.map((one, j) => [`x${i}/s${j}`, one.weight ?? usual ?? 1] as const),
  )
/** Everything but weights. */
const bones = (all: readonly Section[]) =>
  JSON.stringify(all.map(({ servers }) => servers.map((one) => one.options)))

test('told changes, and nothing else, lead from the old weights to the new ones', () => {
  fc.assert(
    fc.property(sections, fc.func(weight), fc.func(weight), (before, ofServer, ofSection) => {
      const after = before.map(({ servers }, i) => ({
        usual: ofSection(i),
        servers: servers.map((one, j) => ({ ...one, weight: ofServer(i, j) })),
      }))
      const change = classifyChange(render(before), render(after))
      const told = change.kind === 'weights' ? change.changes : []
      const reached = new Map<string, number>(weights(before))
      for (const { section, server, from, to } of told) {
        expect(reached.get(`${section}/${server}`)).toBe(from)
        expect(to).not.toBe(from)
        reached.set(`${section}/${server}`, to)
      }
      expect(change.kind).not.toBe('other')
      expect([...reached]).toEqual(weights(after))
    }),
  )
})

test('anything else that differs is never left to the run-time API', () => {
  fc.assert(
    fc.property(sections, sections, (before, after) => {
      fc.pre(bones(before) !== bones(after))
      expect(classifyChange(render(before), render(after))).toEqual({ kind: 'other' })
    }),
  )
})

test('no texts, however odd, make it fail, and equal meaning is no change', () => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('server', 'weight', '"', '\\', '7'),
  )
  const odd = fc.array(word, { maxLength: 12 }).map((words) => words.join(' ').replaceAll('  ', '\n'))
  fc.assert(
    fc.property(odd, odd, (a, b) => {
      const { kind } = classifyChange(a, b)
      if (sameMeaning(a, b)) expect(kind).toBe('same')
      expect(classifyChange(b, a).kind).toBe(kind)
    }),
  )
})

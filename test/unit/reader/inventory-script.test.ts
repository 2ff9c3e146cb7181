import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readInventory } from '../../../controller/reader/read-inventory.ts'
import { maxHostRuns } from '../../../controller/reader/script-output.ts'
import { Float, Opaque } from '../../../controller/values/value.ts'
import type { Exec } from '../../../shared/ports/exec.ts'
import { valueIn } from '../../support/inventory.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pgsvc-script-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function write(name: string, text: string, mode = 0o644): string {
  const path = join(home, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

/** A program that prints JSON for --list. */
function program(json: string, name = 'inventory.sh'): string {
  return write(name, `#!/bin/sh\n[ "$1" = --list ] || exit 9\ncat <<'END'\n${json}\nEND\n`, 0o755)
}

const read = (inventory: string) => readInventory({ inventory })

describe('an inventory program', () => {
  test('gives groups, hosts in the order of the lists, and the variables of _meta', async () => {
    const loaded = await read(
      program(`{
        "_meta": { "hostvars": { "b": { "pg_seq": 2 }, "a": { "pg_seq": 1 }, "stranger": { "pg_seq": 9 } } },
        "all": { "children": ["pg"] , "vars": { "v": "all" } },
        "pg": { "hosts": ["c", "a", "b"], "vars": { "v": "pg {{ pg_seq }}" } },
        "late": ["d", "a"]
      }`),
    )
    expect([...loaded.inventory.hosts.keys()]).toEqual(['c', 'a', 'b', 'd'])
    expect([valueIn(loaded, 'a', 'v'), valueIn(loaded, 'd', 'v')]).toEqual(['pg 1', 'all'])
    expect(loaded.inventory.hosts.get('a')?.groupNames).toEqual(['late', 'pg'])
  })

  test('a group that is a mapping of variables alone has one host, named like the group', async () => {
    const loaded = await read(program('{ "_meta": { "hostvars": {} }, "solo": { "pg_seq": 1 } }'))
    expect([...loaded.inventory.hosts.keys()]).toEqual(['solo'])
    expect(valueIn(loaded, 'solo', 'pg_seq')).toBe(1)
  })

  test('names are taken as they stand: no ranges, no ports', async () => {
    const loaded = await read(program('{ "_meta": { "hostvars": {} }, "g": ["n[1:3]", "db:22"] }'))
    expect([...loaded.inventory.hosts.keys()]).toEqual(['n[1:3]', 'db:22'])
  })

  test('without _meta it is asked for each host', async () => {
    const path = write(
      'inventory.sh',
      `#!/bin/sh\n[ "$1" = --list ] && echo '{"g": ["a", "b"]}' || printf '{"me": "%s"}' "$2"\n`,
      0o755,
    )
    const loaded = await read(path)
    expect([valueIn(loaded, 'a', 'me'), valueIn(loaded, 'b', 'me')]).toEqual(['a', 'b'])
  })

  test('group_vars and host_vars beside it count', async () => {
    write('group_vars/g.yml', 'v: beside\n')
    write('host_vars/a.yml', 'w: beside\n')
    const loaded = await read(
      program(
        '{ "_meta": { "hostvars": { "a": { "w": 1 } } }, "g": { "hosts": ["a"], "vars": { "v": 1 } } }',
      ),
    )
    expect([valueIn(loaded, 'a', 'v'), valueIn(loaded, 'a', 'w')]).toEqual(['beside', 'beside'])
  })

  test('JSON is read by the rules of Python', async () => {
    const loaded = await read(
      program(`{ "_meta": { "hostvars": { "a": {
        "f": 1.0, "e": 1e3, "big": 12345678901234567890, "neg": -0, "twice": 1, "twice": 2,
        "smile": "\\ud83d\\ude00", "none": null, "bad": false, "list": [null, true, []], "raw": { "__ansible_unsafe": "{{ nosuch }}" }, "lower": "yes" } } }, "g": ["a"] }`),
    )
    const value = (name: string) => valueIn(loaded, 'a', name)
    expect([value('f'), value('e')]).toEqual([new Float(1), new Float(1000)])
    expect([value('big'), value('neg'), value('twice'), value('smile'), value('lower')]).toEqual([
      12345678901234567890n,
      0,
      2,
      '😀',
      'yes',
    ])
    expect([value('none'), value('bad'), value('list')]).toEqual([null, false, [null, true, []]])
    expect(value('raw')).toEqual(new Opaque('unsafe', '{{ nosuch }}'))
  })

  test('stands among YAML files in a directory, in order of names', async () => {
    write('inv/b.yml', 'all: { hosts: { b: } }')
    program('{ "_meta": { "hostvars": {} }, "g": ["a", "b"] }', 'inv/a.sh')
    program('{ "_meta": { "hostvars": {} }, "g": ["no"] }', 'inv/a.sh.orig')
    expect([...(await read(join(home, 'inv'))).inventory.hosts.keys()]).toEqual(['a', 'b'])
  })

  test('what it prints is part of the digest', async () => {
    const first = (await read(program('{ "_meta": { "hostvars": {} }, "g": ["a"] }'))).digest
    const second = (await read(program('{ "_meta": { "hostvars": {} }, "g": ["a" ] }'))).digest
    expect(second).not.toBe(first)
  })
})

describe('refused, never an empty inventory', () => {
  test('a program that fails, with its status and last words', async () => {
    const path = write('inventory.sh', '#!/bin/sh\necho "{}"\necho no database >&2\nexit 3\n', 0o755)
    await expect(read(path)).rejects.toMatchObject({
      code: 'INVENTORY_SCRIPT',
      message: expect.stringMatching(/--list ended with status 3: no database/),
    })
  })

  test('a program whose interpreter is not there', async () => {
    await expect(read(write('inventory.sh', '#!/nosuch/sh\n', 0o755))).rejects.toMatchObject({
      code: 'INVENTORY_SCRIPT',
    })
  })

  test('a program without permission to be executed', async () => {
    await expect(read(write('inventory.sh', '#!/bin/sh\n'))).rejects.toMatchObject({
      code: 'INVENTORY_INVALID',
      hint: expect.stringContaining('executable'),
    })
  })

  test.each([
    ['', /no JSON/],
    ['[1]', /one JSON mapping/],
    ['{ "g": ["a"] } x', /something stands behind/],
    ["{ 'g': [] }", /double quotes/],
    ['{ "_meta": { "hostvars": {} }, "g": { "hosts": "a" } }', /hosts of group g must be a list/],
    ['{ "_meta": { "hostvars": {} }, "g": { "hosts": [5] } }', /no text/],
    ['{ "_meta": { "hostvars": {} }, "g": { "vars": [] } }', /vars of group g/],
    ['{ "_meta": { "hostvars": {} }, "g": { "children": ["g"] } }', /contain itself/],
    ['{ "_meta": { "hostvars": { "a": 5 } }, "g": ["a"] }', /variables of host a/],
    ['{ "_meta": { "hostvars": [] }, "g": ["a"] }', /_meta.hostvars/],
  ])('%s', async (json, message) => {
    await expect(read(program(json))).rejects.toMatchObject({ code: 'INVENTORY_INVALID', message })
  })

  test('a fault in the output has its line and column there', async () => {
    const path = program('{\n  "g": [,]\n}')
    await expect(read(path)).rejects.toMatchObject({
      at: { file: `output of ${path} --list`, line: 2, column: 9 },
    })
  })

  test.each([
    [{ status: null, stdout: '', stderr: '' }, /cut off: it took more than 30 s/],
    [{ status: 0, stdout: '{ "g": "\uFFFD" }', stderr: '' }, /not UTF-8/],
  ])('an answer like %j', async (result, message) => {
    const exec: Exec = { run: async () => result }
    const run = readInventory({ inventory: program('') }, { exec })
    await expect(run).rejects.toMatchObject({ code: 'INVENTORY_SCRIPT', message })
  })

  test('thousands of hosts that would have to be asked for one by one', async () => {
    const names = Array.from({ length: maxHostRuns + 1 }, (_none, i) => `h${i}`)
    const exec: Exec = { run: async () => ({ status: 0, stdout: JSON.stringify({ g: names }), stderr: '' }) }
    await expect(readInventory({ inventory: program('') }, { exec })).rejects.toMatchObject({
      code: 'INVENTORY_SCRIPT',
      hint: expect.stringContaining('_meta.hostvars'),
    })
  })
})

test('a YAML inventory with a stray permission is read as YAML and never given to a shell', async () => {
  const trap = join(home, 'trap')
  const path = write('pigsty.yml', `all: { hosts: { h: } }\n# \n? touch ${trap}\n: \n`, 0o755)
  const exec: Exec = { run: () => Promise.reject(new Error('it was run')) }
  const loaded = await readInventory({ inventory: path }, { exec })
  expect([...loaded.inventory.hosts.keys()]).toEqual(['h'])
})

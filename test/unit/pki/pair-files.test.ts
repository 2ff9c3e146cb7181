/** A pair is exchanged as a whole: after a kill, and after a power loss, at every step. */

import { createPublicKey } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openAuthority } from '../../../controller/pki/authority.ts'
import { initAuthority } from '../../../controller/pki/pki.ts'
import { isPair, type Pair, readPair, replacePair } from '../../../shared/pki/pair-files.ts'
import { keyPem, newKey } from '../../../shared/pki/signing-request.ts'
import { systemDisk } from '../../../shared/ports/disk.ts'
import { type Files, filesOver, systemFiles } from '../../../shared/ports/files.ts'
import { steppingDisk } from '../../support/stepping-disk.ts'

let dir: string
let pairs: readonly Pair[]
const files = systemFiles()
/** Paths of what could not be removed. */
let left: string[] = []
const onLeft = (path: string) => void left.push(path)
const paths = () => ({ cert: join(dir, 'agent.crt'), key: join(dir, 'agent.key') })

beforeEach(() => {
  left = []
  dir = mkdtempSync(join(tmpdir(), 'pgsvc-pair-'))
  initAuthority(join(dir, 'pki'), Date.now())
  pairs = ['a', 'b', 'c'].map((name) => {
    const key = newKey()
    const life = { nowMs: Date.now(), days: 1 }
    const certificate = openAuthority(join(dir, 'pki'), Date.now()).sign(
      { kind: 'node', name },
      createPublicKey(key),
      life,
    )
    return { certPem: certificate.toString(), keyPem: keyPem(key) }
  })
})

afterEach(() => rmSync(dir, { recursive: true }))

const pair = (at: number): Pair => {
  const found = pairs[at]
  if (!found) throw new Error(`no pair ${at}`)
  return found
}

function putPlain({ certPem, keyPem: key }: Pair): void {
  writeFileSync(paths().cert, certPem)
  writeFileSync(paths().key, key, { mode: 0o600 })
}

/** What stands there before the exchange. */
const scenes = {
  'plain files, as they are put there at first': async () => putPlain(pair(0)),
  'a pair that was exchanged before': async () => {
    putPlain(pair(2))
    await replacePair(files, paths(), pair(0), onLeft)
  },
  'a certificate that somebody put over the link': async () => {
    putPlain(pair(2))
    await replacePair(files, paths(), pair(0), onLeft)
    rmSync(paths().cert)
    writeFileSync(paths().cert, pair(0).certPem)
  },
  'both files put anew over the links': async () => {
    putPlain(pair(2))
    await replacePair(files, paths(), pair(2), onLeft)
    rmSync(paths().cert)
    rmSync(paths().key)
    putPlain(pair(0))
  },
} as const

class Killed extends Error {}

/** Replaces the pair, and stops before the step with that number. @returns whether there was such a step */
async function killedAt(number: number): Promise<boolean> {
  let steps = 0
  const disk = steppingDisk(systemDisk(), () => {
    steps += 1
    if (steps === number) throw new Killed()
  })
  try {
    await replacePair(filesOver(disk), paths(), pair(1), onLeft)
  } catch (error) {
    expect(error).toMatchObject({ code: 'PAIR_UNWRITABLE', cause: expect.any(Killed) })
  }
  return steps >= number
}

test.each(Object.entries(scenes))(
  '%s: killed before any step, a pair is in place',
  async (_name, setStage) => {
    const seen = new Set<number>()
    for (let number = 1; ; number += 1) {
      for (const entry of readdirSync(dir)) if (entry !== 'pki') rmSync(join(dir, entry), { recursive: true })
      await setStage()
      if (!(await killedAt(number))) break
      const found = await readPair(files, paths())
      expect(found && isPair(found), `killed before step ${number}`).toBe(true)
      seen.add(pairs.findIndex(({ certPem }) => certPem === found?.certPem))
      // And the next attempt goes through, whatever was left behind.
      await replacePair(files, paths(), pair(1), onLeft)
      expect(await readPair(files, paths())).toEqual(pair(1))
    }
    expect([...seen].sort()).toEqual([0, 1])
  },
)

test('where nothing stands the pair is put, and its key is for its owner alone', async () => {
  await replacePair(files, paths(), pair(1), onLeft)

  expect(await readPair(files, paths())).toEqual(pair(1))
  expect(statSync(paths().key).mode & 0o777).toBe(0o600)
})

test('a key that waits for its first certificate is there at every step', async () => {
  for (let number = 1; ; number += 1) {
    for (const entry of readdirSync(dir)) if (entry !== 'pki') rmSync(join(dir, entry), { recursive: true })
    writeFileSync(paths().key, pair(1).keyPem, { mode: 0o600 })
    if (!(await killedAt(number))) break
    expect(readFileSync(paths().key, 'utf8'), `killed before step ${number}`).toBe(pair(1).keyPem)
  }
})

test('what was before leaves nothing behind', async () => {
  putPlain(pair(0))
  for (const next of [1, 2, 0, 1]) await replacePair(files, paths(), pair(next), onLeft)

  expect(
    readdirSync(dir)
      .filter((name) => name !== 'pki')
      .sort(),
  ).toEqual([expect.stringMatching(/^\.agent\.pair-[0-9a-f]{12}$/), 'agent.crt', 'agent.key', 'agent.pair'])
})

test("a directory with a private key that was cut off is removed when it is old enough to be nobody's any more", async () => {
  putPlain(pair(0))
  await replacePair(files, paths(), pair(1), onLeft)
  const left = ['.agent.pair-1', '.agent.pair-aaaaaaaaaaaa', '.agent.pair-bbbbbbbbbbbb', '.agent.pair-mine']
  for (const name of left) {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'key'), pair(2).keyPem, { mode: 0o600 })
    const hourAgo = Date.now() / 1_000 - 3_600
    if (!name.includes('bbb')) utimesSync(join(dir, name), hourAgo, hourAgo)
  }

  await replacePair(files, paths(), pair(0), onLeft)

  // One may be under way just now, and one is not ours.
  expect(left.filter((name) => existsSync(join(dir, name)))).toEqual(left.slice(2))
  expect(await readPair(files, paths())).toEqual(pair(0))
})

test('two that exchange it at the same time leave one of the two pairs', async () => {
  for (let round = 0; round < 40; round += 1) {
    for (const entry of readdirSync(dir)) if (entry !== 'pki') rmSync(join(dir, entry), { recursive: true })
    putPlain(pair(0))
    if (round % 2 === 0) await replacePair(files, paths(), pair(0), onLeft)

    await Promise.all([1, 2].map((at) => replacePair(files, paths(), pair(at), onLeft)))

    expect([pair(1), pair(2)]).toContainEqual(await readPair(files, paths()))
  }
})

test('a directory that cannot be written is said, and the pair stays', async () => {
  putPlain(pair(0))
  const disk = { ...systemDisk(), makeDir: () => Promise.reject(new Error('EROFS')) }

  await expect(replacePair(filesOver(disk), paths(), pair(1), onLeft)).rejects.toMatchObject({
    code: 'PAIR_UNWRITABLE',
    message: expect.stringContaining('EROFS'),
  })

  expect(await readPair(files, paths())).toEqual(pair(0))
})

test('what cannot be removed is said, and the exchange counts all the same', async () => {
  putPlain(pair(0))
  await replacePair(files, paths(), pair(1), onLeft)
  const [present = ''] = readdirSync(dir).filter((name) => name.startsWith('.agent.pair-'))
  const old = ['.agent.pair-1', '.agent.pair-2', '.agent.pair-3']
  for (const name of old) {
    mkdirSync(join(dir, name))
    utimesSync(join(dir, name), 1, 1)
  }
  const stuck = [present, '.agent.pair-1', '.agent.pair-3'].map((name) => join(dir, name))
  const removing: Files = {
    ...files,
    remove: (path) => (stuck.includes(path) ? Promise.reject(new Error('EBUSY')) : files.remove(path)),
  }

  await replacePair(removing, paths(), pair(2), onLeft)

  expect(await readPair(files, paths())).toEqual(pair(2))
  expect(left.sort()).toEqual(stuck.sort())
  expect(existsSync(join(dir, '.agent.pair-2'))).toBe(false)
})

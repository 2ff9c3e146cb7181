import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const doc = readFileSync(join(root, 'docs/faults.md'), 'utf8')

/** Words of the same shape that are no fault codes: of the wire, of gRPC's health service, of the YAML library. */
const otherWords =
  /^(STAGE|CHANGE|CERTIFICATE_STATE|FOLLOW|LEADER_STEP|NODE_OUTCOME)_|^(NOT_SERVING|SERVICE_UNKNOWN|BLOCK_LITERAL|BLOCK_FOLDED|SSH_AUTH_SOCK)$/

test.each(['agent', 'controller', 'shared'])('every fault code in %s is explained', (room) => {
  const sources = globSync(`${room}/**/*.ts`, { cwd: root })
    .filter((file) => !file.includes('generated'))
    .map((file) => readFileSync(join(root, file), 'utf8'))

  const codes = sources.flatMap((text) =>
    [...text.matchAll(/'([A-Z]{2,}(?:_[A-Z]+)+|USAGE|CANCELLED)'/g)].map((match) => match[1] ?? ''),
  )

  const unexplained = codes.filter((code) => !otherWords.test(code) && !doc.includes(`\`${code}\``))
  expect(codes.length).toBeGreaterThan(1)
  expect(unexplained).toEqual([])
})

import { expect, test } from 'vitest'
import { tellAll } from '../../../agent/follow/server-rows.ts'
import type { Cli } from '../../../agent/haproxy/cli.ts'

const sockets = { statsSocket: '/run/haproxy.sock', masterSocket: undefined }
const commands = Array.from({ length: 120 }, (_, index) => `set server a/s${index} health down`)

function cliThat(answer: (lines: number) => string) {
  const told: string[] = []
  const cli: Cli = {
    async ask(_path, line) {
      told.push(...line.split(';'))
      return answer(told.length)
    },
  }
  return { cli, told }
}

test('what HAProxy does not take of one server does not keep it from being told of the others', async () => {
  const { cli, told } = cliThat((lines) => (lines <= 50 ? 'No such server.\n' : '\n'))

  expect(await tellAll(cli, sockets, commands)).toBe('No such server.')

  expect(told).toEqual(commands)
})

test('one that does not answer is not told more and more', async () => {
  const { cli, told } = cliThat(() => {
    throw new Error('no answer')
  })

  expect(await tellAll(cli, sockets, commands)).toBe('no answer')

  expect(told).toHaveLength(50)
})

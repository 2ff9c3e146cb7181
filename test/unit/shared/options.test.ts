import { Command } from 'commander'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { agentOptions } from '../../../agent/options.ts'
import { addOptions, option, optionsMarkdown, resolveConfig } from '../../../shared/config/options.ts'
import { AppError } from '../../../shared/errors/app-error.ts'

const table = {
  state_dir: option({
    value: '<dir>',
    description: 'directory of the state',
    schema: z.string().check(z.minLength(1)),
    default: '/var/lib/x',
  }),
  heartbeat_ms: option({
    value: '<ms>',
    description: 'time between heartbeats, in milliseconds',
    schema: z.coerce.number().check(z.int(), z.minimum(10)),
    default: 5000,
  }),
}

function failure(run: () => unknown): AppError {
  try {
    run()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('a flag beats the environment, which beats the file, which beats the default', () => {
  const file = { path: 'x.yml', text: 'state_dir: /file\nheartbeat_ms: 30\n' }

  expect(resolveConfig(table, { flags: {}, env: {} })).toEqual({
    state_dir: '/var/lib/x',
    heartbeat_ms: 5000,
  })
  expect(resolveConfig(table, { flags: {}, env: {}, file }).state_dir).toBe('/file')
  expect(resolveConfig(table, { flags: {}, env: { PGSVC_STATE_DIR: '/env' }, file }).state_dir).toBe('/env')
  expect(
    resolveConfig(table, { flags: { stateDir: '/flag' }, env: { PGSVC_STATE_DIR: '/env' }, file }).state_dir,
  ).toBe('/flag')
})

test('an empty variable counts as not set', () => {
  expect(resolveConfig(table, { flags: {}, env: { PGSVC_STATE_DIR: '' } }).state_dir).toBe('/var/lib/x')
})

test('a bad value in the file is refused with its place', () => {
  const file = { path: 'x.yml', text: 'state_dir: /a\nheartbeat_ms: 3\n' }

  const error = failure(() => resolveConfig(table, { flags: {}, env: {}, file }))

  expect(error.code).toBe('CONFIG_INVALID')
  expect(error.at).toEqual({ file: 'x.yml', line: 2, column: 15 })
  expect(error.message).toContain('heartbeat_ms')
})

test.each([
  ['flag', { flags: { heartbeatMs: 'soon' }, env: {} }, '--heartbeat-ms'],
  ['variable', { flags: {}, env: { PGSVC_HEARTBEAT_MS: 'soon' } }, 'PGSVC_HEARTBEAT_MS'],
])('a bad value of a %s is refused by its name', (_kind, sources, name) => {
  expect(failure(() => resolveConfig(table, sources)).message).toContain(name)
})

test('an unknown key in the file is refused with its place and the known ones', () => {
  const file = { path: 'x.yml', text: 'heartbeat_ms: 30\nstate_dri: /a\n' }

  const error = failure(() => resolveConfig(table, { flags: {}, env: {}, file }))

  expect(error.at?.line).toBe(2)
  expect(error.message).toContain('state_dri')
  expect(error.hint).toContain('state_dir')
})

test.each([
  ['a list', '- a\n'],
  ['broken YAML', 'a: [1\n'],
])('a file that is %s is refused', (_what, text) => {
  expect(
    failure(() => resolveConfig(table, { flags: {}, env: {}, file: { path: 'x.yml', text } })).code,
  ).toBe('CONFIG_INVALID')
})

test('an empty file sets nothing', () => {
  expect(
    resolveConfig(table, { flags: {}, env: {}, file: { path: 'x.yml', text: '# nothing\n' } }).heartbeat_ms,
  ).toBe(5000)
})

test('help and documentation name every option', () => {
  const help = addOptions(new Command('x'), table, '/etc/x.yml').helpInformation()

  for (const name of ['--state-dir <dir>', '--heartbeat-ms <ms>', 'PGSVC_STATE_DIR', '5000']) {
    expect(help.replace(/\s+/g, ' ')).toContain(name)
    expect(optionsMarkdown(table)).toContain(name)
  }
})

test('a hint shows how a value is written, also of what has no default', () => {
  const spec = {
    value: '<address:port,...>',
    description: 'others',
    schema: z.string().check(z.minLength(2)),
    default: '',
  }
  const bare = { peers: option(spec) }
  const hintOf = (of: Parameters<typeof resolveConfig>[0], flags: Record<string, string>) =>
    failure(() => resolveConfig(of, { flags, env: {} })).hint

  expect(hintOf(bare, { peers: 'x' })).toMatch(/, written as <address:port,...>$/)
  expect(hintOf(table, { heartbeatMs: 'x' })).toMatch(/, e\.g\. 5000$/)
})

test.each([
  ['PGSVC_FOLLOW', 'sideways', /one of "on"\|"report"\|"off"/],
  ['PGSVC_PATRONI_POLL_MS', 'soon', /expected number/],
  ['PGSVC_PATRONI_POLL_MS', '1.5', /expected int/],
  ['PGSVC_PATRONI_POLL_MS', '-1', /^PGSVC_PATRONI_POLL_MS: no less than 0$/],
  ['PGSVC_CONTROLLERS', '10.10.10.10', /^PGSVC_CONTROLLERS: host:port is expected$/],
  ['PGSVC_CONTROLLERS', ' a:1 , b', /^PGSVC_CONTROLLERS: host:port is expected$/],
])('the agent says in words what is wrong with %s=%s', (name, value, words) => {
  expect(failure(() => resolveConfig(agentOptions, { flags: {}, env: { [name]: value } })).message).toMatch(
    words,
  )
})

test('controllers are taken as a list and as text', () => {
  const file = { path: 'x.yml', text: 'controllers: [ "a:1", " b:2 " ]' }

  expect(resolveConfig(agentOptions, { flags: {}, env: {}, file }).controllers).toEqual(['a:1', 'b:2'])
  expect(
    resolveConfig(agentOptions, { flags: {}, env: { PGSVC_CONTROLLERS: 'a:1, b:2' } }).controllers,
  ).toEqual(['a:1', 'b:2'])
})

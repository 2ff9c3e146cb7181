import { expect, test } from 'vitest'
import { runSvc } from '../../../controller/cli/svc-command.ts'
import type { Terminal } from '../../../controller/cli/terminal.ts'

test('Ctrl-C while nodes are reached over SSH publishes nothing', async () => {
  const listeners = new Set<() => void>()
  let printed = ''
  const terminal: Terminal = {
    stdout: (text) => {
      printed += text
    },
    stderr: () => undefined,
    setExitCode: () => undefined,
    env: {},
    isTty: false,
    size: () => ({ columns: 80, rows: 24 }),
    monotonic: () => 0,
    onInterrupt: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const ended: string[] = []
  const exit = await runSvc(
    ['pg-test', '--ssh'],
    terminal,
    () => Promise.reject(new Error('the controller is not to be asked')),
    async () => {
      for (const listener of listeners) listener()
      return async () => void ended.push('bridges')
    },
  )

  expect(exit).toBe(2)
  expect(printed).toContain('interrupted: nothing has changed on any node')
  expect(ended).toEqual(['bridges'])
})

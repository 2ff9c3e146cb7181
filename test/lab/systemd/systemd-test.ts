/** Tests that need hosts with systemd: where this machine cannot boot it, they are skipped and say why. */
import { test } from 'vitest'
import { whyNoSystemd } from './cgroups.ts'

export function systemdTest(name: string, body: () => Promise<void>, timeoutMs?: number): void {
  const why = whyNoSystemd()
  if (why === undefined) test(name, body, timeoutMs)
  else test.skip(`${name} (skipped: ${why})`, body)
}

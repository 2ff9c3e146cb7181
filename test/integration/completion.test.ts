import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manuals } from '../../scripts/packaging/manuals.ts'
import { run } from '../lab/process.ts'

const directory = mkdtempSync(join(tmpdir(), 'pgsvc-manuals-'))
const contents = new Map<string, Buffer>()

beforeAll(async () => {
  for (const item of await manuals('1.2.3', 86_400)) {
    if (item.kind === 'file' && typeof item.from !== 'string') contents.set(item.path, item.from)
  }
  writeFileSync(join(directory, 'bash'), text('/usr/share/bash-completion/completions/pgsvc'))
  writeFileSync(join(directory, '_pgsvc'), text('/usr/share/zsh/vendor-completions/_pgsvc'))
})

afterAll(() => rmSync(directory, { recursive: true }))

function text(path: string): string {
  const found = contents.get(path)
  if (!found) throw new Error(`the package has no ${path}`)
  return (path.endsWith('.gz') ? gunzipSync(found) : found).toString('utf8')
}

/** Types lines at a shell on a terminal, and gives what the programs were called with. */
async function typed(shell: string, prepare: string, lines: readonly string[]): Promise<readonly string[]> {
  const stub = 'pgsvc() { echo "<pgsvc $*>"; }; pgsql-svc() { echo "<pgsql-svc $*>"; }'
  const input = [prepare, stub, ...lines, 'exit', ''].join('\n')
  const { stdout } = await run('script', ['-q', '-e', '-c', shell, '/dev/null'], { input })
  return [...stdout.matchAll(/^<(pgs.*)>\r?$/gm)].map(([, called = '']) => called)
}

const lines = [
  'pgsvc hist\tpg-test',
  'pgsvc pki is\tnode 10.10.10.11 --out /tm\t',
  'pgsvc agent --patr\t0',
  'pgsql-svc pg-test --che\t',
]
const wanted = [
  'pgsvc history pg-test',
  'pgsvc pki issue node 10.10.10.11 --out /tmp',
  'pgsvc agent --patroni-poll-ms 0',
  'pgsql-svc pg-test --check',
]

/** Without the blank after a word, or the slash after a directory, that may follow. */
function unadorned(call: string): string {
  return call.replace(/[ /]+$/, '')
}

test('bash completes commands, options and their values', async () => {
  const prepare = `PS1=; source ${join(directory, 'bash')}`

  const called = await typed('bash --noprofile --norc -i', prepare, lines)

  expect(called.map(unadorned)).toEqual(wanted)
})

test('zsh completes commands, options and their values', async () => {
  const prepare = `PS1=; unsetopt zle_bracketed_paste; fpath=(${directory} $fpath); autoload -U compinit; compinit -u -D`

  const called = await typed('zsh -f -i', prepare, lines)

  expect(called.map(unadorned)).toEqual(wanted)
})

test('every manual page is free of what mandoc and man warn of', async () => {
  const pages = [...contents.keys()].filter((path) => path.startsWith('/usr/share/man/'))
  expect(pages.map((path) => path.split('/').at(-1))).toEqual([
    'pgsvc.1.gz',
    'pgsql-svc.1.gz',
    'pgsvc-agent.8.gz',
    'pgsvc-controller.8.gz',
  ])
  for (const path of pages) {
    const linted = await run('mandoc', ['-T', 'lint', '-W', 'warning'], { input: text(path) })
    expect(linted.stdout + linted.stderr).toBe('')
  }
})

test('manual pages hold every command and the options of the daemons', () => {
  const overview = text('/usr/share/man/man1/pgsvc.1.gz')
  for (const verb of ['status', 'history', 'rollback', 'pki issue', 'notify']) {
    expect(overview).toContain(`.SS pgsvc ${verb}`)
  }
  expect(text('/usr/share/man/man8/pgsvc-agent.8.gz')).toContain('\\-\\-patroni\\-poll\\-ms')
  expect(text('/usr/share/man/man8/pgsvc-controller.8.gz')).toContain('1970\\-01\\-02'.replaceAll('\\-', '-'))
})

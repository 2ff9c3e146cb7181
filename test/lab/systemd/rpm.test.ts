import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mustRun, run } from '../process.ts'
import { ensurePackages, OUT } from './packaged.ts'

let packages: { readonly deb: string; readonly rpm: string }
let scratch: string
/** What each package holds: names, modes, digests. */
let deb: string
let rpm: string

beforeAll(async () => {
  packages = await ensurePackages()
  scratch = await mkdtemp(path.join(tmpdir(), 'pgsvc-rpm-'))
  deb = await unpack('deb', `dpkg-deb -x '${packages.deb}' .`)
  rpm = await unpack('rpm', `rpm2cpio '${packages.rpm}' | cpio --quiet -idm`)
}, 400_000)

afterAll(() => rm(scratch, { recursive: true }))

async function ask(...args: readonly string[]): Promise<readonly string[]> {
  const text = await mustRun('rpm', ['--query', '--package', ...args, packages.rpm])
  return text.trim().split('\n')
}

/** Unpacks into a directory of this name. */
async function unpack(name: string, command: string): Promise<string> {
  const directory = path.join(scratch, name)
  await mustRun('bash', ['-c', `mkdir '${directory}' && cd '${directory}' && ${command}`], {
    timeoutMs: 120_000,
  })
  const list =
    "find . ! -type d -printf '%P %m %l ' -exec sh -c 'test -L \"$1\" || sha256sum <\"$1\"' sh {} ';' -printf '\\n' | sort"
  return await mustRun('bash', ['-c', `cd '${directory}' && ${list}`])
}

test('the .rpm holds the same files with the same modes and contents as the .deb', () => {
  expect(deb).toContain('opt/pgsvc/bin/pgsvc 755')
  expect(rpm).toBe(deb)
})

test('the packages hold the program of these sources, though they alone were asked for', async () => {
  const program = path.join(OUT, `pgsvc-linux-${process.arch}`)
  const sources =
    'bin shared controller agent packaging/program scripts/packaging/program.ts package-lock.json'
  const newer = `cd '${path.join(OUT, '../..')}' && find ${sources} -type f -newer '${program}'`
  expect(await mustRun('bash', ['-c', newer])).toBe('')
  await mustRun('cmp', [program, path.join(scratch, 'deb/opt/pgsvc/bin/pgsvc')])
})

test('the .rpm keeps what an operator changed, and needs what the program needs', async () => {
  expect(await ask('--configfiles')).toEqual(['/etc/default/pgsvc-agent', '/etc/default/pgsvc-controller'])
  expect(await ask('--requires')).toEqual(
    expect.arrayContaining(['glibc >= 2.28', 'libstdc++ >= 8', 'systemd']),
  )
})

/** A scriptlet of the package, run as rpm runs it, with programs that only say how they were called. */
async function scriptlet(name: string, versionsLeft: number): Promise<readonly string[]> {
  const script = await mustRun('rpm', ['--query', '--package', '--queryformat', `%{${name}}`, packages.rpm])
  // Where systemd runs there is this directory; here it is not looked for.
  const checked = script.replace('[ -d /run/systemd/system ] || return 0', ':')
  expect(checked).not.toBe(script)
  // Nothing of this machine is touched.
  const text = checked.replaceAll(/\/(etc|run)\//g, `${scratch}/`)
  const stubs = path.join(scratch, 'stubs')
  await mkdir(stubs, { recursive: true })
  await writeFile(`${stubs}/systemctl`, '#!/bin/sh\necho "systemctl $*"\n', { mode: 0o755 })
  await writeFile(`${stubs}/systemd-sysusers`, '#!/bin/sh\n', { mode: 0o755 })
  const called = ['sh', '-c', text, name, String(versionsLeft)]
  const { stdout, status, stderr } = await run('env', [`PATH=${stubs}:/usr/bin:/bin`, ...called])
  expect([status, stderr]).toEqual([0, ''])
  return stdout.trim() === '' ? [] : stdout.trim().split('\n')
}

test.each([
  // An agent that was enrolled may run when the package comes first.
  ...([1, 2] as const).map(
    (left) =>
      [
        'POSTIN',
        left,
        ['systemctl daemon-reload', 'systemctl try-restart pgsvc-agent.service pgsvc-controller.service'],
      ] as const,
  ),
  ['PREUN', 1, []],
  ['PREUN', 0, ['systemctl disable --now pgsvc-agent.service pgsvc-controller.service']],
  ['POSTUN', 1, []],
  ['POSTUN', 0, ['systemctl daemon-reload']],
] as const)('%s with %i versions left calls systemd as it should', async (name, left, calls) => {
  expect(await scriptlet(name, left)).toEqual(calls)
})

test('rpm installs it into a root of its own, verifies it there, and takes all of it away again', async () => {
  const root = path.join(scratch, 'root')
  const rpm = (...args: readonly string[]) =>
    mustRun('rpm', ['--root', root, '--dbpath', '/var/lib/rpm', ...args], { timeoutMs: 180_000 })
  await mustRun('mkdir', ['-p', `${root}/var/lib/rpm`])
  await rpm('--initdb')

  // No shell is in that root to run scriptlets; they are looked at above.
  await rpm('--install', '--nodeps', '--noscripts', packages.rpm)

  expect(await rpm('--verify', '--nodeps', 'pgsvc')).toBe('')
  const { mode } = await stat(`${root}/opt/pgsvc/bin/pgsvc`)
  expect(mode & 0o777).toBe(0o755)
  const said = await run(`${root}/opt/pgsvc/bin/pgsvc`, ['--version'])
  const { version } = JSON.parse(
    await readFile(path.join(import.meta.dirname, '../../../package.json'), 'utf8'),
  )
  expect(said.stdout.trim()).toBe(version)
  await rpm('--erase', '--noscripts', 'pgsvc')
  const left = await run('find', [root, '-name', '*pgsvc*', '!', '-path', '*/haproxy.service.d*'])
  expect(left.stdout).toBe('')
})

test('components and licences are in the package', async () => {
  const docs = path.join(scratch, 'deb/usr/share/doc/pgsvc')
  const list = JSON.parse(await readFile(`${docs}/sbom.cdx.json`, 'utf8'))
  const lock = JSON.parse(
    await readFile(path.join(import.meta.dirname, '../../../package-lock.json'), 'utf8'),
  )
  const wanted = Object.entries<{ dev?: boolean; version: string }>(lock.packages)
    .filter(([name, { dev }]) => name !== '' && dev !== true)
    .map(([name, { version }]) => `${name.slice(name.lastIndexOf('node_modules/') + 13)}@${version}`)

  const listed = list.components.map((one: { name: string; version: string }) => `${one.name}@${one.version}`)

  expect(list.bomFormat).toBe('CycloneDX')
  expect([...new Set(listed)].sort()).toEqual([...new Set(wanted)].sort())
  const licences = await readFile(`${docs}/copyright`, 'utf8')
  for (const name of ['@grpc/grpc-js', 'zod', 'Node.js']) expect(licences).toContain(`\n${name}`)
})

/** Makes the .rpm with rpmbuild. Source: RPM reference manual, "Spec file format"; scriptlets' arguments. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir } from '../bundle.ts'
import type { Description } from './contents.ts'
import type { PackageOptions } from './deb.ts'
import type { Item } from './item.ts'
import { stage } from './stage.ts'

const machines = { x64: 'x86_64', arm64: 'aarch64' } as const

/** @returns the package file */
export function makeRpm(description: Description, options: PackageOptions): string {
  const top = join(options.work, 'rpm')
  rmSync(top, { recursive: true, force: true })
  mkdirSync(top, { recursive: true })
  const root = join(options.work, 'rpm-root')
  stage(description, root, options.epochS)
  const spec = join(top, 'pgsvc.spec')
  writeFileSync(spec, specText(description))
  const machine = machines[options.arch]
  const settings = {
    _topdir: top,
    // rpmbuild empties its own; the files are laid out already.
    _staged: root,
    _buildhost: 'localhost',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    _binary_payload: options.fast ? 'w0.ufdio' : 'w6.xzdio',
    _build_id_links: 'none',
    debug_package: '%{nil}',
    // They would strip the program of what makes it ours.
    __os_install_post: '%{nil}',
  }
  const defines = Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  execFileSync('rpmbuild', ['-bb', '--quiet', '--nodeps', '--target', `${machine}-linux`, ...defines, spec], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(options.epochS) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const name = `${description.name}-${description.version}-1.${machine}.rpm`
  copyFileSync(join(top, 'RPMS', machine, name), join(options.outDir, name))
  rmSync(root, { recursive: true, force: true })
  rmSync(top, { recursive: true, force: true })
  return join(options.outDir, name)
}

function specText(description: Description): string {
  const { name, version, summary, text, homepage, licence, depends, items } = description
  return `Name: ${name}
Version: ${version}
Release: 1
Summary: ${summary}
License: ${licence}
URL: ${homepage}
AutoReqProv: no
${depends.rpm.map((one) => `Requires: ${one}`).join('\n')}

%description
${text.join('\n\n')}

%install
cp -a %{_staged}/. %{buildroot}/

%files
${items.map(fileLine).join('\n')}

${scriptlets()}
`
}

function fileLine(item: Item): string {
  if (item.kind === 'directory') return `%dir %attr(0${item.mode.toString(8)},root,root) ${item.path}`
  if (item.kind === 'config') return `%config(noreplace) %attr(0644,root,root) ${item.path}`
  if (item.kind === 'link') return item.path
  const doc =
    item.path.startsWith('/usr/share/doc/') || item.path.startsWith('/usr/share/man/') ? '%doc ' : ''
  return `${doc}%attr(0${item.mode.toString(8)},root,root) ${item.path}`
}

/** rpm tells by the first argument how many versions will be there. */
function scriptlets(): string {
  // In a spec file a percent sign begins a macro.
  const actions = readFileSync(join(projectDir, 'packaging/scripts/actions.sh'), 'utf8').replaceAll('%', '%%')
  const scriptlet = (name: string, line: string) => `%${name}\nset -e\n${actions}\n${line}\n`
  return [
    scriptlet('post', 'if [ "$1" = 1 ]; then installed first; else installed again; fi'),
    scriptlet('preun', 'if [ "$1" = 0 ]; then removing; fi'),
    scriptlet('postun', 'if [ "$1" = 0 ]; then removed; fi'),
  ].join('\n')
}

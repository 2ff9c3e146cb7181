/** What a node has: one script that only looks, and what it printed. Pure. */
import { quoted } from '../ssh/shell-words.ts'
import { type CertificatePlaces, usualPlaces } from './certificate-places.ts'
import {
  agentUnit,
  beforePackageOf,
  commandPath,
  configPath,
  controllerUnit,
  nextOf,
  packagedCommandPath,
  previousOf,
  programDir,
  programPath,
  unitPath,
} from './paths.ts'

export interface NodeFacts {
  /** As uname -m says it. */
  readonly machine: string
  readonly hasSystemd: boolean
  /** First line of `haproxy -v`; '' where there is none. */
  readonly haproxy: string
  /** Bytes that are free where the program goes, and where the state does. */
  readonly programRoom: number
  readonly stateRoom: number
  /** SHA-256 of the program, and of the one that an attempt before has brought; '' for none. */
  readonly program: string
  readonly nextProgram: string
  /** Something that was replaced, and whose successor has not proved itself yet: what runs may still be what was before. */
  readonly hasPrevious: boolean
  /** Name of the package that owns the program; '' for none. */
  readonly package: string
  /** What the command is called by there: the program's path where it is our link, the path of somebody else's, '' for none. */
  readonly command: string
  /** Contents by path; a file that is not there is missing. */
  readonly files: ReadonlyMap<string, string>
  readonly hasKey: boolean
  /** Where certificates are looked for. */
  readonly places: CertificatePlaces
  readonly isActive: boolean
  readonly isEnabled: boolean
  /** A controller is installed on the same host. */
  readonly hasController: boolean
  /** What there is of an agent, paths. */
  readonly traces: readonly string[]
}

const keyPath = usualPlaces.key
const certPath = usualPlaces.cert
/** Certificates of those that the node trusts, where the configuration does not say otherwise. */
export const caPath = usualPlaces.ca

/** @param units - names of units that are of interest */
export function factsScript(units: readonly string[]): string {
  const paths = [configPath, certPath, caPath, ...units.map(unitPath)]
  return [
    'PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin; export PATH LC_ALL=C',
    'say() { printf "%s %s\\n" "$1" "$2"; }',
    'room() { d=$1; while [ ! -d "$d" ]; do d=$(dirname "$d"); done; df -Pk "$d" | awk "NR==2{print \\$4}"; }',
    'sum() { [ -f "$1" ] && sha256sum <"$1" | cut -d" " -f1; }',
    'say machine "$(uname -m)"',
    '[ -d /run/systemd/system ] && say systemd yes',
    'say haproxy "$(haproxy -v 2>/dev/null | head -n 1)"',
    `say programRoom "$(room ${programDir})"`,
    'say stateRoom "$(room /var/lib/pgsvc)"',
    `say program "$(sum ${programPath})"`,
    `say nextProgram "$(sum ${nextOf(programPath)})"`,
    `for p in ${[programPath, configPath, ...units.map(unitPath)].map(previousOf).join(' ')}; do [ -f $p ] && say previous yes; done`,
    `say package "$(dpkg-query -S ${programPath} 2>/dev/null | cut -d: -f1 || :)$(rpm -qf --qf '%{NAME}' ${programPath} 2>/dev/null | grep -v ' ' || :)"`,
    ...commandLines,
    ...paths.map((path) => `[ -f ${path} ] && say file:${path} "$(base64 -w0 <${path})"`),
    `[ -f ${keyPath} ] && say key yes`,
    `say active "$(systemctl is-active ${agentUnit} 2>/dev/null)"`,
    `say enabled "$(systemctl is-enabled ${agentUnit} 2>/dev/null)"`,
    // A unit in /etc is somebody's own: stopped and disabled, too.
    `for p in /etc/pgsvc/controller.yml /etc/pgsvc/controller.crt ${unitPath(controllerUnit)}; do [ -e $p ] && say controller yes; done`,
    // Its configuration may be anywhere.
    `for s in is-active is-enabled; do systemctl $s --quiet ${controllerUnit} 2>/dev/null && say controller yes; done`,
    `for p in ${traces(units).join(' ')}; do { [ -e $p ] || [ -L $p ]; } && say "trace:$p" yes; done`,
    ':',
  ].join('\n')
}

const commandLines = [
  `if [ "$(readlink ${commandPath})" = ${programPath} ]; then say command ${programPath}; say trace:${commandPath} yes`,
  `else for p in ${packagedCommandPath} ${commandPath}; do { [ -e $p ] || [ -L $p ]; } && say command $p; done; fi`,
]

function traces(units: readonly string[]): readonly string[] {
  const unitPaths = units.map(unitPath)
  const own = [programPath, nextOf(programPath), previousOf(programPath), configPath, certPath, keyPath]
  return [
    ...own,
    ...unitPaths,
    ...unitPaths.map(beforePackageOf),
    '/var/lib/pgsvc/agent',
    '/etc/haproxy/pgsvc',
  ]
}

/** What a configuration that says other places asks to be looked at besides. */
export function placesScript({ cert, key, ca }: CertificatePlaces): string {
  const files = [cert, ca].map((path) => {
    const file = quoted(path)
    return `[ -f ${file} ] && printf 'file:%s %s\\n' ${quoted(encodeURIComponent(path))} "$(base64 -w0 <${file})"`
  })
  return [...files, `[ -f ${quoted(key)} ] && echo 'key yes'`, ':'].join('\n')
}

/** @param text - what `placesScript` printed */
export function withPlaces(facts: NodeFacts, places: CertificatePlaces, text: string): NodeFacts {
  const found = parseFacts(text)
  const files = [...found.files].map(([path, content]) => [decodeURIComponent(path), content] as const)
  return { ...facts, places, hasKey: found.hasKey, files: new Map([...facts.files, ...files]) }
}

/** @param text - what the script printed */
export function parseFacts(text: string): NodeFacts {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const at = line.indexOf(' ')
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1).trim())
  }
  const of = (key: string) => values.get(key) ?? ''
  const files = [...values].flatMap(([key, value]) =>
    key.startsWith('file:') ? [[key.slice(5), Buffer.from(value, 'base64').toString('utf8')] as const] : [],
  )
  return {
    machine: of('machine'),
    hasSystemd: of('systemd') === 'yes',
    haproxy: of('haproxy'),
    programRoom: Number(of('programRoom')) * 1024,
    stateRoom: Number(of('stateRoom')) * 1024,
    program: of('program'),
    nextProgram: of('nextProgram'),
    package: of('package'),
    command: of('command'),
    files: new Map(files),
    hasKey: of('key') === 'yes',
    places: usualPlaces,
    isActive: ['active', 'activating', 'reloading'].includes(of('active')),
    isEnabled: of('enabled') === 'enabled',
    hasPrevious: of('previous') === 'yes',
    hasController: of('controller') === 'yes',
    traces: [...values.keys()].flatMap((key) => (key.startsWith('trace:') ? [key.slice(6)] : [])),
  }
}

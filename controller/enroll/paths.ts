/** Where things are on a node; packages and enrolment use the same places. */

/** The agent's program. */
export const programDir = '/opt/pgsvc/bin'
export const programName = 'pgsvc'
export const programPath = `${programDir}/${programName}`
/** By what name an operator on the node calls it: a link of enrolment's. Packages have theirs in /usr/bin. */
export const commandPath = '/usr/local/bin/pgsvc'
export const packagedCommandPath = '/usr/bin/pgsvc'
/** What agents remember, and what a command brings for a while. */
export const stateHome = '/var/lib/pgsvc'
/** The agent's configuration. */
export const configPath = '/etc/pgsvc/agent.yml'
export const agentUnit = 'pgsvc-agent.service'
/** Of a controller on the same host. */
export const controllerUnit = 'pgsvc-controller.service'
/** Units of enrolment; packages have theirs in /usr/lib. */
const unitDir = '/etc/systemd/system'

/** Where a unit of packaging/systemd goes. */
export function unitPath(name: string): string {
  return `${unitDir}/${name}`
}

/** What a package that came later has made of an enrolment's unit. Source: packaging/scripts/actions.sh. */
export function beforePackageOf(path: string): string {
  return `${path}.before-package`
}

/** What waits beside a file to take its place. */
export function nextOf(path: string): string {
  return beside(path, 'next')
}

/** What a file was before, until what took its place has proved itself. */
export function previousOf(path: string): string {
  return beside(path, 'previous')
}

/** Hidden, and with an ending that neither systemd nor HAProxy looks at. */
function beside(path: string, what: string): string {
  const at = path.lastIndexOf('/') + 1
  return `${path.slice(0, at)}.${path.slice(at)}.pgsvc-${what}`
}

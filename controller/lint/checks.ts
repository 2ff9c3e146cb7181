/** Health checks that nobody can pass, by what Patroni answers to whom. */
import type { ServiceInfo } from '../../shared/model/snapshot.ts'
import { type LoadedInventory, variableOf } from '../inventory/inventory.ts'
import { roleOf } from '../model/identity.ts'
import type { OwnerPlan } from '../plan/owner-plan.ts'
import { pyText } from '../values/py-text.ts'
import type { ServiceProblem } from './by-service.ts'
import { asksForPrimary, asksForSync, type CanPass, patroniCheck, patroniPaths } from './patroni-check.ts'
import type { Places } from './places.ts'
import { type PlannedService, plainServers, type ServiceForm } from './planned-service.ts'

/** @param upstream - what the cluster's primary follows; undefined for a cluster of its own */
export function checkWarnings(
  service: PlannedService,
  places: Places,
  upstream: string | undefined,
): ServiceProblem[] {
  const { owner, name, plan, forms } = service
  const path = patroniPath(plan, forms)
  if (path === undefined) return []
  const warn = (code: string, message: string, hint: string, key = 'check'): ServiceProblem[] => [
    { owner, service: name, severity: 'warning', code, message, at: places.of(owner, name, key), hint },
  ]
  const isUnset = places.definitions(owner).get(name)?.definition.dict.has('check') === false
  const unset = isUnset ? " (no check is written, and / is Patroni's check for the primary)" : ''
  const check = patroniCheck(path)
  if (check === undefined) {
    return warn(
      'CHECK_UNKNOWN',
      `Patroni does not know ${path} and answers 503`,
      `use one of ${patroniPaths}`,
    )
  }
  if (upstream !== undefined && asksForPrimary(path)) {
    return warn(
      'STANDBY_PRIMARY',
      `${owner} follows ${upstream}, so no member ever passes ${path}${unset}`,
      'check /leader, which the leader of a standby cluster passes too, or /standby-leader',
    )
  }
  const passes = passing(check, upstream !== undefined)
  const findings: ServiceProblem[] = []
  if (neverPasses(forms, passes, (info) => info.backups)) {
    const quorum = asksForSync(path) ? ', and in quorum mode no member passes it' : ''
    const hint = 'choose a check that the backup passes too, e.g. /read-only, or another backup'
    findings.push(
      ...warn('BACKUP_NEVER_PASSES', `its backup can never pass ${path}${unset}${quorum}`, hint, 'backup'),
    )
  }
  if (neverPasses(forms, passes, plainServers)) {
    const rest = forms.some(({ info }) => info.backups.length > 0) ? ' but backups' : ''
    findings.push(
      ...warn(
        'SERVERS_NEVER_PASS',
        `none of its servers${rest} can ever pass ${path}${unset}`,
        checksFor(forms, upstream !== undefined),
      ),
    )
  }
  return findings
}

/** Checks that the servers that are no backups do pass. */
function checksFor(forms: readonly ServiceForm[], standby: boolean): string {
  const passed = ['/primary', '/leader', '/replica', '/read-only'].filter((path) => {
    const check = patroniCheck(path)
    return check !== undefined && !neverPasses(forms, passing(check, standby), plainServers)
  })
  return `choose a check that these members pass: ${passed.join(', ') || '/health'}`
}

/** The path, when it is Patroni that is asked, and 200 that is expected. */
function patroniPath(plan: OwnerPlan, forms: readonly ServiceForm[]): string | undefined {
  const ports = new Set(plan.members.map(({ patroniPort }) => String(patroniPort)))
  const [form] = forms
  if (form === undefined || plan.leader === '') return undefined
  const { path, status, checkPorts } = form.text
  if (status !== '200' || ![...checkPorts].every((port) => ports.has(port))) return undefined
  return checkPorts.size === 0 ? undefined : path
}

type Passes = (server: string, leader: string) => boolean

function passing(check: CanPass, standby: boolean): Passes {
  return (server, leader) => check({ leads: server === leader, standby })
}

/** There are such servers, and whoever leads none of them passes. */
function neverPasses(
  forms: readonly ServiceForm[],
  passes: Passes,
  pick: (info: ServiceInfo) => readonly string[],
): boolean {
  const some = forms.filter(({ info }) => pick(info).length > 0)
  return (
    some.length > 0 && some.every(({ info, leader }) => !pick(info).some((server) => passes(server, leader)))
  )
}

/** What a cluster follows: pg_upstream of its primary. On a replica it only means cascading. */
export function upstreamOf(loaded: LoadedInventory, plan: OwnerPlan, places: Places): string | undefined {
  const isWritten = plan.members.some(({ address }) => {
    const host = loaded.inventory.hosts.get(address)
    return host !== undefined && variableOf(host, 'pg_upstream') !== undefined
  })
  if (!isWritten) return undefined
  const primary = places.renderers(plan.owner).find((view) => roleOf(view) === 'primary')
  const text = pyText(primary?.get('pg_upstream') ?? null)
  return text === '' ? undefined : text
}

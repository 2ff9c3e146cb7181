/** An explanation in words. */
import { describeError } from '../../shared/errors/app-error.ts'
import { followVariable } from '../model/follow.ts'
import type { Service } from '../model/service.ts'
import type { Explanation, FieldName, LeaderRow, Outsider, ServiceView } from './explain-service.ts'
import type { Derived, MemberReport, Reason } from './member-report.ts'
import { locationText, placeText } from './place-text.ts'
import type { Reading } from './reading.ts'
import { valueText } from './value-text.ts'

/** Lines, indented by what they belong to. */
export function explanationLines(explanation: Explanation): string[] {
  const { views, outsiders, problems } = explanation
  return [
    `${explanation.fullName}, Pigsty ${explanation.release}`,
    ...followLine(explanation),
    ...views.flatMap((view) => viewLines(view, explanation)),
    ...outsiders.flatMap((outsider) => outsiderLines(outsider, explanation.cluster)),
    ...problems.flatMap(({ code, severity, message, at, hint }) => {
      const place = at === undefined ? '' : `${locationText(at)}: `
      return [`${place}${severity} ${code}: ${message}`, `  right: ${hint ?? ''}`]
    }),
    ...(isRefused(explanation)
      ? [`${explanation.cluster} is refused: nothing of it is published until these errors are mended`]
      : []),
  ]
}

/** Nothing when the inventory leaves it to each agent. */
function followLine({ follow, followPlace }: Explanation): string[] {
  if (follow === undefined) return []
  const what = { on: 'is followed', report: 'is told, not followed', off: 'is not looked at' }
  return [`  a change of the leader ${what[follow]}  (${placed(followVariable, followPlace)})`]
}

/** Whether a publish would refuse the cluster. */
export function isRefused({ problems }: Explanation): boolean {
  return problems.some(({ severity }) => severity === 'error')
}

function viewLines(view: ServiceView, explanation: Explanation): string[] {
  const { provider, providerPlace, leader, today } = explanation
  const { service, at } = view
  const who =
    provider === '' ? 'the members' : `group ${provider}, ${placed('pg_service_provider', providerPlace)}`
  const field = (key: FieldName) => {
    const place = view.fields.get(key)
    return place === undefined ? '' : `  (${locationText(place)})`
  }
  return [
    `  on ${view.nodes.join(', ')}  (${who})`,
    `  defined in ${view.list}${at === undefined ? '' : `, ${locationText(at)}`}${view.listPlace === undefined ? '' : `; ${placed(view.list, view.listPlace)}`}`,
    ...view.replaces.map(
      (other) =>
        `  replaces the one of the same name in ${other.list}${other.at === undefined ? '' : `, ${locationText(other.at)}`}`,
    ),
    `  listens on ${service.ip}:${service.port}, leads to ${destinationText(service)}${
      view.defaultDestination === undefined
        ? field('dest')
        : `  (${placed('pg_default_service_dest', view.defaultDestination)})`
    }`,
    `  check ${checkText(service)}${field('check_port') || field('check') || '  (not written, so / is asked)'}`,
    `  maxconn ${service.maxconn}${field('maxconn') || '  (the default)'}, balance ${service.balance}${field('balance') || '  (the default)'}`,
    `  ${timingsText(view, field('options'))}`,
    `  selector ${service.selector.trim()}${field('selector')}`,
    ...(service.backup === undefined ? [] : [`  backup   ${service.backup.trim()}${field('backup')}`]),
    '',
    `  ${leaderText(leader, today, explanation)}`,
    ...view.members.flatMap((member) => memberLines(member, service)),
    '',
    ...leaderTable(view, isUnsure(explanation) ? undefined : today),
    ...otherLeaders(view, leader),
  ]
}

function placed(name: string, place: Parameters<typeof placeText>[0] | undefined): string {
  return place === undefined ? `${name} is not set` : `${name} from ${placeText(place)}`
}

function timingsText({ timings }: ServiceView, at: string): string {
  const { text, mode, modePlace } = timings
  if (at !== '') return `options ${text}${at}`
  const origin =
    mode === undefined ? 'fixed in this release' : `pg_rto ${mode}, ${placed('pg_rto', modePlace)}`
  return `timings ${text}  (${origin})`
}

function destinationText({ destination }: Service): string {
  return destination.kind === 'port' ? `port ${destination.port}` : destination.kind
}

function checkText({ checkMethod, check, checkCode, checkPort }: Service): string {
  const port = checkPort.kind === 'port' ? `port ${checkPort.port}` : checkPort.kind
  return checkMethod === 'http'
    ? `${check} of ${port}, well when it answers ${checkCode}`
    : `a connection to ${port}`
}

/** A broken identity has no leader, or several. */
function isUnsure({ problems }: Explanation): boolean {
  return problems.some(({ code }) => code === 'IDENTITY_INVALID')
}

function leaderText(leader: string, today: string, explanation: Explanation): string {
  if (isUnsure(explanation)) return 'who leads cannot be told: see the errors below'
  if (leader === '') return 'no member leads'
  return leader === today
    ? `${leader} leads, as the inventory says`
    : `as if ${leader} led; the inventory says ${today || 'nobody'}`
}

/** The lines of one member. */
export function memberLines(member: MemberReport, service: Pick<Service, 'selector' | 'backup'>): string[] {
  const { instance, host, role, state } = member
  return [
    `  ${instance}  ${host}  pg_role ${role || 'not set'}: ${stateText(state)}`,
    ...reasonLines('selector', service.selector, member.selector),
    ...(member.backup === undefined ? [] : reasonLines('backup', service.backup ?? '', member.backup)),
    ...(member.server ?? []).map((derived) => `      ${derivedText(derived)}`),
  ]
}

function stateText(state: MemberReport['state']): string {
  return { server: 'a server', backup: 'a backup, used while no other server is up', out: 'out' }[state]
}

function reasonLines(label: string, expression: string, reasons: readonly Reason[]): string[] {
  const last = reasons.at(-1)
  if (last === undefined) return [`      ${label} takes every member: ${expression.trim()}`]
  const told = last.kept ? reasons.filter(({ clauses }) => clauses.length > 0) : [last]
  const verb = last.kept ? 'takes it' : 'leaves it out'
  const clauses = told.flatMap((reason) => reason.clauses)
  if (clauses.length === 0) return [`      ${label} ${verb}: ${last.step}`]
  return [
    `      ${label} ${verb}:`,
    ...clauses.flatMap(({ text, holds, readings }) => [
      `        ${text} is ${holds}`,
      ...readings.map((reading) => `          ${readingText(reading)}`),
    ]),
  ]
}

/** What a variable is, who says so, and what that overrides. */
export function readingText({ name, value, places, unseenDefault, assumed }: Reading): string {
  if (value === undefined) {
    return `${name} is not set${unseenDefault ? '; its role default does not count for servers and selectors' : ''}`
  }
  const [place, ...weaker] = places
  const over = weaker.map((one) => `, over ${placeText(one)}: ${valueText(one.value)}`).join('')
  if (assumed) return `${name} is ${valueText(value)} then`
  return `${name} is ${valueText(value)}${place === undefined ? '' : `: ${placeText(place)}`}${over}`
}

function derivedText({ what, value, reading }: Derived): string {
  if (reading === undefined) return `${what} ${value}, as the definition says`
  if (reading.value === undefined) return `${what} ${value}, for ${readingText(reading)}`
  return `${what} ${value}: ${readingText(reading)}`
}

function leaderTable(view: ServiceView, today: string | undefined): string[] {
  const names =
    view.byLeader.find(({ members }) => members.length > 0)?.members.map(({ instance }) => instance) ?? []
  const rows = view.byLeader.map((row) => [
    row.leader === today ? `${row.leader || 'nobody'} (inventory)` : row.leader,
    ...(row.members.length > 0 ? row.members.map(({ state }) => state) : [row.error?.code ?? 'not carried']),
  ])
  return columns([['when this leads:', ...names], ...rows])
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map(
    (row) =>
      `  ${row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()}`,
  )
}

/** Of one member that was asked for: why it is something else when another one leads. */
function otherLeaders(view: ServiceView, leader: string): string[] {
  const [own] = view.members
  if (own === undefined || view.members.length !== 1) return errorLines(view.byLeader)
  return view.byLeader
    .filter((row) => row.leader !== leader)
    .flatMap((row) => {
      const [member] = row.members
      if (member === undefined || member.state === own.state) return errorLines([row])
      return ['', `  as if ${row.leader} led`, ...memberLines(member, view.service)]
    })
}

function errorLines(rows: readonly LeaderRow[]): string[] {
  return rows.flatMap(({ leader, error }) =>
    error === undefined ? [] : [`  when ${leader} leads: ${describeError(error)}`],
  )
}

function outsiderLines({ host, cluster, places }: Outsider, asked: string): string[] {
  const what = cluster === undefined ? 'it has no pg_cluster' : `its pg_cluster is ${cluster}`
  const [place, ...weaker] = places
  return [
    `  ${host} is no member of ${asked}: ${what}${place === undefined ? '' : `, ${placeText(place)}`}`,
    ...weaker.map((one) => `      over ${placeText(one)}: ${valueText(one.value)}`),
  ]
}

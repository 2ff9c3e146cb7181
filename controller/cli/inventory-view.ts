/** What `pgsvc inventory` prints. */
import { describeError } from '../../shared/errors/app-error.ts'
import type { HostReport, VariableReport } from '../explain/host-report.ts'
import { placeText } from '../explain/place-text.ts'
import { plainValue, valueText } from '../explain/value-text.ts'

/** A block for each variable: value, place, what it was written as, what it overrides. */
export function hostReportText(report: HostReport): string {
  const member = report.cluster === undefined ? 'no member of a cluster' : `member of ${report.cluster}`
  const groups = report.groups.length === 0 ? '' : `; groups: ${report.groups.join(', ')}`
  return [
    `${report.host}: ${member}${groups}`,
    '',
    ...report.variables.flatMap(variableLines),
    ...report.unset.map(unsetLine),
    '',
  ].join('\n')
}

function unsetLine({ name, near }: HostReport['unset'][number]): string {
  return `${name}: (not set)${near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`}`
}

function variableLines(variable: VariableReport): string[] {
  const { name, value, error, written, place, overridden } = variable
  return [
    `${name}: ${value === undefined ? '(cannot be evaluated)' : valueText(value)}`,
    `    from ${placeText(place)}`,
    ...(written === undefined ? [] : [`    written ${valueText(written)}`]),
    ...overridden.map((one) => `    over ${placeText(one)}: ${valueText(one.value)}`),
    ...(error === undefined
      ? []
      : describeError(error)
          .split('\n')
          .map((line) => `    ! ${line.trim()}`)),
  ]
}

/** The same as one JSON object. */
export function hostReportJson(report: HostReport): string {
  const variables = report.variables.map(({ name, value, error, written, place, overridden }) => ({
    name,
    value: value === undefined ? null : plainValue(value),
    error: error === undefined ? null : { code: error.code, message: error.message, at: error.at ?? null },
    written: written === undefined ? null : plainValue(written),
    from: { kind: place.kind, text: place.text, at: place.at ?? null },
    overrides: overridden.map((one) => ({
      kind: one.kind,
      text: one.text,
      at: one.at ?? null,
      value: plainValue(one.value),
    })),
  }))
  return `${JSON.stringify({ host: report.host, cluster: report.cluster ?? null, groups: report.groups, variables, unset: report.unset })}\n`
}

/** Findings for people and for programs. */
import type { Finding } from '../lint/finding.ts'
import { type Colour, type Paint, visible } from './paint.ts'

/**
 * Three lines for each finding: where and what, why it matters, what would be right. Those that concern only
 * Pigsty's own templates come last.
 */
export function lintText(findings: readonly Finding[], paint: Paint): string {
  const text = (some: readonly Finding[]) => some.map((finding) => findingText(finding, paint)).join('')
  const strict = findings.filter((finding) => finding.strict)
  const title = "\nOnly for render --strict, that is, for what Pigsty's own templates write:\n"
  return (
    text(findings.filter((finding) => !finding.strict)) + (strict.length === 0 ? '' : title + text(strict))
  )
}

function findingText(finding: Finding, paint: Paint): string {
  const { at, code, message, why, hint } = finding
  const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}: `
  const lines = [
    `${place}${paint(colourOf(finding), labelOf(finding))} ${code}: ${message}${alsoText(finding)}`,
    `  why: ${why}`,
    `  ${paint('blue', 'right')}: ${hint ?? ''}`,
  ]
  return lines.map((line) => `${visible(line)}\n`).join('')
}

function labelOf({ severity, strict }: Finding): string {
  return strict ? `${severity} (strict)` : severity
}

function colourOf({ severity, strict }: Finding): Colour {
  if (strict) return 'cyan'
  return severity === 'error' ? 'red' : 'yellow'
}

function alsoText({ also }: Finding): string {
  if (also.length === 0) return ''
  const shown = also.slice(0, 5).join(', ')
  return ` (also ${shown}${also.length > 5 ? ` and ${also.length - 5} more` : ''})`
}

/** The last line: how many of each. */
export function lintSummary(findings: readonly Finding[]): string {
  const strict = findings.filter((finding) => finding.strict).length
  const own = findings.filter((finding) => !finding.strict)
  const errors = own.filter(({ severity }) => severity === 'error').length
  const parts = [count(errors, 'error'), count(own.length - errors, 'warning')]
  if (strict > 0) parts.push(`${strict} for --strict only`)
  return `${parts.join(', ')}\n`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** One array; docs/commands.md lists the keys. */
export function lintJson(findings: readonly Finding[]): string {
  const rows = findings.map(({ severity, code, at, owner, message, why, hint, strict, also }) => ({
    severity,
    code,
    file: at?.file ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    owner,
    message,
    why,
    hint: hint ?? '',
    strict,
    also,
  }))
  return `${JSON.stringify(rows, null, 2)}\n`
}

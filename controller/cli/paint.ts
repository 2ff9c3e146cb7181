/** Colours, in the tradition of Pigsty's scripts: green good, yellow warning, red failure, blue hint, magenta lines. */

export type Colour = 'green' | 'yellow' | 'red' | 'blue' | 'magenta' | 'cyan' | 'bold' | 'plain'

const codes: Readonly<Record<Colour, string>> = {
  green: '32',
  yellow: '33',
  red: '31',
  blue: '34',
  magenta: '35',
  cyan: '36',
  bold: '1',
  plain: '',
}

/** Text in a colour, or the text itself when colours are off. */
export type Paint = (colour: Colour, text: string) => string

export function createPaint(on: boolean): Paint {
  return (colour, text) => (on && colour !== 'plain' ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text)
}

/**
 * Whether to colour: what was asked for, else the terminal's and the user's wish (no-color.org).
 *
 * @param asked - `--color` or `--no-color`; undefined when neither was given
 */
export function wantsColour(
  asked: boolean | undefined,
  isTty: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (asked !== undefined) return asked
  return isTty && !env.NO_COLOR && env.TERM !== 'dumb'
}

/** A line with its sign, e.g. `[ OK ] 10.10.10.11  unchanged`. */
export interface Line {
  readonly sign: 'ok' | 'warn' | 'fail' | 'hint' | 'step' | 'section' | 'text'
  readonly text: string
}

const signs = {
  ok: ['[ OK ] ', 'green'],
  warn: ['[WARN] ', 'yellow'],
  fail: ['[FAIL] ', 'red'],
  hint: ['[HINT] ', 'blue'],
  step: ['[ .. ] ', 'cyan'],
} as const

/** One line for the terminal, without its newline. Control characters that others wrote are made visible. */
export function paintLine(line: Line, paint: Paint): string {
  const text = visible(line.text)
  if (line.sign === 'section')
    return paint('magenta', `[${text}] ${'='.repeat(Math.max(3, 60 - text.length))}`)
  if (line.sign === 'text') return text
  const [sign, colour] = signs[line.sign]
  return `${paint(colour, sign.trimEnd())} ${line.sign === 'hint' ? paint('blue', text) : text}`
}

/** HAProxy's words and inventory text reach the terminal; an escape sequence in them must not act there. */
export function visible(text: string): string {
  return text.replace(
    /(?![\n\t])\p{Cc}/gu,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

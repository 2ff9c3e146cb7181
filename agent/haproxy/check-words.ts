/**
 * Finds in what `haproxy -c` says which file and line it is about. Pure.
 *
 * HAProxy words its alerts in several ways; seen on 2.6:
 *   [ALERT] (1) : config : parsing [/x/a.cfg:3] : unknown keyword ...
 *   [ALERT] (1) : config : [/x/a.cfg:3] : 'server x/a' : could not resolve address ...
 *   [ALERT] (1) : config : Error(s) found in configuration file : /x/a.cfg
 *   [ALERT] (1) : config : Proxy 'x': unable to find stick-table 'q'.
 * An alert that ends in "Continuing." is none: HAProxy itself goes on.
 */
export interface CheckWords {
  /** Path as HAProxy was given it. */
  readonly path: string | undefined
  readonly line: number | undefined
  /** Name of the section, when the alert names one. */
  readonly section: string | undefined
  /** The alert, one line. */
  readonly message: string
  /** Everything HAProxy said but its notices, and what it says of states that are not kept while files are checked. */
  readonly words: string
}

/** One alert, other than those that only sum up. */
export interface Alert {
  readonly path: string | undefined
  readonly line: number | undefined
  readonly section: string | undefined
  readonly message: string
  /** The whole of it, as HAProxy words it. */
  readonly words: string
}

/** Every alert that says what is wrong, in HAProxy's order. */
export function readAlerts(output: string): readonly Alert[] {
  return alertsIn(output.split('\n'))
    .filter((text) => !/^(Error\(s\) found in configuration file|Fatal errors found)/.test(text))
    .map((text) => {
      const place = placeOf(text)
      const message = place?.text ?? text
      return { path: place?.path, line: place?.line, section: sectionOf(message), message, words: text }
    })
}

function alertsIn(lines: readonly string[]): readonly string[] {
  return lines
    .filter((line) => line.startsWith('[ALERT]') && !line.endsWith('Continuing.'))
    .map((line) => line.replace(/^\[ALERT\]\s*(\(\d+\))?\s*:\s*(config : )?/, ''))
}

function sectionOf(message: string): string | undefined {
  return /\b[Pp]roxy '([^']+)'/.exec(message)?.[1]
}

const noise = /^\[NOTICE\]|^\[WARNING\].*server.state.file/i

export function readCheckWords(output: string): CheckWords {
  const lines = output.split('\n').filter((line) => line !== '' && !noise.test(line))
  const alerts = alertsIn(lines)
  const blamed = alerts
    .map((text) => /^Error\(s\) found in configuration file : (.+)$/.exec(text)?.[1])
    .find(Boolean)
  const placed = alerts.map(placeOf).filter((place) => place !== undefined)
  const place = placed.find(({ path }) => path === blamed) ?? placed[0]
  const message = place?.text ?? alerts[0] ?? lines[0] ?? 'HAProxy refused the files without a word'
  return {
    path: blamed ?? place?.path,
    line: blamed === undefined || blamed === place?.path ? place?.line : undefined,
    section: sectionOf(message),
    message,
    words: lines.join('\n'),
  }
}

function placeOf(text: string): { path: string; line: number; text: string } | undefined {
  const match = /\[([^\]\s]+):(\d+)\]/.exec(text)
  if (!match) return undefined
  const [all, path = '', line] = match
  const rest = text.slice(text.indexOf(all) + all.length).replace(/^\s*:?\s*/, '')
  return { path, line: Number(line), text: rest }
}

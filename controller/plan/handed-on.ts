/**
 * Members handed on as text, all variables of them, and read back: so Pigsty makes facts of a cluster before it
 * renders. One value that does not survive loses the whole list, and nothing is written.
 */
import { AppError } from '../../shared/errors/app-error.ts'
import type { HostView } from '../inventory/host-view.ts'
import { asAppError } from '../model/fault.ts'
import { type Lost, lostIn } from '../model/read-back.ts'
import { locate } from '../values/spot.ts'
import type { Lineup } from './lineup.ts'

interface LostVariable {
  readonly member: HostView
  readonly name: string
  readonly lost: Lost
}

const known = new WeakMap<Lineup, readonly LostVariable[]>()

/**
 * @param renderer - the host that renders; it has role defaults
 * @throws AppError `MEMBER_UNREADABLE` for a date, an infinite number or a reference to nothing; `TEMPLATE_CYCLE`
 */
export function mustReadBack(lineup: Lineup, renderer: HostView): void {
  const lostVariables = known.get(lineup) ?? lineup.members.flatMap(({ view }) => lostOf(view))
  known.set(lineup, lostVariables)
  for (const { member, name, lost } of lostVariables) {
    if (lost.kind === 'reference' && (lineup.holdsUnsafe() || isKnown(renderer, lost.text))) continue
    throw new AppError(
      'MEMBER_UNREADABLE',
      `host ${member.name}: Pigsty fails on ${name}, because of ${lost.text}`,
      {
        at: locate(member.spot(name)),
        hint: 'put dates into quotes, and define what templates refer to',
      },
    )
  }
}

function lostOf(member: HostView): LostVariable[] {
  return member.names().flatMap((name) => {
    const lost = lostIn(readable(member, name))
    return lost === undefined ? [] : [{ member, name, lost }]
  })
}

/** What is not understood here is no reason to fail where it is not needed. */
function readable(member: HostView, name: string) {
  try {
    return member.get(name) ?? null
  } catch (error) {
    const fault = asAppError(error)
    if (fault.code === 'TEMPLATE_CYCLE') throw fault
    return null
  }
}

/** What led nowhere on the member is read again where it is rendered, with role defaults. */
function isKnown(renderer: HostView, text: string): boolean {
  try {
    renderer.template('a variable of a member', text)
    return true
  } catch (error) {
    asAppError(error)
    return false
  }
}

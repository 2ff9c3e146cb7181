/** Where things are on a node; packages and enrolment use the same places. */

/** The agent's program. */
export const programDir = '/opt/pgsvc/bin'
export const programName = 'pgsvc'
export const programPath = `${programDir}/${programName}`
/** What agents remember, and what a command brings for a while. */
export const stateHome = '/var/lib/pgsvc'

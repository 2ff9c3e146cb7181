/** gRPC's own words on a connection that failed, less what it adds for its own developers. Pure. */

/**
 * @param details - of a ServiceError
 * @returns '' when nothing is left that says anything
 */
export function connectionWords(details: string): string {
  return details
    .replace(/^No connection established\. Last error: (Error: )?/, '')
    .replace(/\.? ?Resolution note:.*$/s, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[0-9:.]+Z\)/, '')
    .replace(/^null\.?/, '')
    .trim()
}

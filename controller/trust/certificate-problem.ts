/** What an agent says is wrong with its certificate, as a sentence. Pure. */

/**
 * With authorities that cannot be read nothing has been renewed, and perhaps nothing was to be.
 *
 * @param said - `CODE: message`, as observations have it
 * @param certificate - whose it is, in words
 */
export function certificateProblem(said: string, certificate: string): string {
  return said.startsWith('CERTIFICATE_UNREADABLE: ') ? said : `${certificate} was not renewed: ${said}`
}

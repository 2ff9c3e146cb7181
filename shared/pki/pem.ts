/** PEM texts: what stands between the dashes. */

/** One block as PEM, with a newline at its end. */
export function pemOf(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The blocks with one of these labels, in order; text around them is passed over. */
export function pemBlocks(text: string, ...labels: readonly string[]): readonly Buffer[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g)
  return [...blocks].flatMap(([, label = '', body = '']) =>
    labels.includes(label) ? [Buffer.from(body.replaceAll(/\s/g, ''), 'base64')] : [],
  )
}

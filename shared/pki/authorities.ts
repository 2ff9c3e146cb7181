/**
 * Whom somebody believes: the certificates of a bundle, read once and in one way.
 *
 * OpenSSL passes over what it cannot read in silence, and takes lines of dashes that do not stand alone for text: what it
 * believes is then another thing than what is shown. So it is given what was read here (`bundleOf`), never the file.
 * Source: RFC 7468; OpenSSL 3.5, PEM_read_bio and SSL_CTX's list of authorities as Node fills it.
 */
import { X509Certificate } from 'node:crypto'
import { AppError } from '../errors/app-error.ts'
import { pemOf } from './pem.ts'

/** Whose text it is, for who has to mend it. */
export interface Origin {
  /** Of the AppError. */
  readonly code: string
  /** A path, or other words for where it came from. */
  readonly from: string
}

/**
 * All certificates of a bundle, in order; never a part of them. Other kinds of blocks, text between blocks and lines that
 * begin with `#` are passed over. Two lines of dashes may have run into one, as `cat` makes them of a file that does not end
 * with a newline.
 *
 * @throws AppError of the code that `origin` names: nothing there, a block that cannot be read, BEGIN and END that do not
 *   belong together
 */
export function authoritiesIn(text: string, origin: Origin): readonly X509Certificate[] {
  const certificates: X509Certificate[] = []
  for (const block of blocksIn(text, origin)) {
    if (!/(?:^| )CERTIFICATE$/.test(block.label)) continue
    certificates.push(certificateOf(block, certificates.length + 1, origin))
  }
  if (certificates.length > 0) return certificates
  throw new AppError(origin.code, `there is no certificate in ${origin.from}`, {
    hint: 'it must hold the ca.crt of each authority as PEM, one below the other',
  })
}

/** PEM. */
export function bundleOf(authorities: readonly X509Certificate[]): string {
  return authorities.map(({ raw }) => pemOf('CERTIFICATE', raw)).join('')
}

interface Mark {
  readonly isBegin: boolean
  readonly label: string
  readonly at: number
  readonly end: number
}

interface Block {
  readonly label: string
  readonly body: string
  /** Of its BEGIN, from 1. */
  readonly line: number
}

function blocksIn(text: string, origin: Origin): readonly Block[] {
  const blocks: Block[] = []
  let open: Mark | undefined
  let last: Mark | undefined
  const unpaired = (mark: Mark) => unpairedFault(mark, lineOf(text, mark.at), origin)
  for (const mark of marksIn(text)) {
    const before = textBefore(text, mark, last)
    if (!open && before.startsWith('#')) continue
    if (open) {
      if (mark.isBegin || mark.label !== open.label) throw unpaired(open)
      blocks.push({
        label: open.label,
        body: text.slice(open.end, mark.at),
        line: lineOf(text, open.at),
      })
      open = undefined
    } else {
      if (!mark.isBegin || before !== '') throw unpaired(mark)
      open = mark
    }
    last = mark
  }
  if (open) throw unpaired(open)
  return blocks
}

function marksIn(text: string): readonly Mark[] {
  return [...text.matchAll(/-----(BEGIN|END) ([^\r\n-]+)-----/g)].map((found) => {
    const [whole, kind, label = ''] = found
    return { isBegin: kind === 'BEGIN', label, at: found.index, end: found.index + whole.length }
  })
}

/** What stands before it on its line, without blanks and without the mark before. */
function textBefore(text: string, { at }: Mark, last: Mark | undefined): string {
  const between = text.slice(last?.end ?? 0, at)
  // trim() takes a byte order mark away, too.
  return (/[^\r\n]*$/.exec(between)?.[0] ?? '').trim()
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split(/\r\n|\r|\n/).length
}

function certificateOf({ label, body, line }: Block, number: number, origin: Origin): X509Certificate {
  const fault = (why: string, hint: string) =>
    new AppError(origin.code, `certificate ${number} of ${origin.from} (line ${line}) ${why}`, { hint })
  if (label === 'TRUSTED CERTIFICATE') {
    // It may say what the authority is not to be believed for, which would be lost here.
    throw fault("is in OpenSSL's own form", 'write it in the usual one: openssl x509 -in OLD -out ca.crt')
  }
  const again = 'put the ca.crt of that authority there anew, from its BEGIN to its END line'
  const base64 = body.replaceAll(/\s/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) {
    throw fault('cannot be read: it is no base64', again)
  }
  const bytes = Buffer.from(base64, 'base64')
  const certificate = parsed(bytes)
  if (typeof certificate === 'string') throw fault(`cannot be read: ${certificate}`, again)
  // OpenSSL's own form without its label.
  if (certificate.raw.length < bytes.length) throw fault('has something behind its end', again)
  return certificate
}

/** @returns why not, in OpenSSL's words */
function parsed(bytes: Buffer): X509Certificate | string {
  try {
    // As PEM: of bytes it would say that they are no PEM.
    return new X509Certificate(pemOf('CERTIFICATE', bytes))
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/^error:.*::/, '')
  }
}

function unpairedFault({ isBegin, label }: Mark, line: number, { code, from }: Origin): AppError {
  const mark = `${isBegin ? 'BEGIN' : 'END'} ${label}`
  return new AppError(code, `line ${line} of ${from} has a ${mark} that belongs to nothing`, {
    hint: 'each certificate begins with a line -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----: put those ca.crt there anew, one below the other',
  })
}

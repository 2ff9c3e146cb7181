/**
 * The options of a `server` line, on top of those of the `default-server` lines above it. Pure.
 * Source: HAProxy 2.6 manual, 5.2 (server and default-server options).
 */

/** By name; '' for one without a value. */
export type ServerOptions = ReadonlyMap<string, string>

/** Options that are followed by a value, whatever it looks like. */
const withValue: ReadonlySet<string> = new Set(
  'addr agent-addr agent-inter agent-port agent-send alpn ca-file check-alpn check-proto check-sni ciphers ciphersuites cookie crl-file crt downinter error-limit fall fastinter guid hash-key id init-addr init-state inter log-proto max-reuse maxconn maxqueue minconn namespace npn observe on-error on-marked-down on-marked-up pool-low-conn pool-max-conn pool-purge-delay port proto redir resolve-net resolve-opts resolve-prefer resolvers rise slowstart sni socks4 source ssl-max-ver ssl-min-ver tcp-ut track usesrc verify verifyhost weight ws'.split(
    ' ',
  ),
)

/** @param words - what follows the server's address, or `default-server` */
export function addOptions(above: ServerOptions, words: readonly string[]): ServerOptions {
  const options = new Map(above)
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? ''
    const positive = word.startsWith('no-') ? word.slice(3) : word === 'enabled' ? 'disabled' : undefined
    if (positive !== undefined) options.delete(positive)
    else if (withValue.has(word)) {
      i += 1
      options.set(word, words[i] ?? '')
    } else options.set(word, '')
  }
  return options
}

/** What a probe can be asked, one JSON object per line, and how it answers. */

export type ProbeRequest =
  | {
      readonly kind: 'http'
      readonly url: string
      readonly method: string
      readonly body?: string
      readonly timeoutMs: number
    }
  | {
      readonly kind: 'sql'
      readonly host: string
      readonly port: number
      readonly user?: string
      readonly database?: string
      readonly sql: string
      readonly timeoutMs: number
    }

export type ProbeAnswer =
  | { readonly id: number; readonly status: number; readonly body: string }
  | { readonly id: number; readonly rows: readonly (readonly (string | null)[])[] }
  | { readonly id: number; readonly error: string }

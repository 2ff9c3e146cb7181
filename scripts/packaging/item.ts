/** Kinds of things that a package holds, and machines it is made for. */

/** As Node calls them. */
export type Arch = 'x64' | 'arm64'

export type Item =
  | { readonly kind: 'file'; readonly path: string; readonly from: string | Buffer; readonly mode: number }
  /** Changes that an operator made to it are kept. */
  | { readonly kind: 'config'; readonly path: string; readonly from: string }
  | { readonly kind: 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }

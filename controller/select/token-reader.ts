import type { AppError } from '../../shared/errors/app-error.ts'
import { type PlacedToken, syntaxFault, type TokenKind, tokenize } from './lexer.ts'

/** Goes through the tokens of an expression, one after the other. */
export class TokenReader {
  private readonly expression: string
  private readonly tokens: readonly PlacedToken[]
  private at = 0

  /** @throws AppError `SELECTOR_INVALID` */
  constructor(expression: string) {
    this.expression = expression
    this.tokens = tokenize(expression)
  }

  /** Number of tokens that were taken. */
  get position(): number {
    return this.at
  }

  next(): PlacedToken {
    const token = this.token()
    this.at += 1
    return token
  }

  /** Kind of the next token, or of one further ahead. */
  kind(ahead = 0): TokenKind {
    return this.token(ahead).kind
  }

  /** Takes a token of this kind; any other is a fault. */
  expect(kind: TokenKind): void {
    if (this.kind() !== kind) throw this.unexpected(kind)
    this.at += 1
  }

  /** The text of the tokens that were taken since a position. */
  textSince(position: number): string {
    return this.expression.slice(this.tokens[position]?.at, this.tokens[this.at - 1]?.end)
  }

  /** A fault at the next token. */
  unexpected(wanted?: TokenKind): AppError {
    const token = this.token()
    if (token.kind === 'end')
      return this.fault(
        wanted === undefined ? 'it ends too early' : `it ends too early: ${wanted} is missing`,
      )
    const found = token.text || (token.kind === 'literal' ? 'this text' : token.kind)
    return this.fault(
      wanted === undefined ? `${found} is not expected` : `${found} is not expected, but ${wanted}`,
    )
  }

  /** A fault at the token that was taken last. */
  unexpectedLast(): AppError {
    this.at -= 1
    return this.unexpected()
  }

  fault(why: string): AppError {
    return syntaxFault(this.expression, this.token().at, why)
  }

  private token(ahead = 0): PlacedToken {
    const token = this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)]
    if (token === undefined) throw new Error('an expression without tokens')
    return token
  }
}

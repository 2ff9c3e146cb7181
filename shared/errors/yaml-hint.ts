/** What is usually wrong where a YAML parser stops, for people who do not write YAML every day. */

/** @param code - of an error of the package `yaml` */
export function yamlHint(code: string): string {
  return (
    hints[code] ??
    'look at the place, and at the line above it: often a quote, a bracket or a colon is missing there'
  )
}

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with blanks: YAML takes no tabs',
  BAD_INDENT:
    'lines of one mapping or list begin in the same column; a nested one begins further to the right; or a bracket above is not closed',
  MISSING_CHAR: 'a quote, bracket or brace is not closed, or a colon or comma is missing, here or above',
  UNEXPECTED_TOKEN:
    'a quote, bracket or colon too many, or text that needs quotes, here or at the end of the line above',
  BLOCK_AS_IMPLICIT_KEY:
    'a value that has ": " in it needs quotes; else the lines below have to be indented further',
  MULTILINE_IMPLICIT_KEY: 'a key stands on one line: a colon is missing, or a quote is not closed',
  DUPLICATE_KEY: 'take one of the two out',
  BAD_SCALAR_START: 'text that begins with @, ` or % needs quotes',
  BAD_DQ_ESCAPE: 'within double quotes a backslash is written twice; single quotes take it as it is',
  BAD_ALIAS: 'text that begins with * or & needs quotes',
  MULTIPLE_DOCS: 'one document in a file: take the line --- out',
}

/** Splits a line of HAProxy's CSV answers. Source: HAProxy management guide, 9.1 (CSV format, RFC 4180). */
export function splitCsv(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < line.length; i += 1) {
    const char = line.charAt(i)
    if (char === '"' && quoted && line.charAt(i + 1) === '"') {
      field += '"'
      i += 1
    } else if (char === '"') quoted = !quoted
    else if (char === ',' && !quoted) {
      fields.push(field)
      field = ''
    } else field += char
  }
  return [...fields, field]
}

/** Completion for bash and zsh from the commands' own definitions. Nothing of the program is run to complete. */
import type { CommandText, OptionText } from './commands.ts'

const header = "Completes pgsvc and pgsql-svc. Made from the commands' own definitions."

/** Every command below, itself included. */
function flatten(command: CommandText): readonly CommandText[] {
  return [command, ...command.children.flatMap(flatten)]
}

function lastWord(path: string): string {
  return path.split(' ').at(-1) ?? ''
}

/** What can stand at a place besides an option's value. */
function offers(command: CommandText): readonly { readonly word: string; readonly text: string }[] {
  return [
    ...command.children.map(({ path, summary, text }) => ({ word: lastWord(path), text: summary || text })),
    ...command.args.flatMap(({ choices, text }) => choices.map((word) => ({ word, text }))),
    ...command.options.flatMap(({ words, text }) => words.map((word) => ({ word, text }))),
  ]
}

/** What an option's value is: words, or files of a kind; undefined when nobody can know. */
function kindOfValue({ value = '', choices }: OptionText): readonly string[] | 'file' | 'dir' | undefined {
  if (choices.length > 0) return choices
  if (/dir|home/.test(value)) return 'dir'
  return /file|socket|path/.test(value) ? 'file' : undefined
}

interface Value {
  readonly path: string
  readonly words: readonly string[]
  readonly value: readonly string[] | 'file' | 'dir' | undefined
}

function values(commands: readonly CommandText[]): readonly Value[] {
  return commands.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .map((option) => ({ path, words: option.words, value: kindOfValue(option) })),
  )
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

export function bashCompletion(programs: readonly CommandText[]): string {
  const commands = programs.flatMap(flatten)
  const paths = commands.filter(({ path }) => path.includes(' ')).map(({ path }) => quoted(path))
  const answer = ({ value }: Value) =>
    value === undefined
      ? ':'
      : value === 'dir'
        ? 'compopt -o dirnames'
        : value === 'file'
          ? 'compopt -o default'
          : `words=${quoted(value.join(' '))}`
  const valueCases = values(commands).map((one) => {
    const patterns = one.words.map((word) => quoted(`${one.path} ${word}`)).join(' | ')
    return `    ${patterns}) ${answer(one)} ;;`
  })
  const offerCases = commands.map(
    (command) =>
      `    ${quoted(command.path)}) words=${quoted(
        offers(command)
          .map(({ word }) => word)
          .join(' '),
      )} ;;`,
  )
  return `# ${header}
_pgsvc() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} at=\${1##*/} words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
    ${paths.join(' | ')}) at="$at \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $previous" in
${valueCases.join('\n')}
    *)
      case $at in
${offerCases.map((line) => `    ${line}`).join('\n')}
      esac
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _pgsvc pgsvc pgsql-svc
`
}

export function zshCompletion(programs: readonly CommandText[]): string {
  const commands = programs.flatMap(flatten)
  const paths = commands.filter(({ path }) => path.includes(' ')).map(({ path }) => quoted(path))
  const answer = ({ value }: Value) =>
    value === undefined
      ? "_message 'value'"
      : value === 'dir'
        ? '_files -/'
        : value === 'file'
          ? '_files'
          : `compadd -- ${value.map(quoted).join(' ')}`
  const valueCases = values(commands).map((one) => {
    const patterns = one.words.map((word) => quoted(`${one.path} ${word}`)).join('|')
    return `    (${patterns}) ${answer(one)}; return ;;`
  })
  const offerCases = commands.map((command) => {
    const rows = offers(command).map(({ word, text }) => quoted(`${word.replaceAll(':', '\\:')}:${text}`))
    return `    (${quoted(command.path)}) offered=(${rows.join(' ')}) ;;`
  })
  return `#compdef pgsvc pgsql-svc
# ${header}
_pgsvc() {
  local at=\${service:-\${words[1]:t}} i
  local -a offered
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
    (${paths.join('|')}) at="$at \${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT - 1]}" in
${valueCases.join('\n')}
  esac
  case $at in
${offerCases.join('\n')}
  esac
  _describe 'word' offered
}
_pgsvc "$@"
`
}

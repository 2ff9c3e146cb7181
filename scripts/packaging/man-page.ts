/** Manual pages from the commands' own definitions. Source: man(7), man-pages(7). */
import type { CommandText, OptionText } from './commands.ts'

export interface PageOptions {
  readonly version: string
  /** Date that the page bears, YYYY-MM-DD. */
  readonly date: string
}

interface Page {
  readonly name: string
  readonly section: 1 | 8
  readonly summary: string
  readonly seeAlso: readonly string[]
}

/** Pages by file name, e.g. `pgsvc.1`. */
export function manPages(
  { pgsvc, svc }: { readonly pgsvc: CommandText; readonly svc: CommandText },
  options: PageOptions,
): ReadonlyMap<string, string> {
  const verb = (name: string): CommandText => {
    const found = pgsvc.children.find(({ path }) => path === `pgsvc ${name}`)
    if (!found) throw new Error(`there is no command pgsvc ${name}`)
    return found
  }
  const pages: readonly (Page & { readonly body: string })[] = [
    {
      ...{ name: 'pgsvc', section: 1, summary: 'look at and change what is published to HAProxy' },
      ...{ seeAlso: ['pgsql-svc(1)', 'pgsvc-agent(8)', 'pgsvc-controller(8)'], body: overview(pgsvc) },
    },
    {
      ...{ name: 'pgsql-svc', section: 1, summary: 'publish the services of a PostgreSQL cluster' },
      ...{ seeAlso: ['pgsvc(1)'], body: single(svc) },
    },
    {
      ...{ name: 'pgsvc-agent', section: 8, summary: verb('agent').summary },
      ...{
        seeAlso: ['pgsvc(1)', 'pgsvc-controller(8)', 'haproxy(1)'],
        body: single(verb('agent')) + agentFiles,
      },
    },
    {
      ...{ name: 'pgsvc-controller', section: 8, summary: verb('controller').summary },
      ...{ seeAlso: ['pgsvc(1)', 'pgsvc-agent(8)'], body: single(verb('controller')) + controllerFiles },
    },
  ]
  return new Map(pages.map((page) => [`${page.name}.${page.section}`, pageText(page, page.body, options)]))
}

const agentFiles = files([
  ['/etc/pgsvc/agent.yml', 'settings, by the names of the options with _ for -'],
  ['/etc/pgsvc/ca.crt, agent.crt, agent.key', 'who is trusted, and who this node is'],
  ['/etc/default/pgsvc-agent', 'environment of the unit'],
  ['/var/lib/pgsvc/agent', 'what was applied'],
])
const controllerFiles = files([
  ['/etc/pgsvc/controller.yml', 'settings, by the names of the options with _ for -'],
  ['/etc/default/pgsvc-controller', 'environment of the unit'],
  ['/var/lib/pgsvc/controller', 'revisions, what is assigned, history'],
])

function pageText(page: Page, body: string, { version, date }: PageOptions): string {
  return `.\\" Made from the command's own definition.
.TH ${page.name} ${page.section} ${date} "pgsvc ${version}"
.SH NAME
${plain(page.name)} \\- ${plain(page.summary)}
${body}.SH SEE ALSO
${page.seeAlso.map((other) => other.replace(/^(.*)\((\d)\)$/, '.BR $1 ($2)')).join(' ,\n')}
`
}

function overview(program: CommandText): string {
  return `.SH SYNOPSIS
.B pgsvc
.I command
.RI [ options ]
.SH DESCRIPTION
${plain('Publishes PostgreSQL services to HAProxy on every node. To publish a cluster, see pgsql-svc.')}
.SH COMMANDS
${program.children.map(section).join('')}`
}

function section(command: CommandText): string {
  const own = ['pgsvc agent', 'pgsvc controller'].includes(command.path)
  const page = command.path.replace(' ', '-')
  const body = own ? `.PP\nSee\n.BR ${page} (8).\n` : details(command)
  return `.SS ${plain(command.usage)}\n${plain(sentence(command.text || command.summary))}\n${body}${command.children.map(section).join('')}`
}

function single(command: CommandText): string {
  return `.SH SYNOPSIS
.B ${plain(command.usage)}
.SH DESCRIPTION
${plain(sentence(command.text || command.summary || 'Publishes the services of a cluster'))}
${command.more === '' ? '' : `.PP\n.nf\n${plain(command.more)}\n.fi\n`}.SH OPTIONS
${details({ ...command, more: '' })}`
}

function details({ args, options, more }: CommandText): string {
  const items = [...args.map(({ term, text }) => item(term, text)), ...options.map(optionItem)]
  return `${items.join('')}${more === '' ? '' : `.PP\n.nf\n${plain(more)}\n.fi\n`}`
}

function optionItem({ term, text }: OptionText): string {
  return item(term, text)
}

function item(term: string, text: string): string {
  return `.TP\n.B ${plain(term)}\n${plain(text)}\n`
}

function files(rows: readonly (readonly [string, string])[]): string {
  return `.SH FILES\n${rows.map(([path, text]) => item(path, text)).join('')}`
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?:]$/.test(first) ? first : `${first}.`
}

/** Text that means nothing to roff: hyphens are typed as they are, a line does not begin a request. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replaceAll('"', '\\(dq')
}

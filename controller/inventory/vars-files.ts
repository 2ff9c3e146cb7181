/** In the order in which Ansible looks; the first that exists is taken and the others are not read. */
const extensions = ['', '.yml', '.yaml', '.json']

/**
 * The entry of group_vars/ or host_vars/ that belongs to a group or host, or undefined.
 *
 * @param entries - names of the files and directories there
 */
export function varsFileName(entries: ReadonlySet<string>, name: string): string | undefined {
  return extensions.map((extension) => name + extension).find((entry) => entries.has(entry))
}

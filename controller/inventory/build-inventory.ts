/** Inventory sources that were read → hosts and groups with their variables. */
import type { LoadWarning } from '../parse/load-warning.ts'
import type { Value } from '../values/value.ts'
import type { Inventory } from './inventory.ts'
import { InventoryDraft } from './inventory-draft.ts'
import { layersOf, type VarsBeside } from './layers.ts'
import { addScriptOutput, ScriptOutput } from './script-groups.ts'
import { addYamlDocument } from './yaml-groups.ts'

export interface InventoryFiles {
  /** Name of the file or directory, for messages. */
  readonly file: string
  /** Parsed documents and outputs of programs, in the order in which they are read. */
  readonly documents: readonly (Value | ScriptOutput)[]
  /** What stands in group_vars/ and host_vars/. */
  readonly beside: VarsBeside
}

/**
 * @throws AppError `INVENTORY_INVALID` with the place of what Ansible would not take either
 */
export function buildInventory(files: InventoryFiles): { inventory: Inventory; warnings: LoadWarning[] } {
  const draft = new InventoryDraft()
  for (const document of files.documents) {
    if (document instanceof ScriptOutput) addScriptOutput(draft, document)
    else addYamlDocument(draft, files.file, document)
  }
  draft.tree.reconcile(draft.hosts)
  const groups = draft.tree.finish()
  return {
    inventory: { file: files.file, groups, hosts: layersOf(draft.hosts, draft.tree, files.beside) },
    warnings: draft.warnings,
  }
}

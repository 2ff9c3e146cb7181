/** The order of the test files: what takes long first, so that at the end no process works alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** By what a run on an idle machine took; the first that fits. */
const slow = ['test/crash/', 'test/lab/', 'test/integration/', 'test/property/']

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Within a folder: those that failed or took long in the run before, then the largest.
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a.moduleId) - rank(b.moduleId))
  }
}

function rank(path: string): number {
  const at = slow.findIndex((folder) => path.includes(folder))
  return at === -1 ? slow.length : at
}

/** Problems of one owner, each once: the same fault shows on every node and in every variant. */
import type { AppError } from '../../shared/errors/app-error.ts'
import type { Problem } from './owner-plan.ts'

export class ProblemList {
  private readonly owner: string
  private readonly suffix: string
  private readonly byText = new Map<string, Problem>()

  /** @param suffix - added to each message */
  constructor(owner: string, suffix = '') {
    this.owner = owner
    this.suffix = suffix
  }

  get all(): Problem[] {
    return [...this.byText.values()]
  }

  get hasErrors(): boolean {
    return this.all.some((problem) => problem.severity === 'error')
  }

  add(error: AppError, severity: Problem['severity'] = 'error'): void {
    this.keep({
      owner: this.owner,
      severity,
      code: error.code,
      message: error.message + this.suffix,
      at: error.at,
      hint: error.hint,
    })
  }

  /** Adds a problem that nobody threw. */
  note(problem: Omit<Problem, 'owner'>): void {
    this.keep({ ...problem, owner: this.owner })
  }

  /** Takes over another list's problems, but those that this one has already. */
  take(other: ProblemList): void {
    for (const problem of other.all) {
      const plain = {
        ...problem,
        message: problem.message.slice(0, problem.message.length - other.suffix.length),
      }
      if (!this.byText.has(textOf(plain))) this.keep(problem)
    }
  }

  private keep(problem: Problem): void {
    const text = textOf(problem)
    if (!this.byText.has(text)) this.byText.set(text, problem)
  }
}

function textOf(problem: Problem): string {
  // One line to mend is one problem, on however many hosts it shows.
  return JSON.stringify([problem.code, problem.message.replace(/\bhost \S+/, 'host'), problem.at ?? null])
}

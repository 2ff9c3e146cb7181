/** What must never be, however slow the machine; and what proves nothing. Pure. */
import type { Figures } from './figures.ts'

type Watched = Pick<
  Figures,
  'double_acks' | 'double_acks_without_agent' | 'lost_acks' | 'strays' | 'unserved' | 'writers'
>

/** @returns a sentence for each thing that is wrong */
export function whatIsWrong(figures: Watched): readonly string[] {
  const { double_acks, lost_acks, strays, unserved } = figures
  const promised = { double_acks, lost_acks, strays, unserved }
  const broken = Object.entries(promised).filter(([, count]) => count !== 0)
  return [
    ...broken.map(([name, count]) => `${name} is ${count} and has to be 0`),
    ...(figures.double_acks_without_agent === 0
      ? ['double_acks_without_agent is 0: a probe that sees none without an agent proves nothing of ours']
      : []),
    ...(figures.writers === 0 ? ['nobody wrote before and after a change of leader'] : []),
  ]
}

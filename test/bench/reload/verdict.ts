/** Whether the figures keep what is promised of reloads and starts, and prove anything. Pure. */

export interface Figures {
  readonly stray_ours: number
  readonly refused_ours: number
  readonly stray_start_ours: number
  readonly stray_plain: number
}

/** @returns a sentence for each thing that is wrong */
export function whatIsWrong(figures: Figures): readonly string[] {
  const { stray_ours, refused_ours, stray_start_ours, stray_plain } = figures
  const promised = { stray_ours, refused_ours, stray_start_ours }
  const broken = Object.entries(promised).filter(([, count]) => count !== 0)
  return [
    ...broken.map(([name, count]) => `${name} is ${count} and has to be 0`),
    ...(stray_plain === 0
      ? ['stray_plain is 0: clients that see no plain reload lead anybody astray prove nothing of ours']
      : []),
  ]
}

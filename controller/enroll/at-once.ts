/** Work on many at the same time, with a bound. */

/** @returns results in the order of `items`, whatever order they came in */
export async function atOnce<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>()
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next
      next += 1
      results.set(index, await work(items[index] as T)) // index < length
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return items.map((_, index) => results.get(index) as R) // every index was worked on
}

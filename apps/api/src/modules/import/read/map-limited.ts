/** Maps in order with at most `limit` at work. */
export async function mapLimited<T, R>(
  values: readonly T[],
  limit: number,
  map: (value: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = values.entries();
  await Promise.all(
    Array.from({ length: Math.min(limit, values.length) }, async () => {
      for (const [i, value] of queue) results.set(i, await map(value));
    }),
  );
  return values.flatMap((_value, i) => (results.has(i) ? [results.get(i) as R] : []));
}

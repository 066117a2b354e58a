/** Joins calls that come in the same turn of the event loop into one: several searches of one request, and requests that
 *  come together, share a batch of the encoder.
 *  @param run answers all items of a batch, in order. @param most items of one batch. */
export function batchCalls<Item, Answer>(
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
  most: number,
): (items: readonly Item[]) => Promise<Answer[]> {
  let waiting: { items: readonly Item[]; resolve(answers: Answer[]): void; reject(reason: unknown): void }[] =
    [];
  const flush = async () => {
    const batch = waiting;
    waiting = [];
    try {
      const answers = await run(batch.flatMap(({ items }) => items));
      let at = 0;
      for (const { items, resolve } of batch) {
        resolve(answers.slice(at, at + items.length));
        at += items.length;
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (items) =>
    items.length === 0
      ? Promise.resolve([])
      : new Promise((resolve, reject) => {
          const before = waiting.reduce((sum, one) => sum + one.items.length, 0);
          if (before > 0 && before + items.length > most) void flush();
          if (waiting.length === 0) setImmediate(() => void flush());
          waiting.push({ items, resolve, reject });
        });
}

/** Remembers what was read for a moment, so that not every request asks the database who sends it. */
export function createKnown<Row>(keptMs: number, read: (key: string) => Promise<Row | null>) {
  const known = new Map<string, { readonly at: number; readonly row: Promise<Row | null> }>();
  return {
    get(key: string): Promise<Row | null> {
      const entry = known.get(key);
      if (entry !== undefined && performance.now() - entry.at < keptMs) return entry.row;
      if (known.size > MOST) known.clear();
      const row = read(key);
      known.set(key, { at: performance.now(), row });
      row.catch(() => known.delete(key));
      return row;
    },
    forget: () => known.clear(),
  };
}

const MOST = 10_000;

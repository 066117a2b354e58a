/** Whether two values are the same JSON. The database gives the keys of objects back in an order of its own. */
export const sameJson = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** The fields of `now` that are not the same JSON in `before`. */
export const changedFields = <T extends object>(before: Partial<T>, now: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(now).filter(([key, value]) => !sameJson(before[key as keyof T], value)),
  ) as Partial<T>;

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

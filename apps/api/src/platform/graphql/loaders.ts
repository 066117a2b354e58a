import DataLoader from 'dataloader';
import { NotFoundError } from '../errors.js';
import type { Services } from '../services.js';

/** What resolvers read through, made anew for each request. Each module adds its own:
 *  `declare module` with `interface Loaders extends LoadersOf<typeof itsLoaders> {}`. */
export interface Loaders {
  /** Makes all of them read anew, for a context that lives longer than one answer. */
  forget(): void;
}

/** How a module makes its loaders, each when a request first asks for it. */
export type LoaderMakers = Readonly<Record<string, (services: Services) => unknown>>;

/** The loaders that these make. */
export type LoadersOf<Makers extends LoaderMakers> = {
  readonly [Name in keyof Makers]: ReturnType<Makers[Name]>;
};

/** Loaders for one request: nothing is remembered longer than that. */
export function createLoaders(makers: LoaderMakers, services: Services): Loaders {
  const made = new Map<string, unknown>();
  const loaders = { forget: () => made.clear() };
  for (const [name, make] of Object.entries(makers)) {
    Object.defineProperty(loaders, name, {
      enumerable: true,
      get() {
        if (!made.has(name)) made.set(name, make(services));
        return made.get(name);
      },
    });
  }
  return loaders as unknown as Loaders;
}

/** Reads rows by id, all that one request asks for in one query. */
export interface RowLoader<Row> {
  load(id: string): Promise<Row | null>;
  loadMany(ids: readonly string[]): Promise<(Row | null)[]>;
  /** For ids that a foreign key vouches for. */
  loadRequired(id: string): Promise<Row>;
}

/** @param what names a row to a person who asks for one that was deleted. */
export function rowLoader<Row extends { readonly id: string }>(
  what: string,
  read: (ids: readonly string[]) => Promise<Row[]>,
): RowLoader<Row> {
  const loader = new DataLoader<string, Row | null>(async (ids) => {
    const found = new Map((await read(ids)).map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? null);
  });
  return {
    load: (id) => loader.load(id),
    loadMany: (ids) => Promise.all(ids.map((id) => loader.load(id))),
    async loadRequired(id) {
      const row = await loader.load(id);
      if (row === null) throw new NotFoundError(`The ${what} was deleted meanwhile.`);
      return row;
    },
  };
}

/** Reads a value for each id. @param absent what there is for an id that none was found for. */
export const valueLoader = <Value>(
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  absent: Value,
): DataLoader<string, Value> =>
  new DataLoader(async (ids) => {
    const found = await read(ids);
    return ids.map((id) => found.get(id) ?? absent);
  });

/** Reads a list for each id. @param idOf which id an entry belongs to. */
export const listLoader = <Entry>(
  read: (ids: readonly string[]) => Promise<readonly Entry[]>,
  idOf: (entry: Entry) => string | null,
): DataLoader<string, Entry[]> =>
  new DataLoader(async (ids) => {
    const found = await read(ids);
    return ids.map((id) => found.filter((entry) => idOf(entry) === id));
  });

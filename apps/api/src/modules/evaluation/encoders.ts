import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError } from '../../platform/errors.js';
import type { ModelRegistry, PlacedModel } from '../model/registry.js';

/** A query encoder that can be evaluated. */
export interface QueryEncoderChoice {
  /** How evaluations name it; never renamed. */
  readonly id: string;
  readonly name: string;
  /** What `loadModel` opens. */
  readonly model: string;
  /** Folder of the query tower's bundle that goes on it; null where the name says it all. */
  readonly query: string | null;
  /** Which side encodes query pictures. */
  readonly queries: 'tower' | 'backbone';
  /** Its id in the registry; null for one that is not there. */
  readonly modelId: string | null;
}

/** What can be evaluated: the registry, what comes with the product, and the bundles of the data folder's `models`. */
export interface EncoderCatalog {
  list(): Promise<QueryEncoderChoice[]>;
  /** @throws {NotFoundError} naming what there is. */
  find(id: string): Promise<QueryEncoderChoice>;
}

const OWN = { query: null, modelId: null } as const;

/** Each also as its plain gallery tower (zero-shot). */
const BUNDLED: readonly QueryEncoderChoice[] = [
  { id: 'freestyle-small', name: 'freestyle-small', model: 'freestyle-small', queries: 'tower', ...OWN },
  {
    id: 'freestyle-small/zero-shot',
    name: 'freestyle-small, zero-shot (gallery tower)',
    model: 'freestyle-small',
    queries: 'backbone',
    ...OWN,
  },
];

export function createEncoderCatalog(
  dataDir: string,
  registry: Pick<ModelRegistry, 'usable'>,
): EncoderCatalog {
  const folder = join(dataDir, 'models');
  const list = async (): Promise<QueryEncoderChoice[]> => {
    const registered = (await registry.usable()).map(choiceOf);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const own = entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({
        ...{ id: `models/${name}`, name, model: join(folder, name), queries: 'tower' as const },
        ...OWN,
      }));
    const known = new Set(registered.map(({ id }) => id));
    return [
      ...BUNDLED.map((one) => registered.find(({ id }) => id === one.id) ?? one),
      ...registered.filter(({ id }) => !BUNDLED.some((one) => one.id === id)),
      ...own.filter(({ id }) => !known.has(id)).sort((a, b) => a.name.localeCompare(b.name)),
    ];
  };
  return {
    list,
    async find(id) {
      const all = await list();
      const found = all.find((one) => one.id === id);
      if (found !== undefined) return found;
      throw new NotFoundError(
        `There is no query encoder "${id}"; there are ${all.map((one) => one.id).join(', ')}.`,
      );
    },
  };
}

function choiceOf({ model, place }: PlacedModel): QueryEncoderChoice {
  const bundled = BUNDLED.find(({ id }) => id === model.encoder);
  const common = { id: model.encoder, modelId: model.id };
  if (bundled) return { ...bundled, ...common };
  return {
    ...common,
    name: model.name,
    model: place.name,
    query: place.query,
    queries: model.kind === 'BACKBONE' ? 'backbone' : 'tower',
  };
}

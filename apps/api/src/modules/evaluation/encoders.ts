import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError } from '../../platform/errors.js';

/** A query encoder that can be evaluated. */
export interface QueryEncoderChoice {
  /** How evaluations name it; never renamed. */
  readonly id: string;
  readonly name: string;
  /** What `loadModel` opens. */
  readonly model: string;
  /** Which side encodes query pictures. */
  readonly queries: 'tower' | 'backbone';
}

/** What can be evaluated. A registry of models may stand behind this later: only ids are kept in the database. */
export interface EncoderCatalog {
  list(): Promise<QueryEncoderChoice[]>;
  /** @throws {NotFoundError} naming what there is. */
  find(id: string): Promise<QueryEncoderChoice>;
}

const BUNDLED: readonly QueryEncoderChoice[] = [
  { id: 'freestyle-small', name: 'freestyle-small', model: 'freestyle-small', queries: 'tower' },
  {
    id: 'freestyle-small/zero-shot',
    name: 'freestyle-small, zero-shot (gallery tower)',
    model: 'freestyle-small',
    queries: 'backbone',
  },
];

/** Encoders that come with the product, each also as its plain gallery tower (zero-shot), and the bundles in the data
 *  folder's `models`. */
export function createEncoderCatalog(dataDir: string): EncoderCatalog {
  const folder = join(dataDir, 'models');
  const list = async (): Promise<QueryEncoderChoice[]> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const own = entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({
        id: `models/${name}`,
        name,
        model: join(folder, name),
        queries: 'tower' as const,
      }));
    return [...BUNDLED, ...own.sort((a, b) => a.name.localeCompare(b.name))];
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

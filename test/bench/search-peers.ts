import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchGallery } from './search-gallery.js';

/** Another vector store in the same run. */
export interface Peer {
  readonly name: string;
  /** Rows a second while its index is alive. */
  readonly fillRate: number;
  /** The ten nearest, best first. */
  search(query: Float32Array): Promise<number[]>;
  close(): Promise<void>;
}

/** Peers are installed by who wants to compare (`npm install --no-save hnswlib-node @lancedb/lancedb`); the product
 *  needs neither. @returns what there is, and the names of what there is not. */
export async function openPeers(gallery: SearchGallery): Promise<{ peers: Peer[]; missing: string[] }> {
  const opened = await Promise.all([hnswlib(gallery), lancedb(gallery)].map((one) => one.catch(() => null)));
  const names = ['hnswlib-node', '@lancedb/lancedb'];
  return {
    peers: opened.filter((one) => one !== null),
    missing: names.filter((_, i) => opened[i] === null),
  };
}

/** Typed by what is used of it: the package is not there in general. */
interface Hnswlib {
  HierarchicalNSW: new (
    metric: 'ip',
    dimensions: number,
  ) => {
    initIndex(maxElements: number, m: number, efConstruction: number): void;
    setEf(ef: number): void;
    addPoint(vector: number[], label: number): void;
    searchKnn(vector: number[], k: number): { neighbors: number[] };
  };
}

// A name in a variable, so that nothing looks for the package before it is asked for.
const load = (name: string): Promise<unknown> => import(name);

async function hnswlib({ vectors, dimensions }: SearchGallery): Promise<Peer> {
  const module = (await load('hnswlib-node')) as { default: Hnswlib };
  const index = new module.default.HierarchicalNSW('ip', dimensions);
  index.initIndex(vectors.length, 16, 64);
  const started = performance.now();
  for (const [label, vector] of vectors.entries()) index.addPoint(Array.from(vector), label);
  const fillRate = (vectors.length * 1000) / (performance.now() - started);
  index.setEf(100);
  return {
    name: 'hnswlib (in the process)',
    fillRate,
    search: async (query) => index.searchKnn(Array.from(query), 10).neighbors,
    close: async () => {},
  };
}

interface Lance {
  connect(path: string): Promise<{
    createTable(
      name: string,
      rows: object[],
    ): Promise<{
      createIndex(column: string, options: object): Promise<void>;
      vectorSearch(vector: number[]): {
        distanceType(type: 'dot'): { limit(n: number): { toArray(): Promise<{ n: number }[]> } };
      };
    }>;
    close(): void;
  }>;
  Index: { ivfPq(options: object): object };
}

async function lancedb({ vectors }: SearchGallery): Promise<Peer> {
  const module = (await load('@lancedb/lancedb')) as Lance;
  const folder = await mkdtemp(join(tmpdir(), 'freestyle-bench-lance-'));
  const database = await module.connect(folder);
  const started = performance.now();
  const rows = vectors.map((vector, n) => ({ n, vector: Array.from(vector) }));
  const table = await database.createTable('photos', rows);
  const fillRate = (vectors.length * 1000) / (performance.now() - started);
  return {
    name: 'LanceDB (exact, no index)',
    fillRate,
    search: async (query) => {
      const found = await table.vectorSearch(Array.from(query)).distanceType('dot').limit(10).toArray();
      return found.map(({ n }) => n);
    },
    async close() {
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

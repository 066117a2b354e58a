import { nearestCentre } from '@freestyle/core/style-space';
import type { Counted, StyleDrift, StyleDriftRepository } from './drift-repository.js';
import type { StyleSpace } from './repository.js';
import type { SpaceContents } from './space-content.js';

/** Counts the styles that people search with, by day. Only counts and cosines are kept, no picture and no feature. */
export interface DriftCounter {
  /** @param gram unit style feature of a query picture. */
  see(gram: Float32Array): void;
  days(spaceId: string, count: number): Promise<StyleDrift[]>;
  /** Writes what was counted. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface DriftParts {
  readonly drift: StyleDriftRepository;
  readonly work: SpaceContents;
  /** The space that searches are told by. */
  chosen(): Promise<StyleSpace | null>;
  onError(error: unknown): void;
}

const WRITTEN_EVERY_MS = 5000;
const DAY_MS = 86_400_000;

export function createDriftCounter({ drift, work, chosen, onError }: DriftParts): DriftCounter {
  let counted = new Map<string, Counted>();
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<void>>();
  const count = async (gram: Float32Array) => {
    const space = await chosen();
    if (space === null) return;
    const { styles } = await work.version(space, space.head);
    const centres = styles.clusters.map(({ centre }) => centre);
    if (centres[0]?.length !== gram.length) return;
    const { cluster, cosine } = nearestCentre(centres, gram);
    const key = cosine < styles.knownCosine ? '' : (styles.clusters[cluster]?.key ?? '');
    const day = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS);
    const name = `${space.id} ${day.toISOString()} ${key}`;
    const before = counted.get(name);
    counted.set(name, {
      ...{ spaceId: space.id, day, cluster: key },
      count: (before?.count ?? 0) + 1,
      cosineSum: (before?.cosineSum ?? 0) + cosine,
    });
  };
  const flush = async () => {
    await Promise.all(underWay);
    const batch = [...counted.values()];
    counted = new Map();
    if (batch.length > 0) await drift.add(batch);
  };
  return {
    see(gram) {
      const one = count(gram).catch(onError);
      underWay.add(one);
      void one.finally(() => underWay.delete(one));
      timer ??= setTimeout(() => {
        timer = undefined;
        flush().catch(onError);
      }, WRITTEN_EVERY_MS).unref();
    },
    async days(spaceId, days) {
      await flush();
      const from = new Date((Math.floor(Date.now() / DAY_MS) - days + 1) * DAY_MS);
      return drift.since(spaceId, from);
    },
    flush,
    async close() {
      clearTimeout(timer);
      await flush();
    },
  };
}

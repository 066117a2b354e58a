import DataLoader from 'dataloader';
import type { PrismaClient } from '../../generated/prisma/client.js';
import { type Caller, hasRole, maySee } from '../../platform/auth/caller.js';

/** Datasets that a picture stands in, by its content. */
interface Places {
  /** As a photo that is not deleted, or as a query. */
  readonly shown: readonly string[];
  /** As a photo that a curator may still bring back. */
  readonly deleted: readonly string[];
}

/** Who may see which picture. */
export interface PictureAccess {
  /** @param deleted whether pictures of deleted photos are wanted, which curators look at to bring them back. */
  maySee(caller: Caller | null, hash: string, deleted: boolean): Promise<boolean>;
}

const NOWHERE: Places = { shown: [], deleted: [] };

/** Asks the database at each request: what was deleted a moment ago is served no more. Pictures that a page asks for
 *  together are asked about together. */
export function createPictureAccess(prisma: PrismaClient): PictureAccess {
  const places = new DataLoader<string, Places>(
    async (hashes) => {
      const found = await readPlaces(prisma, hashes);
      return hashes.map((hash) => found.get(hash) ?? NOWHERE);
    },
    { cache: false, maxBatchSize: 200, batchScheduleFn: (send) => setTimeout(send, 1) },
  );
  return {
    async maySee(caller, hash, deleted) {
      const found = await places.load(hash);
      const seen = (datasets: readonly string[]) => datasets.some((id) => maySee(caller, id));
      return seen(found.shown) || (deleted && hasRole(caller, 'CURATOR') && seen(found.deleted));
    },
  };
}

async function readPlaces(prisma: PrismaClient, hashes: readonly string[]): Promise<Map<string, Places>> {
  const rows = await prisma.$queryRaw<{ hash: string; datasetId: string; shown: boolean }[]>`
    SELECT content_hash AS hash, dataset_id::text AS "datasetId", deleted_at IS NULL AS shown
    FROM image WHERE content_hash = ANY(${[...hashes]}::bpchar[])
    UNION
    SELECT q.content_hash, q.dataset_id::text, i.deleted_at IS NULL
    FROM query q LEFT JOIN image i ON i.id = q.image_id WHERE q.content_hash = ANY(${[...hashes]}::bpchar[])`;
  const found = new Map<string, { shown: string[]; deleted: string[] }>();
  for (const { hash, datasetId, shown } of rows) {
    const places = found.get(hash) ?? { shown: [], deleted: [] };
    places[shown ? 'shown' : 'deleted'].push(datasetId);
    found.set(hash, places);
  }
  return found;
}

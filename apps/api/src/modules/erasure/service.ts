import type { Logger } from 'pino';
import type { AuditLog } from '../../platform/auth/audit-log.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { BlobStore } from '../../platform/storage/blob-store.js';
import type { UploadStore } from '../../platform/storage/upload-store.js';
import type { ErasureRepository } from './repository.js';

/** How long a deleted photo can be brought back, unless the settings say otherwise. */
export const KEEP_DELETED_DAYS = 30;
const DAY_MS = 24 * 3_600_000;
/** Photos of one transaction. */
const BATCH = 500;
export const MAX_ERASED = 1000;

export interface ErasureService {
  /** Days between deleting and erasing. */
  readonly keepDays: number;
  /** Erases deleted photos now: rows, vectors, files, thumbnails and what versions keep of them. Nothing brings them back.
   *  @throws {ValidationError} @throws {NotFoundError} @throws {ConflictError} for photos that are not deleted. */
  erase(datasetId: string, imageIds: readonly string[]): Promise<number>;
  /** Erases what was deleted longer ago than the days of grace. @returns how many photos. */
  sweep(now?: number): Promise<number>;
}

export interface ErasureParts {
  readonly repository: ErasureRepository;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly audit: AuditLog;
  readonly log: Logger;
  readonly keepDays: number;
  hasDataset(id: string): Promise<boolean>;
  /** Is told that words of photos are gone. */
  onErased(): Promise<void>;
}

/** Deleted for good. */
export function createErasureService(parts: ErasureParts): ErasureService {
  const { repository, blobs, uploads, audit, log, keepDays } = parts;

  async function run(datasetId: string, ids: readonly string[]): Promise<number> {
    const { count, hashes } = await repository.erase(datasetId, ids);
    for (const hash of await repository.unused(hashes)) {
      await blobs.remove(hash);
      await uploads.remove(hash);
    }
    // An import may have brought the same content in between: its file has to be sent again.
    const [back] = await repository
      .unused(hashes)
      .then((free) => hashes.filter((hash) => !free.includes(hash)));
    if (back !== undefined && (await blobs.path(back)) === null) {
      log.error({ hash: back }, 'a picture was imported while it was erased: import it again');
    }
    return count;
  }

  return {
    keepDays,
    async erase(datasetId, imageIds) {
      const ids = [...new Set(imageIds)];
      if (ids.length === 0) throw ValidationError.at(['imageIds'], 'expected at least one photo');
      if (ids.length > MAX_ERASED)
        throw ValidationError.at(['imageIds'], `expected at most ${MAX_ERASED} photos`);
      if (!isUuid(datasetId) || !(await parts.hasDataset(datasetId))) {
        throw new NotFoundError('There is no such dataset.');
      }
      const count = await run(datasetId, ids.filter(isUuid));
      if (count === 0) {
        throw new ConflictError(
          'None of these photos is deleted: delete them first, then they can be erased for good.',
        );
      }
      await parts.onErased();
      return count;
    },
    async sweep(now = Date.now()) {
      let erased = 0;
      for (;;) {
        const due = await repository.deletedBefore(new Date(now - keepDays * DAY_MS), BATCH);
        if (due.length === 0) break;
        const byDataset = byDatasetOf(due);
        let more = 0;
        for (const [datasetId, rows] of byDataset) {
          const count = await run(
            datasetId,
            rows.map(({ id }) => id),
          );
          const detail = { photos: count, deletedDaysAgo: keepDays };
          await audit.note({ who: 'server', whoKind: 'SYSTEM', action: 'ERASE', datasetId, detail });
          more += count;
        }
        // What was brought back meanwhile is not due any more.
        if (more === 0) break;
        erased += more;
      }
      if (erased > 0) await parts.onErased();
      return erased;
    },
  };
}

function byDatasetOf<Row extends { readonly datasetId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.datasetId, [...(groups.get(row.datasetId) ?? []), row]);
  return groups;
}

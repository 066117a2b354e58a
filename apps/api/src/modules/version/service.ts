import type { KeysetPage, ListKey } from '../../platform/database/paging.js';
import { checkStorable } from '../../platform/database/text.js';
import { isUuid } from '../../platform/database/uuid.js';
import { NotFoundError, ValidationError } from '../../platform/errors.js';
import { describeChanges, type FieldChange } from './describe-changes.js';
import type { DiffCounts, DiffKey, DiffKind, DiffRow, DiffSides } from './diff-repository.js';
import type { DatasetVersion, VersionRepository } from './repository.js';

export interface DiffEntry extends DiffRow {
  readonly kind: DiffKind;
  readonly changes: readonly FieldChange[];
}

export interface VersionDiff {
  readonly sides: DiffSides;
  /** Counted when first asked for: whoever turns pages need not wait for it. */
  counts(): Promise<{ readonly photos: DiffCounts; readonly queries: DiffCounts }>;
}

export interface VersionService {
  byIds(ids: readonly string[]): Promise<DatasetVersion[]>;
  pageOfDataset(datasetId: string, page: KeysetPage): Promise<DatasetVersion[]>;
  countOfDataset(datasetId: string): Promise<number>;
  ofImages(imageIds: readonly string[]): Promise<Map<string, DatasetVersion[]>>;
  /** The dataset as it is, never to change again; the newest version where nothing changed since.
   *  @throws {NotFoundError} @throws {ValidationError} for a name that is too long or cannot be stored. */
  create(
    datasetId: string,
    name: string | null,
  ): Promise<{ readonly version: DatasetVersion; readonly isNew: boolean }>;
  /** @param toId without it, the dataset as it is now. @returns null if there is no such version.
   *  @throws {ValidationError} for versions of two datasets, whose entries have nothing in common to compare by. */
  diff(fromId: string, toId: string | null): Promise<VersionDiff | null>;
  diffPage(sides: DiffSides, kind: DiffKind, isQuery: boolean | null, page: KeysetPage): Promise<DiffEntry[]>;
}

const MAX_NAME = 120;

export function createVersionService(repository: VersionRepository): VersionService {
  return {
    byIds: (ids) => repository.byIds(ids.filter(isUuid)),
    pageOfDataset: (datasetId, page) => repository.pageOfDataset(datasetId, page),
    countOfDataset: (datasetId) => repository.countOfDataset(datasetId),
    ofImages: (imageIds) => repository.ofImages(imageIds),
    async create(datasetId, name) {
      const label = name?.trim() || null;
      if (label !== null && label.length > MAX_NAME) {
        throw ValidationError.at(
          ['name'],
          `expected at most ${MAX_NAME} characters, got ${label.length}; choose a shorter name`,
        );
      }
      if (label !== null) checkStorable(label, ['name']);
      const made = isUuid(datasetId) ? await repository.create(datasetId, label) : null;
      if (made === null) throw new NotFoundError('There is no such dataset.');
      return made;
    },
    diff: (fromId, toId) => diff(repository, fromId, toId),
    async diffPage(sides, kind, isQuery, { after, before, limit, inverted }) {
      const rows = await repository.diffRows(sides, {
        kind,
        isQuery,
        limit,
        inverted,
        after: diffKey(after),
        before: diffKey(before),
      });
      return rows.map((row) => ({ ...row, kind, changes: describeChanges(row.before, row.after) }));
    },
  };
}

async function diff(
  repository: VersionRepository,
  fromId: string,
  toId: string | null,
): Promise<VersionDiff | null> {
  const wanted = toId === null ? [fromId] : [fromId, toId];
  if (!wanted.every(isUuid)) return null;
  const found = await repository.byIds(wanted);
  const from = found.find(({ id }) => id === fromId);
  const to = toId === null ? null : found.find(({ id }) => id === toId);
  if (from === undefined || to === undefined) return null;
  if (to !== null && to.datasetId !== from.datasetId) {
    throw ValidationError.at(['toId'], 'expected a version of the same dataset, got one of another');
  }
  const sides = { datasetId: from.datasetId, fromId, toId };
  let counts: ReturnType<VersionDiff['counts']> | undefined;
  return {
    sides,
    counts() {
      counts ??= repository.diffCounts(sides);
      return counts;
    },
  };
}

/** Entries of a diff are ordered by kind, photos first, and id. */
export const DIFF_KEY: ListKey<DiffKey> = {
  of: ({ isQuery, itemId }) => `${isQuery ? 'q' : 'p'}:${itemId}`,
  isKey: (text) => /^[pq]:/.test(text) && isUuid(text.slice(2)),
};

const diffKey = (text: string | null): DiffKey | null =>
  text === null ? null : { isQuery: text.startsWith('q'), itemId: text.slice(2) };

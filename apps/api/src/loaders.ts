import DataLoader from 'dataloader';
import type { Change } from './modules/change/repository.js';
import type { Dataset, DatasetCounts } from './modules/dataset/repository.js';
import { NO_TALLY, type Tally } from './modules/ledger/repository.js';
import type { ImageState } from './modules/photo/filter.js';
import type { Image, NearDuplicate } from './modules/photo/repository.js';
import type { DatasetQuery } from './modules/query/repository.js';
import type { QueryStyle } from './modules/query-style/repository.js';
import type { UploadSession } from './modules/upload/repository.js';
import type { UploadProgress } from './modules/upload/service.js';
import type { DatasetVersion } from './modules/version/repository.js';
import type { FacetCount } from './platform/database/paging.js';
import { NotFoundError } from './platform/errors.js';
import type { Job } from './platform/jobs/job-repository.js';
import type { Services } from './services.js';

/** Reads rows by id, all that one request asks for in one query. */
export interface RowLoader<Row> {
  load(id: string): Promise<Row | null>;
  loadMany(ids: readonly string[]): Promise<(Row | null)[]>;
  /** For ids that a foreign key vouches for. */
  loadRequired(id: string): Promise<Row>;
  forget(): void;
}

export interface Loaders {
  readonly datasets: RowLoader<Dataset>;
  readonly images: RowLoader<Image>;
  readonly imageStates: DataLoader<string, ImageState>;
  readonly nearDuplicates: DataLoader<string, NearDuplicate[]>;
  readonly queries: RowLoader<DatasetQuery>;
  readonly changes: RowLoader<Change>;
  readonly jobs: RowLoader<Job>;
  readonly uploads: RowLoader<UploadSession>;
  readonly queryStyles: DataLoader<string, QueryStyle[]>;
  readonly versions: RowLoader<DatasetVersion>;
  readonly versionsOfImages: DataLoader<string, DatasetVersion[]>;
  readonly datasetCounts: DataLoader<string, DatasetCounts>;
  readonly likePhotoCounts: DataLoader<string, number>;
  readonly checkedAt: DataLoader<string, Date | null>;
  readonly latestJobs: DataLoader<string, Job | null>;
  readonly jobStates: DataLoader<string, FacetCount[]>;
  readonly tallies: DataLoader<string, Tally>;
  readonly uploadProgress: DataLoader<string, UploadProgress>;
  /** Makes all of them read anew, for a context that lives longer than one answer. */
  forget(): void;
}

/** Made anew for each request, so that nothing is remembered longer than that. */
export function createLoaders(services: Services): Loaders {
  const { changes, datasets, images, jobs, queries, queryStyles, versions, uploads } = services;
  const loaders = {
    datasets: rowLoader('dataset', (ids) => datasets.byIds(ids)),
    images: rowLoader('image', (ids) => images.byIds(ids)),
    imageStates: new DataLoader(async (ids: readonly string[]) => {
      const found = await images.states(ids);
      return ids.map((id): ImageState => found.get(id) ?? 'DELETED');
    }),
    nearDuplicates: new DataLoader(async (ids: readonly string[]) => {
      const found = await images.nearDuplicates(ids);
      return ids.map((id) => found.filter(({ imageId }) => imageId === id));
    }),
    queries: rowLoader('query', (ids) => queries.byIds(ids)),
    changes: rowLoader('change', (ids) => changes.byIds(ids)),
    jobs: rowLoader('job', (ids) => jobs.byIds(ids)),
    uploads: rowLoader('upload', (ids) => uploads.byIds(ids)),
    uploadProgress: new DataLoader((ids: readonly string[]) =>
      Promise.all(ids.map((id) => uploads.progress(id))),
    ),
    versions: rowLoader('version', (ids) => versions.byIds(ids)),
    queryStyles: new DataLoader(async (ids: readonly string[]) => {
      const found = await queryStyles.ofDatasets(ids);
      return ids.map((id) => found.get(id) ?? []);
    }),
    versionsOfImages: new DataLoader(async (ids: readonly string[]) => {
      const found = await versions.ofImages(ids);
      return ids.map((id) => found.get(id) ?? []);
    }),
    datasetCounts: new DataLoader(async (ids: readonly string[]) => {
      const found = await datasets.counts(ids);
      return ids.map((id) => found.get(id) ?? { images: 0, queries: 0, indexed: 0, rejected: 0 });
    }),
    likePhotoCounts: new DataLoader(async (ids: readonly string[]) => {
      const found = await services.checks.countLikePhotos(ids);
      return ids.map((id) => found.get(id) ?? 0);
    }),
    checkedAt: new DataLoader(async (ids: readonly string[]) => {
      const found = await services.checks.checkedAt(ids);
      return ids.map((id) => found.get(id) ?? null);
    }),
    latestJobs: new DataLoader(async (ids: readonly string[]) => {
      const found = await jobs.latestOfDatasets(ids);
      return ids.map((id) => found.find((job) => job.datasetId === id) ?? null);
    }),
    jobStates: new DataLoader(async (ids: readonly string[]) => {
      const found = await services.ledger.countStates(ids);
      return ids.map((id) => found.get(id) ?? []);
    }),
    tallies: new DataLoader(async (ids: readonly string[]) => {
      const found = await services.ledger.tallies(ids);
      return ids.map((id) => found.get(id) ?? NO_TALLY);
    }),
  };
  return {
    ...loaders,
    forget() {
      for (const loader of [loaders.datasets, loaders.images, loaders.jobs, loaders.versions])
        loader.forget();
      loaders.versionsOfImages.clearAll();
      loaders.queryStyles.clearAll();
      loaders.datasetCounts.clearAll();
      loaders.latestJobs.clearAll();
      loaders.likePhotoCounts.clearAll();
      loaders.checkedAt.clearAll();
      loaders.jobStates.clearAll();
      loaders.tallies.clearAll();
      loaders.uploads.forget();
      loaders.imageStates.clearAll();
      loaders.nearDuplicates.clearAll();
      loaders.queries.forget();
      loaders.changes.forget();
      loaders.uploadProgress.clearAll();
    },
  };
}

function rowLoader<Row extends { readonly id: string }>(
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
    forget: () => void loader.clearAll(),
  };
}

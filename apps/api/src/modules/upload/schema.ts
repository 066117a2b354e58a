import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import { DatasetRef } from '../dataset/ref.js';
import { ImportFormatEnum, TextEncodingEnum } from '../import/preview-schema.js';
import { ColumnMappingInput } from '../import/schema.js';
import { JobRef } from '../job/ref.js';
import { UploadSessionRef } from './ref.js';
import type { UploadSession } from './repository.js';

const authScopes = { role: 'VIEWER' } as const;
const mayChange = { role: 'CURATOR' } as const;

/** Paths in one answer. */
const MAX_PATHS = 10_000;

const UploadStateEnum = builder.enumType('UploadState', {
  values: {
    OPEN: { description: 'Takes files.' },
    CLOSED: { description: 'Its import has begun; it takes no more files.' },
  } as const,
});

builder.node(UploadSessionRef, {
  authScopes,
  description:
    'Files on their way from a browser, sent to /incoming by the tus protocol with the metadata `session` (`uploadKey`) and `path`.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.uploads.loadMany(ids),
  fields: (t) => ({
    uploadKey: t.string({
      description: 'What a file says as `session` when it is sent.',
      resolve: ({ id }) => id,
    }),
    state: t.field({ type: UploadStateEnum, resolve: ({ state }) => state }),
    fileCount: t.int({ description: 'Announced.', resolve: ({ expectedFiles }) => expectedFiles }),
    byteCount: t.float({
      description: 'Announced.',
      resolve: ({ expectedBytes }) => Number(expectedBytes),
    }),
    receivedCount: t.int({
      description: 'Files that have arrived whole.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.uploadProgress.load(id)).count,
    }),
    receivedBytes: t.float({
      resolve: async ({ id }, _args, { loaders }) => (await loaders.uploadProgress.load(id)).bytes,
    }),
    received: t.stringList({
      description: `Paths of the files that have arrived whole, in order; ${MAX_PATHS} at most: ask on after the last.`,
      args: { prefix: t.arg.string(), after: t.arg.string() },
      resolve: async ({ id }, { prefix, after }, { services }) =>
        (await services.uploads.received(id))
          .map(({ path }) => path)
          .filter((path) => path.startsWith(prefix ?? '') && path > (after ?? ''))
          .slice(0, MAX_PATHS),
    }),
    dataset: t.field({
      type: DatasetRef,
      resolve: ({ datasetId }, _args, { loaders }) => loaders.datasets.loadRequired(datasetId),
    }),
    job: t.field({
      type: JobRef,
      nullable: true,
      description: 'The import that took the files over.',
      resolve: ({ jobId }, _args, { loaders }) => (jobId === null ? null : loaders.jobs.load(jobId)),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

const BeginUploadInput = builder.inputType('BeginUploadInput', {
  fields: (t) => ({
    datasetId: t.globalID({ for: DatasetRef, description: 'The dataset that takes the files.' }),
    name: t.string({ description: 'What a new dataset shall be called, where none is chosen.' }),
    fileCount: t.int({ required: true }),
    byteCount: t.float({ required: true }),
  }),
});

builder.queryFields((t) => ({
  uploadSession: t.field({
    datasets: 'OWN',
    type: UploadSessionRef,
    nullable: true,
    authScopes,
    args: { id: t.arg.globalID({ required: true, for: UploadSessionRef }) },
    resolve: (_root, { id }, { loaders }) => loaders.uploads.load(id.id),
  }),
  uploadSessions: t.field({
    datasets: 'OWN',
    type: [UploadSessionRef],
    authScopes,
    description: 'Uploads that are not finished, newest first.',
    resolve: (_root, _args, { services }) => services.uploads.open(),
  }),
}));

const types = [ValidationError, NotFoundError, ForbiddenError, ConflictError];

builder.mutationFields((t) => ({
  beginUpload: t.field({
    datasets: 'OWN',
    type: success<{ session: UploadSession }>('BeginUploadSuccess').implement({
      authScopes,
      fields: (f) => ({ session: f.field({ type: UploadSessionRef, resolve: ({ session }) => session }) }),
    }),
    authScopes: mayChange,
    description:
      'Makes room for files from a browser. An upload that nobody goes on with is deleted after a week.',
    args: { input: t.arg({ type: BeginUploadInput, required: true }) },
    errors: { types, directResult: true, union: { name: 'BeginUploadResult' } },
    resolve: async (_root, { input }, { services }) => ({
      session: await services.uploads.begin({ ...input, datasetId: input.datasetId?.id }),
    }),
  }),
  finishUpload: t.field({
    datasets: 'OWN',
    type: success<{ session: UploadSession; job: Job }>('FinishUploadSuccess').implement({
      authScopes,
      fields: (f) => ({
        session: f.field({ type: UploadSessionRef, resolve: ({ session }) => session }),
        job: f.field({ type: JobRef, resolve: ({ job }) => job }),
      }),
    }),
    authScopes: mayChange,
    description: 'Starts the import of the files that have arrived. Asked again, it gives the same job.',
    args: {
      id: t.arg.globalID({ required: true, for: UploadSessionRef }),
      format: t.arg({ type: ImportFormatEnum, description: 'Told from the files where it is left out.' }),
      columns: t.arg({ type: ColumnMappingInput, description: 'Which column of a CSV file holds what.' }),
      encoding: t.arg({
        type: TextEncodingEnum,
        description: 'How the letters of its lists are encoded; found out where it is left out.',
      }),
      takeUnlisted: t.arg.boolean({
        description: 'Whether pictures that stand in no list are taken, without captions.',
      }),
      partial: t.arg.boolean({ description: 'Imports what has arrived, although more was announced.' }),
    },
    errors: { types, directResult: true, union: { name: 'FinishUploadResult' } },
    resolve: (_root, { id, ...wanted }, { services }) => services.uploads.finish(id.id, wanted),
  }),
  discardUpload: t.field({
    datasets: 'OWN',
    type: success<{ id: string }>('DiscardUploadSuccess').implement({
      authScopes,
      fields: (f) => ({ discarded: f.boolean({ resolve: () => true }) }),
    }),
    authScopes: mayChange,
    description: 'Deletes the files that have arrived, and the dataset if it was made for them.',
    args: { id: t.arg.globalID({ required: true, for: UploadSessionRef }) },
    errors: { types, directResult: true, union: { name: 'DiscardUploadResult' } },
    resolve: async (_root, { id }, { services }) => {
      await services.uploads.discard(id.id);
      return { id: id.id };
    },
  }),
}));

function success<Shape extends object>(name: string) {
  return builder.objectRef<Shape>(name);
}

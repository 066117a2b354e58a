import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { rowIdOf } from '../../platform/graphql/global-id.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import { DatasetRef } from '../dataset/ref.js';
import type { Dataset } from '../dataset/repository.js';
import { JobRef } from '../job/ref.js';
import { ImportFormatEnum, ImportPreviewRef, TextEncodingEnum } from './preview-schema.js';
import type { ImportRequest } from './service.js';

const authScopes = { role: 'VIEWER' } as const;

const ImportFolderInput = builder.inputType('ImportFolderInput', {
  fields: (t) => ({
    path: t.string({ required: true, description: 'Absolute path of a folder on the server.' }),
    name: t.string({ description: 'What the dataset shall be called; without it, as the folder is.' }),
    description: t.string(),
  }),
});

const ImportSourceInput = builder.inputType('ImportSourceInput', {
  description: 'Where the pictures are: exactly one of the fields.',
  fields: (t) => ({
    path: t.string({
      description:
        'Absolute path of a folder on the server, or of a .zip, .tar, .tar.gz or .tgz file. Administrators only.',
    }),
    uploadSessionId: t.id({
      description: 'Files that came from the browser; an archive among them alone is opened.',
    }),
    urls: t.stringList({ description: 'Addresses of pictures, http:// or https://.' }),
  }),
});

const columnField = 'Name of a column of the CSV file.';
export const ColumnMappingInput = builder.inputType('ColumnMappingInput', {
  description: 'Which column of a CSV file holds what; what is left out is guessed from the names.',
  fields: (t) => ({
    file: t.string({ description: columnField }),
    url: t.string({ description: columnField }),
    caption: t.string({ description: columnField }),
    class: t.string({ description: columnField }),
    split: t.string({ description: columnField }),
    tags: t.string({ description: columnField }),
    style: t.string({ description: columnField }),
    target: t.string({ description: columnField }),
  }),
});

const ImportInput = builder.inputType('ImportInput', {
  fields: (t) => ({
    source: t.field({ type: ImportSourceInput, required: true }),
    format: t.field({ type: ImportFormatEnum, description: 'Told from the files where it is left out.' }),
    columns: t.field({ type: ColumnMappingInput }),
    encoding: t.field({
      type: TextEncodingEnum,
      description:
        'How the letters of its lists are encoded; found out where it is left out, see `ImportPreview.lists`.',
    }),
    takeUnlisted: t.boolean({
      description:
        'Whether pictures that stand in no list are taken, without captions. Otherwise each is told.',
    }),
    datasetId: t.globalID({
      for: DatasetRef,
      description: 'The dataset that takes them; without it, a new one, or the one of the same path.',
    }),
    name: t.string({ description: 'What a new dataset shall be called.' }),
    description: t.string(),
  }),
});

type Input = typeof ImportInput.$inferInput;

const requestOf = ({ source, datasetId, ...rest }: Input): ImportRequest => ({
  ...rest,
  datasetId: datasetId?.id,
  source: {
    path: source.path,
    urls: source.urls,
    uploadSessionId:
      source.uploadSessionId === null || source.uploadSessionId === undefined
        ? source.uploadSessionId
        : // As a global id, or as its row has it.
          (rowIdOf('UploadSession', source.uploadSessionId) ?? String(source.uploadSessionId)),
  },
});

// Whoever may name any folder of the server may read any picture on it.
const mayImport = (_parent: unknown, { input }: { input: Input }) => ({
  role: typeof input.source.path === 'string' ? ('ADMIN' as const) : ('CURATOR' as const),
});

function startedImport(name: string) {
  return builder.objectRef<{ job: Job; dataset: Dataset }>(name).implement({
    authScopes,
    fields: (t) => ({
      job: t.field({ type: JobRef, resolve: ({ job }) => job }),
      dataset: t.field({ type: DatasetRef, resolve: ({ dataset }) => dataset }),
    }),
  });
}

builder.mutationFields((t) => ({
  importFolder: t.field({
    datasets: 'ALL',
    type: startedImport('ImportFolderSuccess'),
    authScopes: { role: 'ADMIN' },
    description:
      'Brings the pictures of a server folder into a dataset. Importing the same folder again adds only what is new.',
    args: { input: t.arg({ type: ImportFolderInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'ImportFolderResult' },
    },
    resolve: (_root, { input }, { services, caller }) =>
      services.imports.importFolder({ ...input, startedBy: caller?.name }),
  }),
  startImport: t.field({
    datasets: 'OWN',
    type: startedImport('StartImportSuccess'),
    authScopes: mayImport,
    description:
      'Brings pictures, their captions and their queries into a dataset. The same import again adds nothing.',
    args: { input: t.arg({ type: ImportInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'StartImportResult' },
    },
    resolve: (_root, { input }, { services, caller }) =>
      services.imports.startImport({ ...requestOf(input), startedBy: caller?.name }),
  }),
}));

builder.queryField('previewImport', (t) =>
  t.field({
    datasets: 'OWN',
    type: ImportPreviewRef,
    authScopes: mayImport,
    description:
      'What an import would do: counts, problems and samples. Nothing is stored. Errors are data, as of the mutation.',
    complexity: 100,
    args: { input: t.arg({ type: ImportInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'ImportPreviewResult' },
    },
    resolve: (_root, { input }, { services }) => services.imports.previewImport(requestOf(input)),
  }),
);

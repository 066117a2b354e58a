import { basename } from 'node:path';
import type { TextEncoding } from '@freestyle/core';
import { narrowed, refuseNewDataset } from '../../platform/auth/within.js';
import { checkStorable } from '../../platform/database/text.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { Dataset } from '../dataset/repository.js';
import type { DatasetService } from '../dataset/service.js';
import type { JobService } from '../job/service.js';
import type { ImportRepository } from './commit/repository.js';
import type { ColumnMapping, ImportFormat, ImportOptions, ImportSource } from './import-options.js';
import { importJob } from './job.js';
import type { ImportPreview } from './list/preview.js';
import { resolveSource, type WantedSource, withoutArchiveEnding } from './list/resolve-source.js';

export interface FolderImport {
  /** Absolute path on the server. */
  readonly path: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  /** Who asks for it. */
  readonly startedBy?: string | null | undefined;
}

type Wanted<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

export interface ImportRequest {
  readonly source: WantedSource;
  readonly format?: ImportFormat | null | undefined;
  readonly columns?: Wanted<ColumnMapping> | null | undefined;
  readonly encoding?: TextEncoding | null | undefined;
  readonly takeUnlisted?: boolean | null | undefined;
  /** Row id of the dataset that takes the pictures. */
  readonly datasetId?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  /** Who asks for it. */
  readonly startedBy?: string | null | undefined;
}

export interface ImportService {
  /** Begins the import of a server folder, or finds the one that is still at it.
   *  @throws {ValidationError} @throws {NotFoundError} @throws {ConflictError} */
  importFolder(wanted: FolderImport): Promise<{ job: Job; dataset: Dataset }>;
  /** Begins an import from any source, or finds the same one that is still at it.
   *  @throws {ValidationError} @throws {NotFoundError} @throws {ConflictError} */
  startImport(wanted: ImportRequest): Promise<{ job: Job; dataset: Dataset }>;
  /** What an import would do; nothing is stored. @throws {ValidationError} @throws {NotFoundError} */
  previewImport(wanted: ImportRequest): Promise<ImportPreview>;
}

export interface ImportServiceParts {
  readonly datasets: DatasetService;
  readonly jobs: JobService;
  readonly imports: Pick<ImportRepository, 'uploadSession' | 'datasetForUrls'>;
  /** Looks into a source without storing anything. */
  preview(options: ImportOptions): Promise<ImportPreview>;
}

const NAME_LENGTH = 200;

export function createImportService(parts: ImportServiceParts): ImportService {
  const { jobs } = parts;
  async function startImport(wanted: ImportRequest, at: readonly string[]) {
    const options = await optionsOf(wanted, at);
    const dataset = await datasetFor(parts, wanted, options.source);
    const { startedBy } = wanted;
    return {
      dataset,
      job: await jobs.enqueue(importJob, { payload: options, datasetId: dataset.id, startedBy }),
    };
  }
  return {
    importFolder: ({ path, ...described }) => startImport({ ...described, source: { path } }, []),
    startImport: (wanted) => startImport(wanted, ['source']),
    previewImport: async (wanted) => parts.preview(await optionsOf(wanted, ['source'])),
  };
}

async function optionsOf(
  { source, format, columns, encoding, takeUnlisted }: ImportRequest,
  at: readonly string[],
): Promise<ImportOptions> {
  const mapped = Object.entries(columns ?? {}).flatMap(([field, name]) =>
    typeof name === 'string' && name !== '' ? [[field, name] as const] : [],
  );
  for (const [field, name] of mapped) checkStorable(name, ['columns', field]);
  const resolved = await resolveSource(source, at);
  if (resolved.kind === 'urls') for (const url of resolved.urls) checkStorable(url, [...at, 'urls']);
  return {
    source: resolved,
    format: format ?? 'AUTO',
    ...(encoding && { encoding }),
    ...(takeUnlisted && { takeUnlisted }),
    ...(mapped.length > 0 && { columns: Object.fromEntries(mapped) as ColumnMapping }),
  };
}

async function datasetFor(
  { datasets, imports }: ImportServiceParts,
  wanted: ImportRequest,
  source: ImportSource,
): Promise<Dataset> {
  const name = checkedName(wanted.name);
  const description = wanted.description?.trim() || null;
  if (description !== null) checkStorable(description, ['description']);
  const datasetId = source.kind === 'upload' ? await ofSession(imports, source.sessionId) : null;
  if (datasetId !== null && wanted.datasetId && wanted.datasetId !== datasetId) {
    throw ValidationError.at(['datasetId'], 'the upload was begun for another dataset');
  }
  const chosen = datasetId ?? wanted.datasetId;
  if (typeof chosen === 'string') {
    const [dataset] = await datasets.byIds([chosen]);
    if (!dataset) throw new NotFoundError('There is no such dataset.');
    return dataset;
  }
  if (source.kind === 'folder' || source.kind === 'archive') {
    const fallbackName = nameFor(source.path).slice(0, NAME_LENGTH) || 'Photos';
    return datasets.forFolder({ sourcePath: source.path, name, fallbackName, description });
  }
  if (name === null) {
    throw ValidationError.at(['name'], 'expected a name for the new dataset, or the datasetId of another');
  }
  const made = await datasets.create({ name, description });
  const known =
    made === null && source.kind === 'urls' ? await imports.datasetForUrls(name, source.urls) : null;
  if (known !== null) {
    const [dataset] = await datasets.byIds([known]);
    if (dataset) return dataset;
  }
  if (made === null) {
    throw new ConflictError(
      `There is a dataset called "${name}" already; choose it by its id, or another name.`,
    );
  }
  return made;
}

async function ofSession(imports: ImportServiceParts['imports'], sessionId: string): Promise<string> {
  const session = await imports.uploadSession(sessionId);
  if (session === null) throw new NotFoundError('There is no such upload.');
  return session.datasetId;
}

const nameFor = (path: string): string => withoutArchiveEnding(basename(path));

function checkedName(name: string | null | undefined): string | null {
  if (name === null || name === undefined) return null;
  const text = name.trim();
  if (text === '') throw ValidationError.at(['name'], 'expected a name that is not empty');
  if (text.length > NAME_LENGTH)
    throw ValidationError.at(['name'], `expected at most ${NAME_LENGTH} characters`);
  checkStorable(text, ['name']);
  return text;
}

/** The service for a caller who may see some datasets alone. */
export function importsWithin(
  all: ImportService,
  own: ReadonlySet<string>,
  imports: Pick<ImportRepository, 'uploadSession'>,
): ImportService {
  const check = async ({ source, datasetId }: ImportRequest, needed: boolean): Promise<void> => {
    const { uploadSessionId } = source;
    if (typeof uploadSessionId === 'string' && isUuid(uploadSessionId)) {
      const session = await imports.uploadSession(uploadSessionId);
      if (session === null || !own.has(session.datasetId))
        throw new NotFoundError('There is no such upload.');
    } else if (needed && typeof datasetId !== 'string') refuseNewDataset();
    if (typeof datasetId === 'string') narrowed(datasetId, own);
  };
  return {
    importFolder: async () => refuseNewDataset(),
    startImport: async (wanted) => check(wanted, true).then(() => all.startImport(wanted)),
    previewImport: async (wanted) => check(wanted, false).then(() => all.previewImport(wanted)),
  };
}

import { narrowed, refuseNewDataset, within } from '../../platform/auth/within.js';
import { checkStorable } from '../../platform/database/text.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import type { DatasetService } from '../dataset/service.js';
import type { ImportFormat } from '../import/import-options.js';
import type { ImportRequest, ImportService } from '../import/service.js';
import type { JobService } from '../job/service.js';
import type { IncomingFiles, ReceivedFile } from './incoming-files.js';
import type { UploadRepository, UploadSession } from './repository.js';

export interface UploadLimits {
  readonly maxFiles: number;
  readonly maxFileBytes: number;
  /** How long a session stays that nobody sends anything to, and files that an import could not use. */
  readonly keptMs: number;
}

export const DEFAULT_UPLOAD_LIMITS: UploadLimits = {
  // Lists of sessions are held in memory while they are looked through.
  maxFiles: 250_000,
  // An archive of a large dataset; a picture's own limit is the decoder's.
  maxFileBytes: 64 * 1024 ** 3,
  keptMs: 7 * 24 * 3_600_000,
};

export interface BeginUpload {
  readonly datasetId?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly fileCount: number;
  readonly byteCount: number;
}

export interface FinishUpload {
  readonly format?: ImportFormat | null | undefined;
  readonly columns?: ImportRequest['columns'];
  readonly encoding?: ImportRequest['encoding'];
  readonly takeUnlisted?: ImportRequest['takeUnlisted'];
  /** Imports what has arrived, although more was announced. */
  readonly partial?: boolean | null | undefined;
}

export interface UploadProgress {
  readonly count: number;
  readonly bytes: number;
}

export interface UploadService {
  readonly limits: UploadLimits;
  byIds(ids: readonly string[]): Promise<UploadSession[]>;
  /** Newest first. */
  open(): Promise<UploadSession[]>;
  progress(sessionId: string): Promise<UploadProgress>;
  received(sessionId: string): Promise<ReceivedFile[]>;
  /** Makes room for files from a browser. @throws {ValidationError} @throws {NotFoundError} @throws {ConflictError} */
  begin(wanted: BeginUpload): Promise<UploadSession>;
  /** Imports what has arrived; asked again, gives the same job. @throws {NotFoundError} @throws {ConflictError} */
  finish(id: string, wanted?: FinishUpload): Promise<{ session: UploadSession; job: Job }>;
  /** Deletes what has arrived. @throws {NotFoundError} @throws {ConflictError} once an import has the files */
  discard(id: string): Promise<void>;
  /** The session, if it takes files. @throws {NotFoundError} @throws {ConflictError} */
  requireOpen(id: string): Promise<UploadSession>;
  /** Counts a file that begins to arrive, once however often it is begun.
   *  @param byteSize its size, or undefined where the sender does not say yet.
   *  @throws {ValidationError} over what the upload announced, in files or in bytes. */
  admit(id: string, path: string, byteSize: number | undefined): Promise<void>;
  /** Is told when the import of a session's files has succeeded: nobody needs them if all of them were taken. */
  imported(sessionId: string, jobId: string): Promise<void>;
  /** Deletes what nobody came back for. @returns how many sessions. */
  sweep(now?: number): Promise<number>;
}

export interface UploadServiceParts {
  readonly uploads: UploadRepository;
  readonly files: IncomingFiles;
  readonly datasets: DatasetService;
  readonly imports: ImportService;
  readonly jobs: JobService;
  readonly limits?: Partial<UploadLimits> | undefined;
}

const NAME_LENGTH = 200;
const OPEN_SESSIONS = 100;
// Thousands of files ask about the same session within seconds.
const REMEMBERED_MS = 3000;

export function createUploadService(parts: UploadServiceParts): UploadService {
  const { uploads, files, imports, jobs } = parts;
  const limits = { ...DEFAULT_UPLOAD_LIMITS, ...parts.limits };
  const remembered = new Map<string, { readonly session: UploadSession; readonly untilMs: number }>();
  const tallies = new Map<string, Promise<BegunFiles>>();
  const finishing = new Map<string, ReturnType<UploadService['finish']>>();

  async function required(id: string): Promise<UploadSession> {
    const [session] = isUuid(id) ? await uploads.byIds([id]) : [];
    if (!session) throw new NotFoundError('There is no such upload; it may have been discarded.');
    return session;
  }

  async function forget(id: string): Promise<void> {
    remembered.delete(id);
    tallies.delete(id);
    await files.remove(id);
  }

  async function drop(session: UploadSession): Promise<void> {
    await uploads.delete(session.id);
    await forget(session.id);
    await uploads.deleteEmptyDataset(session.datasetId);
  }

  async function finish(id: string, { partial, ...reading }: FinishUpload = {}) {
    const session = await required(id);
    if (session.jobId !== null) {
      const [job] = await jobs.byIds([session.jobId]);
      if (job) return { session, job };
    }
    if (!partial) await requireComplete(files, session);
    const { job } = await imports.startImport({
      source: { uploadSessionId: id },
      datasetId: session.datasetId,
      ...reading,
    });
    await uploads.close(id, job.id);
    remembered.delete(id);
    tallies.delete(id);
    return { session: await required(id), job };
  }

  return {
    limits,
    byIds: (ids) => uploads.byIds(ids.filter(isUuid)),
    open: () => uploads.open(OPEN_SESSIONS),
    received: (id) => files.received(id),
    async progress(id) {
      const received = await files.received(id);
      return { count: received.length, bytes: received.reduce((sum, { byteSize }) => sum + byteSize, 0) };
    },
    async begin(wanted) {
      await checkSize(wanted, limits, files);
      const datasetId = await datasetFor(parts, wanted);
      return uploads.create({ datasetId, expectedFiles: wanted.fileCount, expectedBytes: wanted.byteCount });
    },
    finish(id, wanted) {
      // Asked twice at once, it is done once.
      const running = finishing.get(id) ?? finish(id, wanted).finally(() => finishing.delete(id));
      finishing.set(id, running);
      return running;
    },
    async discard(id) {
      const session = await required(id);
      if (session.jobId !== null)
        throw new ConflictError('An import has these files already; cancel the job.');
      await drop(session);
    },
    async requireOpen(id) {
      const known = remembered.get(id);
      if (known && known.untilMs > Date.now()) return known.session;
      const session = await required(id);
      if (session.state !== 'OPEN')
        throw new ConflictError('This upload is finished and takes no more files.');
      remembered.set(id, { session, untilMs: Date.now() + REMEMBERED_MS });
      return session;
    },
    async admit(id, path, byteSize = 0) {
      const { expectedFiles, expectedBytes } = await this.requireOpen(id);
      let tally = tallies.get(id);
      if (tally === undefined) {
        tally = files.received(id).then(begunFiles);
        tallies.set(id, tally);
      }
      const begun = await tally;
      const before = begun.sizes.get(path);
      const count = begun.sizes.size + (before === undefined ? 1 : 0);
      const bytes = begun.bytes - (before ?? 0) + byteSize;
      if (count > expectedFiles || bytes > Number(expectedBytes)) {
        throw new ValidationError(
          `The upload was begun for ${expectedFiles} files of ${expectedBytes} bytes in all; begin another one for the rest.`,
        );
      }
      begun.sizes.set(path, byteSize);
      begun.bytes = bytes;
    },
    async imported(id, jobId) {
      await uploads.close(id, jobId);
      if (await uploads.isImported(id)) await forget(id);
    },
    async sweep(now = Date.now()) {
      const known = await files.sessions();
      const old = known.filter(({ changedMs }) => now - changedMs >= limits.keptMs);
      const rows = new Map((await uploads.byIds(old.map(({ id }) => id))).map((row) => [row.id, row]));
      let swept = 0;
      for (const { id } of old) {
        const session = rows.get(id);
        if (await uploads.isBeingImported(id)) continue;
        if (session?.state === 'OPEN') await drop(session);
        else await forget(id);
        swept += 1;
      }
      const withFolder = new Set(known.map(({ id }) => id));
      const never = (await uploads.open(OPEN_SESSIONS)).filter(
        ({ id, createdAt }) => !withFolder.has(id) && now - createdAt.getTime() >= limits.keptMs,
      );
      for (const session of never) await drop(session);
      return swept + never.length;
    },
  };
}

async function checkSize(
  { fileCount, byteCount }: BeginUpload,
  { maxFiles }: UploadLimits,
  files: IncomingFiles,
): Promise<void> {
  if (!Number.isSafeInteger(fileCount) || fileCount < 1) {
    throw ValidationError.at(['fileCount'], 'expected at least one file');
  }
  if (fileCount > maxFiles) {
    throw ValidationError.at(['fileCount'], `expected at most ${maxFiles} files at a time, got ${fileCount}`);
  }
  if (!Number.isSafeInteger(byteCount) || byteCount < 0) {
    throw ValidationError.at(['byteCount'], 'expected a whole number of bytes');
  }
  const free = await files.freeBytes();
  if (free !== null && byteCount > free) {
    const [needs, has] = [byteCount, free].map((bytes) => Math.ceil(bytes / 1e6));
    throw ValidationError.at(
      ['byteCount'],
      `the files need ${needs} MB; the server's disk has ${has} MB left`,
    );
  }
}

async function datasetFor(
  { datasets }: UploadServiceParts,
  { datasetId, name }: BeginUpload,
): Promise<string> {
  if (typeof datasetId === 'string') {
    const [dataset] = await datasets.byIds([datasetId]);
    if (!dataset) throw new NotFoundError('There is no such dataset.');
    return dataset.id;
  }
  const text = name?.trim() ?? '';
  if (text === '')
    throw ValidationError.at(['name'], 'expected a name for the new dataset, or the id of another');
  if (text.length > NAME_LENGTH)
    throw ValidationError.at(['name'], `expected at most ${NAME_LENGTH} characters`);
  checkStorable(text, ['name']);
  const made = await datasets.create({ name: text, description: null });
  if (made === null) {
    throw new ConflictError(`There is a dataset called "${text}" already; choose it, or another name.`);
  }
  return made.id;
}

async function requireComplete(files: IncomingFiles, session: UploadSession): Promise<void> {
  const { length } = await files.received(session.id);
  if (length === 0) throw new ConflictError('No file has arrived yet; send some first.');
  if (length < session.expectedFiles) {
    throw new ConflictError(
      `${length} of ${session.expectedFiles} files have arrived; send the others, or ask for a partial import.`,
    );
  }
}

/** Files of a session that have begun to arrive. */
interface BegunFiles {
  /** Bytes by path. */
  readonly sizes: Map<string, number>;
  bytes: number;
}

const begunFiles = (received: readonly ReceivedFile[]): BegunFiles => ({
  sizes: new Map(received.map(({ path, byteSize }) => [path, byteSize])),
  bytes: received.reduce((sum, { byteSize }) => sum + byteSize, 0),
});

/** The service for a caller who may see some datasets alone. */
export function uploadsWithin(all: UploadService, own: ReadonlySet<string>): UploadService {
  const byIds: UploadService['byIds'] = async (ids) => within(await all.byIds(ids), own);
  const owned = async (id: string): Promise<void> => {
    if ((await byIds([id])).length === 0)
      throw new NotFoundError('There is no such upload; it may have been discarded.');
  };
  return {
    ...all,
    byIds,
    open: async () => within(await all.open(), own),
    async begin(wanted) {
      if (typeof wanted.datasetId !== 'string') refuseNewDataset();
      narrowed(wanted.datasetId, own);
      return all.begin(wanted);
    },
    finish: async (id, wanted) => owned(id).then(() => all.finish(id, wanted)),
    discard: async (id) => owned(id).then(() => all.discard(id)),
  };
}

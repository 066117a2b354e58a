import { FileStore } from '@tus/file-store';
import { Server, type Upload } from '@tus/server';
import { type Request, type RequestHandler, Router } from 'express';
import type { Logger } from 'pino';
import { type Caller, hasRole, maySee } from '../../platform/auth/caller.js';
import {
  ApiError,
  ConflictError,
  ForbiddenError,
  NotFoundError,
  systemErrorCode,
  UnauthenticatedError,
} from '../../platform/errors.js';
import type { IncomingFiles } from './incoming-files.js';
import { checkIncomingPath } from './incoming-path.js';
import type { UploadService } from './service.js';

export interface TusEndpointParts {
  readonly service: UploadService;
  readonly files: IncomingFiles;
  readonly log: Logger;
  callerOf(request: Request): Caller | null;
}

/** A file that has arrived before is not sent again. */
class AlreadyReceivedError extends ApiError {
  constructor(path: string) {
    super('ALREADY_RECEIVED', 409, `${path} has arrived already.`);
  }
}

const ROUTE = '/incoming';
const LAST_PART = /^([0-9a-f-]{36})\.([0-9a-f]{32})$/;

/** Files from browsers by the tus protocol (resumable uploads 1.0). A file is created with the metadata `session`
 *  and `path`; a small one may come in the same request. What was received of a file survives the process. */
export function createTusEndpoint({ service, files, log, callerOf }: TusEndpointParts): Router {
  const store = new IncomingStore(files);
  const requireOwn = async (request: object, id: string): Promise<void> => {
    const { datasetId } = await service.requireOpen(id);
    const node = nodeRequestOf(request);
    if (node === undefined || !maySee(callerOf(node), datasetId)) {
      throw new NotFoundError('There is no such upload; it may have been discarded.');
    }
  };
  const tus = new Server({
    path: ROUTE,
    datastore: store,
    maxSize: service.limits.maxFileBytes,
    // Pages of other sites are not answered in a way that they could read.
    allowedOrigins: () => false,
    generateUrl: (_request, { id }) => `${ROUTE}/${id.replace('/parts/', '.')}`,
    getFileIdFromRequest: (_request, lastPart) => {
      const [, session, part] = LAST_PART.exec(lastPart ?? '') ?? [];
      return session && part ? `${session}/parts/${part}` : undefined;
    },
    namingFunction: async (request, metadata) => {
      const { session, path } = checkMetadata(metadata);
      await requireOwn(request, session);
      return files.partName(session, path);
    },
    onUploadCreate: async (_request, { metadata, size }) => {
      const { session, path } = checkMetadata(metadata);
      if (await files.has(session, path)) throw new AlreadyReceivedError(path);
      await service.admit(session, path, size);
      return {};
    },
    onIncomingRequest: async (request, id) => {
      await requireOwn(request, id.slice(0, id.indexOf('/')));
    },
    onUploadFinish: async (_request, upload) => {
      await store.land(upload);
      return {};
    },
    onResponseError: (_request, error) => answerFor(error, log),
  });
  const guard: RequestHandler = (request, _response, next) => {
    const caller = callerOf(request);
    if (hasRole(caller, 'CURATOR')) next();
    else next(caller ? new ForbiddenError('Your role does not allow this.') : new UnauthenticatedError());
  };
  const handle: RequestHandler = (request, response) => tus.handle(request, response);
  const router = Router();
  // Nothing is read back from here: the protocol's GET and the cross-origin OPTIONS stay closed.
  router.post(ROUTE, guard, handle);
  for (const method of ['head', 'patch', 'delete'] as const) router[method](`${ROUTE}/:file`, guard, handle);
  return router;
}

/** The library's store in files, which puts a file in its place when it is whole. */
class IncomingStore extends FileStore {
  readonly #files: IncomingFiles;

  constructor(files: IncomingFiles) {
    super({ directory: files.root });
    this.#files = files;
  }

  override async getUpload(id: string): Promise<Upload> {
    const upload = await super.getUpload(id);
    // Killed between its last byte and its landing: whoever asks how far it is makes up for it.
    if (upload.size !== undefined && upload.offset === upload.size) await this.land(upload);
    return upload;
  }

  async land({ id, metadata }: Upload): Promise<void> {
    const { session, path } = checkMetadata(metadata);
    try {
      await this.#files.land(id, session, path);
    } catch (error) {
      const code = systemErrorCode(error);
      // Two requests may both find it whole.
      if (code === 'ENOENT' && (await this.#files.has(session, path))) return;
      if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENOTEMPTY') {
        throw new ConflictError(`${path} cannot be both a file and a folder of this upload.`);
      }
      throw error;
    }
  }
}

/** The library wraps the request that was asked about. */
const nodeRequestOf = (request: object): Request | undefined =>
  (request as { runtime?: { node?: { req?: Request } } }).runtime?.node?.req;

function checkMetadata(metadata: Upload['metadata']): { session: string; path: string } {
  const path = checkIncomingPath(metadata?.path);
  return { session: metadata?.session ?? '', path };
}

interface TusError {
  readonly status_code: number;
  readonly body: string;
}

const asTusError = (error: ApiError): Error & TusError =>
  Object.assign(error, {
    status_code: error.status,
    body: JSON.stringify({ code: error.code, message: error.message }),
  });

/** Our own errors with their code, the protocol's as they are, others masked. */
function answerFor(error: Error | TusError, log: Logger): TusError | undefined {
  if (error instanceof ApiError) return asTusError(error);
  const code = systemErrorCode(error);
  if (code === 'ENOSPC') {
    return { status_code: 507, body: JSON.stringify({ code: 'DISK_FULL', message: 'The disk is full.' }) };
  }
  if (!(error instanceof Error) || 'status_code' in error) return undefined;
  log.error({ err: error }, 'receiving a file failed');
  const message = 'The file could not be stored; sending it again may help.';
  return { status_code: 500, body: JSON.stringify({ code: 'INTERNAL_SERVER_ERROR', message }) };
}

import { pipeline } from 'node:stream/promises';
import { type Request, Router } from 'express';
import { type Caller, hasRole, maySee } from '../../platform/auth/caller.js';
import { NotFoundError, UnauthenticatedError, ValidationError } from '../../platform/errors.js';
import { rowIdOf } from '../../platform/graphql/global-id.js';
import { EXPORT_LAYOUTS, type ExportLayout, type ExportService } from './service.js';

export interface ExportRoutesParts {
  readonly exports: ExportService;
  callerOf(request: Request): Caller | null;
}

/** Datasets as zip files, written while they are sent: `/exports/<dataset id>.zip?layout=folder|dsr&version=…`. */
export function createExportRoutes({ exports, callerOf }: ExportRoutesParts): Router {
  const router = Router();
  router.get('/exports/:file', async (request, response) => {
    const caller = callerOf(request);
    if (!hasRole(caller, 'VIEWER')) throw new UnauthenticatedError();
    const [, id] = /^(.+)\.zip$/.exec(request.params.file) ?? [];
    const datasetId = rowIdOf('Dataset', id);
    if (datasetId === null || !maySee(caller, datasetId))
      throw new NotFoundError('There is no such dataset.');
    const versionId =
      request.query.version === undefined ? null : rowIdOf('DatasetVersion', request.query.version);
    if (versionId === null && request.query.version !== undefined) {
      throw new NotFoundError('The dataset has no such version.');
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const layout = layoutOf(request.query.layout);
    const archive = await exports.open({ datasetId, versionId, layout }, gone.signal);
    try {
      response.set({
        'content-type': 'application/zip',
        'content-length': String(archive.size),
        'content-disposition': attachment(archive.fileName),
        'cache-control': 'private, no-store',
        'x-content-type-options': 'nosniff',
      });
      if (request.method === 'HEAD') response.end();
      else await pipeline(archive.stream, response);
    } catch (error) {
      // Whoever went away needs no answer; a broken archive must not look like a whole one.
      if (!gone.signal.aborted) throw error;
    } finally {
      await archive.close();
    }
  });
  return router;
}

function layoutOf(text: unknown): ExportLayout {
  if (text === undefined) return 'folder';
  const layout = EXPORT_LAYOUTS.find((one) => one === text);
  if (layout !== undefined) return layout;
  throw ValidationError.at(['layout'], `expected one of ${EXPORT_LAYOUTS.join(', ')}, got ${String(text)}`);
}

/** A header that names the file in any script: plain for old readers, and as RFC 5987 has it. */
function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\w. ()-]/g, '_');
  const encoded = encodeURIComponent(fileName.replace(/[/\\]/g, '_')).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

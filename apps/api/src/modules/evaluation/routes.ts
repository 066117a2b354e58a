import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { type Request, Router } from 'express';
import { type Caller, hasRole, maySee } from '../../platform/auth/caller.js';
import { NotFoundError, UnauthenticatedError } from '../../platform/errors.js';
import type { EvaluationService } from './service.js';

export interface ReportRoutesParts {
  readonly evaluationFolder: (id: string) => string;
  readonly evaluations: Pick<EvaluationService, 'byIds'>;
  callerOf(request: Request): Caller | null;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  tex: 'application/x-tex; charset=utf-8',
  trec: 'text/plain; charset=utf-8',
};

/** The files of a report: `/evaluations/<id>/report/<file>`. */
export function createReportRoutes({ evaluationFolder, evaluations, callerOf }: ReportRoutesParts): Router {
  const router = Router();
  router.get('/evaluations/:id/report/:file', async (request, response) => {
    const caller = callerOf(request);
    if (!hasRole(caller, 'VIEWER')) throw new UnauthenticatedError();
    const { id, file } = request.params;
    const evaluationId = rowId(id);
    const [evaluation] = await evaluations.byIds([evaluationId]);
    if (!maySee(caller, evaluation?.datasetId)) throw new NotFoundError('There is no such evaluation.');
    const folder = reportFolder(evaluationFolder, evaluationId);
    // Only what lies there: no name that comes from outside becomes part of a path before it was found.
    const found = (await reportFiles(folder)).find(({ name }) => name === file);
    if (found === undefined) throw new NotFoundError('The report has no such file.');
    response.set({
      'content-type': TYPES[found.name.replace(/^.*\./, '')] ?? 'application/octet-stream',
      'content-length': String(found.bytes),
      'content-disposition': `${found.name.endsWith('.html') ? 'inline' : 'attachment'}; filename="${found.name}"`,
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(createReadStream(join(folder, found.name)), response).catch(() => response.destroy());
  });
  return router;
}

export const reportFolder = (folderOf: (id: string) => string, id: string): string =>
  join(folderOf(id), 'report');

/** What lies in a report's folder, by name; nothing where there is none. */
export async function reportFiles(
  folder: string,
): Promise<{ readonly name: string; readonly bytes: number }[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names.sort().map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })),
  );
}

function rowId(globalId: string): string {
  try {
    const { typename, id } = decodeGlobalID(globalId);
    if (typename === 'Evaluation' && /^[0-9a-f-]{36}$/.test(id)) return id;
  } catch {
    // Told below.
  }
  throw new NotFoundError('There is no such evaluation.');
}

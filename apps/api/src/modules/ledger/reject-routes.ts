import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, Router } from 'express';
import { type Caller, hasRole, maySee } from '../../platform/auth/caller.js';
import { NotFoundError, UnauthenticatedError } from '../../platform/errors.js';
import { rowIdOf } from '../../platform/graphql/global-id.js';
import type { JobService } from '../job/service.js';
import type { LedgerService } from './service.js';

export interface RejectRoutesParts {
  readonly jobs: Pick<JobService, 'byIds'>;
  readonly ledger: Pick<LedgerService, 'rejects'>;
  callerOf(request: Request): Caller | null;
}

const PAGE = 500;

/** The reject file of an import: CSV with path, state, code and reason of each item that was not taken. */
export function createRejectRoutes({ jobs, ledger, callerOf }: RejectRoutesParts): Router {
  const router = Router();
  router.get('/jobs/:id/rejects.csv', async (request, response) => {
    const caller = callerOf(request);
    if (!hasRole(caller, 'VIEWER')) throw new UnauthenticatedError();
    const [job] = await jobs.byIds([rowIdOf('Job', request.params.id) ?? String(request.params.id)]);
    if (!job || !maySee(caller, job.datasetId)) throw new NotFoundError('There is no such job.');
    response.set({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="rejects-${job.id}.csv"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(Readable.from(lines(ledger, job.id)), response).catch(() => response.destroy());
  });
  return router;
}

async function* lines(ledger: RejectRoutesParts['ledger'], jobId: string): AsyncGenerator<string> {
  // The mark makes spreadsheets read it as UTF-8.
  yield '\uFEFFpath,state,code,reason\r\n';
  for (let after: string | null = null; ; ) {
    const page = await ledger.rejects(jobId, { after, before: null, limit: PAGE, inverted: false });
    yield page
      .map(
        ({ path, state, code, reason }) =>
          `${[path, state, code ?? state, reason ?? ''].map(cell).join(',')}\r\n`,
      )
      .join('');
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = String(last.ordinal);
  }
}

/** A quoted cell. One that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP advises. */
const cell = (text: string): string =>
  `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler, type Router } from 'express';
import type { Logger } from 'pino';
import { originRules } from '../auth/same-origin.js';
import { NotFoundError } from '../errors.js';
import { measureRequests } from '../telemetry/measure-requests.js';
import type { Metrics } from '../telemetry/metrics.js';
import { answerError } from './answer-error.js';
import { type DashboardHandler, withPageHeaders } from './page-headers.js';
import { type HttpPatience, patienceWith } from './slow-requests.js';

export interface HttpAppParts {
  /** What is answered beside GraphQL: sessions and the modules' files. */
  readonly routes: readonly Router[];
  /** Finds out who sends a request. */
  readonly identify: RequestHandler;
  readonly graphqlRoutes: Router;
  /** Other sites whose pages may use this server. */
  readonly allowedOrigins: readonly string[];
  readonly log: Logger;
  /** Throws while something that answers need is missing. */
  checkReady(): Promise<void>;
  readonly dashboardHandler: DashboardHandler | undefined;
  readonly patience: HttpPatience;
  readonly metrics: Metrics;
}

/** The way of every request: named, refused if a page of another site sent it, answered by the first route that takes
 *  it. `/healthz` says that the process lives, `/readyz` that it can answer searches. */
export function createHttpApp({
  identify,
  routes,
  graphqlRoutes,
  allowedOrigins,
  log,
  checkReady,
  dashboardHandler,
  patience,
  metrics,
}: HttpAppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(traced(log), measureRequests(metrics), asItIs, patienceWith(patience));
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    await checkReady();
    response.json({ status: 'ready' });
  });
  app.use(originRules(allowedOrigins), inNoFrame, identify);
  for (const router of routes) app.use(router);
  app.use('/graphql', graphqlRoutes);
  const pages = dashboardHandler && withPageHeaders(dashboardHandler);
  app.use((request, response, next) => {
    if (pages) pages(request, response);
    else next(new NotFoundError('There is nothing under this address.'));
  });
  app.use(answerError(log));
  return app;
}

/** No browser takes an answer for anything else than it says it is. */
const asItIs: RequestHandler = (_request, response, next) => {
  response.set('x-content-type-options', 'nosniff');
  next();
};

/** No page of another site shows the dashboard inside its own, nor learns its addresses, which hold searches. */
const inNoFrame: RequestHandler = (_request, response, next) => {
  response.set({ 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin' });
  next();
};

/** Names every request and logs it when it is answered. */
function traced(log: Logger): RequestHandler {
  return (request, response, next) => {
    const traceId = randomUUID();
    response.locals.traceId = traceId;
    response.set('x-trace-id', traceId);
    const started = performance.now();
    response.on('finish', () => {
      const ms = Math.round(performance.now() - started);
      log.debug(
        { traceId, method: request.method, path: request.path, status: response.statusCode, ms },
        'request',
      );
    });
    next();
  };
}

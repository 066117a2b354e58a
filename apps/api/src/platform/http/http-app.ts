import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Express, type RequestHandler, Router } from 'express';
import type { Logger } from 'pino';
import { createLoaders } from '../../loaders.js';
import { createExportRoutes } from '../../modules/export/routes.js';
import { createRejectRoutes } from '../../modules/job/reject-routes.js';
import { createPictureRoutes } from '../../modules/photo/picture-routes.js';
import type { IncomingFiles } from '../../modules/upload/incoming-files.js';
import { createTusEndpoint } from '../../modules/upload/tus-endpoint.js';
import { printedSchema } from '../../schema.js';
import type { Services } from '../../services.js';
import { type CallerOf, createCallerOf } from '../auth/caller-of.js';
import { originRules } from '../auth/same-origin.js';
import { createSessionRoutes } from '../auth/session-routes.js';
import { NotFoundError, TooLargeError } from '../errors.js';
import type { Context } from '../graphql/context.js';
import { createGraphqlStream } from '../graphql/graphql-stream.js';
import type { BlobStore } from '../storage/blob-store.js';
import type { UploadStore } from '../storage/upload-store.js';
import { answerError } from './answer-error.js';

/** Answers what is not the API's: the dashboard. */
export type DashboardHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface HttpAppParts {
  readonly graphql: ApolloServer<Context>;
  readonly services: Services;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly incoming: IncomingFiles;
  readonly adminToken: string | undefined;
  readonly trustLoopback: boolean;
  /** Other sites whose pages may use this server. */
  readonly allowedOrigins: readonly string[];
  readonly log: Logger;
  /** Throws while something that answers need is missing. */
  checkReady(): Promise<void>;
  readonly dashboardHandler: DashboardHandler | undefined;
}

/** Room for a few base64 pictures; large ones are uploaded beside GraphQL. */
const MAX_BODY_BYTES = 24 * 1024 * 1024;
const MAX_QUERY_LENGTH = 20_000;

export function createHttpApp(parts: HttpAppParts): Express {
  const { log, adminToken, dashboardHandler } = parts;
  const callerOf = createCallerOf(parts);
  const app = express();
  app.disable('x-powered-by');
  app.use(traced(log));
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    await parts.checkReady();
    response.json({ status: 'ready' });
  });
  app.use(originRules(parts.allowedOrigins), inNoFrame);
  app.use(createSessionRoutes({ adminToken, log, callerOf }));
  app.use(createPictureRoutes({ ...parts, callerOf: callerOf }));
  app.use(
    createTusEndpoint({
      service: parts.services.uploads,
      files: parts.incoming,
      log,
      callerOf: callerOf,
    }),
  );
  app.use(createRejectRoutes({ ...parts.services, callerOf: callerOf }));
  app.use(createExportRoutes({ ...parts.services, callerOf: callerOf }));
  app.use('/graphql', graphqlRoutes(parts, callerOf));
  app.use((request, response, next) => {
    if (dashboardHandler) dashboardHandler(request, response);
    else next(new NotFoundError('There is nothing under this address.'));
  });
  app.use(answerError(log));
  return app;
}

function graphqlRoutes({ graphql, services, log }: HttpAppParts, callerOf: CallerOf): Router {
  const context = (request: IncomingMessage, traceId: string): Context => ({
    caller: callerOf(request),
    services,
    loaders: createLoaders(services),
    traceId,
    log,
  });
  const router = Router();
  router.use(pageForPeople(callerOf), express.json({ limit: MAX_BODY_BYTES }), limitQuery);
  const stream = createGraphqlStream(context);
  router.post('/stream', stream);
  // The same stream for clients that ask for it by what they accept; what asks for either is answered at once.
  router.post('/', (request, response, next) => {
    if (
      request.accepts(['json', 'application/graphql-response+json', 'text/event-stream']) ===
      'text/event-stream'
    ) {
      stream(request, response, next);
    } else next();
  });
  router.use(
    expressMiddleware(graphql, { context: async ({ req, res }) => context(req, String(res.locals.traceId)) }),
  );
  return router;
}

const limitQuery: RequestHandler = (request, _response, next) => {
  const text: unknown = (request.body as { query?: unknown } | undefined)?.query ?? request.query.query;
  const tooLong = typeof text === 'string' && text.length > MAX_QUERY_LENGTH;
  next(tooLong ? new TooLargeError(`An operation may have ${MAX_QUERY_LENGTH} characters.`) : undefined);
};

/** No page of another site shows the dashboard inside its own, nor learns its addresses, which hold searches. */
const inNoFrame: RequestHandler = (_request, response, next) => {
  response.set({ 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin' });
  next();
};

/** What somebody sees who opens the address in a browser; strangers may not read the schema here either. */
const pageForPeople =
  (callerOf: CallerOf): RequestHandler =>
  (request, response, next) => {
    const person =
      request.method === 'GET' &&
      request.query.query === undefined &&
      request.accepts(['json', 'html']) === 'html';
    if (!person) {
      next();
      return;
    }
    const schema =
      callerOf(request) === null
        ? 'Sign in there to read the schema here.</p>'
        : `This is the schema:</p><pre>${escaped(printedSchema())}</pre>`;
    response
      .set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .type('html')
      .send(
        `<!doctype html><html lang="en"><meta charset="utf-8"><title>Freestyle GraphQL</title>
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}</style>
<h1>Freestyle GraphQL</h1><p>Send operations here with POST and <code>content-type: application/json</code>.
The <a href="/">dashboard</a> is next door. ${schema}</html>`,
      );
  };

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

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

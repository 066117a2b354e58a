import type { RequestHandler } from 'express';
import type { Metrics } from './metrics.js';

const ROUTES: ReadonlySet<string> = new Set([
  ...['graphql', 'files', 'thumbnails', 'uploads', 'incoming', 'exports', 'jobs', 'evaluations'],
  ...['session', 'healthz', 'readyz', 'metrics', '_next'],
]);

/** Times requests by the first part of their address; pages are one. */
export const measureRequests =
  (metrics: Metrics): RequestHandler =>
  (request, response, next) => {
    const started = performance.now();
    const [, first = ''] = request.path.split('/');
    response.once('finish', () => {
      metrics.request(
        ROUTES.has(first) ? `/${first}` : 'page',
        response.statusCode,
        performance.now() - started,
      );
    });
    next();
  };

import type { RequestHandler } from 'express';
import { ForbiddenError } from '../errors.js';

/** Lets pages of the origins that the settings name use this server, and refuses requests that change something and that
 *  a browser sends on behalf of any other site. Programs send no such header and are not concerned.
 *  @param allowed `https://shop.example`, each without a path; none by default. */
export const originRules =
  (allowed: readonly string[]): RequestHandler =>
  (request, response, next) => {
    const { origin } = request.headers;
    // What a cache keeps for one origin is not for another.
    if (allowed.length > 0) response.vary('origin');
    if (origin === undefined || !allowed.includes(origin)) {
      sameOriginOnly(request, response, next);
      return;
    }
    response.set({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-trace-id, etag, location, upload-offset, upload-length',
      // Pictures say of themselves that they are for this site alone; these origins may show them too.
      'cross-origin-resource-policy': 'cross-origin',
    });
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      next();
      return;
    }
    response.set({
      'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE',
      'access-control-allow-headers': String(
        request.headers['access-control-request-headers'] ?? 'content-type',
      ),
      'access-control-max-age': '600',
    });
    response.status(204).end();
  };

export const sameOriginOnly: RequestHandler = (request, _response, next) => {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  const safe = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  const foreignOrigin = origin !== undefined && hostOfOrigin(origin) !== host;
  if (!safe && (foreignSite || foreignOrigin)) {
    next(new ForbiddenError('This request comes from a page of another site.'));
    return;
  }
  next();
};

function hostOfOrigin(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

import type { RequestHandler } from 'express';
import { ForbiddenError } from '../errors.js';

/** Refuses requests that change something and that a browser sends on behalf of another site.
 *  Programs send neither header and are not concerned. */
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

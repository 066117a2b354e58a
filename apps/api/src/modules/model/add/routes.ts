import { type Request, type RequestHandler, Router } from 'express';
import { type Caller, hasRole } from '../../../platform/auth/caller.js';
import { ForbiddenError, UnauthenticatedError, ValidationError } from '../../../platform/errors.js';
import type { IncomingModels } from './incoming-models.js';

export interface IncomingRoutesParts {
  readonly incoming: IncomingModels;
  callerOf(request: Request): Caller | null;
}

/** Files of a model from a browser: `PUT /incoming-models/<upload>/<file>` with `upload-offset`, which a `HEAD` tells: a
 *  file that was cut off goes on where it stopped. */
export function createIncomingRoutes({ incoming, callerOf }: IncomingRoutesParts): Router {
  const guard: RequestHandler = (request, _response, next) => {
    const caller = callerOf(request);
    if (hasRole(caller, 'CURATOR')) next();
    else next(caller ? new ForbiddenError('Your role does not allow this.') : new UnauthenticatedError());
  };
  const router = Router();
  const path = '/incoming-models/:upload/:file';
  router.head(path, guard, async (request, response) => {
    const { upload, file } = named(request);
    response
      .set('upload-offset', String(await incoming.received(upload, file)))
      .status(204)
      .end();
  });
  router.put(path, guard, async (request, response) => {
    const { upload, file } = named(request);
    const text = request.get('upload-offset') ?? '0';
    if (!/^\d{1,15}$/.test(text)) throw ValidationError.at(['upload-offset'], 'expected a number of bytes');
    const length = request.get('content-length');
    const received = await incoming.append(
      upload,
      file,
      Number(text),
      request,
      length === undefined ? null : Number(length),
    );
    response.json({ received });
  });
  return router;
}

const named = ({ params }: Request): { readonly upload: string; readonly file: string } => ({
  upload: String(params.upload),
  file: String(params.file),
});

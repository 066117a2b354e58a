import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_DECODE_LIMITS, sniffFormat } from '@freestyle/core';
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { type Caller, hasRole } from '../../platform/auth/caller.js';
import { NotFoundError, UnauthenticatedError, ValidationError } from '../../platform/errors.js';
import { type BlobStore, isContentHash, THUMBNAIL_SIZES } from '../../platform/storage/blob-store.js';
import type { PictureDecoder } from '../../platform/storage/picture-decoder.js';
import type { UploadStore } from '../../platform/storage/upload-store.js';
import type { PictureAccess } from './picture-access.js';

export interface PictureRoutesParts {
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly pictures: Pick<PictureDecoder, 'thumbnail'>;
  readonly access: PictureAccess;
  callerOf(request: Request): Caller | null;
}

/** Longest edge in pixels: the query beside a photo in the large view. */
const UPLOAD_THUMBNAIL_SIZE = 512;

/** Pictures over plain HTTP. Addresses hold the content's hash, so a browser never needs to ask twice. */
export function createPictureRoutes({
  blobs,
  uploads,
  pictures,
  access,
  callerOf,
}: PictureRoutesParts): Router {
  const router = Router();
  const guard: RequestHandler = (request, _response, next) => {
    next(hasRole(callerOf(request), 'VIEWER') ? undefined : new UnauthenticatedError());
  };
  const body = express.raw({ type: () => true, limit: DEFAULT_DECODE_LIMITS.maxBytes });

  // What was deleted, and what somebody may not see, is answered like what was never there.
  const requireSeen = async (request: Request, hash: string, deleted = false): Promise<void> => {
    if (!(await access.maySee(callerOf(request), hash, deleted))) {
      throw new NotFoundError('There is no such picture.');
    }
  };

  router.post('/uploads', guard, body, async (request, response) => {
    const bytes: unknown = request.body;
    if (request.is('multipart/*')) {
      throw new ValidationError(
        'A form cannot be read here: send the bytes of one picture as the body, with its own type (curl --data-binary @a.jpg -H "content-type: image/jpeg").',
      );
    }
    if (!Buffer.isBuffer(bytes) || bytes.byteLength === 0) {
      throw new ValidationError('Send the bytes of a picture as the body.');
    }
    response.status(201).json(await uploads.put(bytes));
  });
  router.get('/uploads/:id', guard, async (request, response) => {
    const hash = hashOf(request.params.id);
    const path = await uploads.path(hash);
    if (path === null) throw new NotFoundError('There is no such upload.');
    await sendImmutable(request, response, path, hash);
  });
  router.get('/uploads/:id/thumbnail', guard, async (request, response) => {
    const hash = hashOf(request.params.id);
    if (notModified(request, response, `${hash}-thumbnail`)) return;
    const bytes = await uploads.read(hash);
    if (bytes === null) throw new NotFoundError('There is no such upload.');
    // Looked at a few times in its life and then from the browser's cache: not worth a file of its own.
    const thumbnail = await pictures.thumbnail(bytes, UPLOAD_THUMBNAIL_SIZE);
    response
      .set({ ...pictureHeaders(`${hash}-thumbnail`, 'image/webp'), ...resourcePolicy(response) })
      .send(thumbnail);
  });
  router.get('/files/:hash', guard, async (request, response) => {
    const hash = hashOf(request.params.hash);
    await requireSeen(request, hash);
    const path = await blobs.path(hash);
    if (path === null) throw new NotFoundError('There is no such picture.');
    await sendImmutable(request, response, path, hash);
  });
  router.get('/thumbnails/:size/:hash', guard, async (request, response) => {
    const hash = hashOf(request.params.hash);
    const size = THUMBNAIL_SIZES.find((one) => String(one) === request.params.size);
    if (size === undefined)
      throw new NotFoundError(`Thumbnails come in the sizes ${THUMBNAIL_SIZES.join(', ')}.`);
    const deleted = request.query.deleted === '1';
    await requireSeen(request, hash, deleted);
    if (!deleted && notModified(request, response, `${hash}-${size}`)) return;
    const path = await blobs.thumbnailPath(hash, size);
    if (path === null) throw new NotFoundError('There is no such picture.');
    await sendImmutable(request, response, path, `${hash}-${size}`, deleted);
  });
  return router;
}

function hashOf(text: string | string[] | undefined): string {
  if (typeof text === 'string' && isContentHash(text)) return text;
  throw new NotFoundError('There is no such picture.');
}

function notModified(request: Request, response: Response, tag: string): boolean {
  const wanted = request.headers['if-none-match'] ?? '';
  if (!wanted.split(',').some((one) => one.trim().replace(/^W\//, '') === `"${tag}"`)) return false;
  response.status(304).set(cacheHeaders(tag)).end();
  return true;
}

const cacheHeaders = (tag: string) => ({
  // `private`: whoever may see it was asked for; a shared cache must not hand it to others.
  'cache-control': 'private, max-age=31536000, immutable',
  etag: `"${tag}"`,
});

const pictureHeaders = (tag: string, type: string) => ({
  ...cacheHeaders(tag),
  'content-type': type,
  // An original is somebody else's file: no browser shall take it for anything but a picture.
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
});

/** An origin that the settings allow has set it already. */
const resourcePolicy = (response: Response) => {
  const given = response.get('cross-origin-resource-policy');
  return { 'cross-origin-resource-policy': given ?? 'same-origin' };
};

async function sendImmutable(
  request: Request,
  response: Response,
  path: string,
  tag: string,
  forOnce = false,
): Promise<void> {
  if (!forOnce && notModified(request, response, tag)) return;
  const [{ size }, type] = await Promise.all([stat(path), mediaTypeOf(path)]);
  response.set({
    ...pictureHeaders(tag, type),
    ...resourcePolicy(response),
    'content-length': String(size),
    ...(forOnce && { 'cache-control': 'private, no-store' }),
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(path), response).catch(() => response.destroy());
}

async function mediaTypeOf(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
    const sniffed = sniffFormat(buffer.subarray(0, bytesRead));
    return sniffed.kind === 'image' ? `image/${sniffed.format}` : 'application/octet-stream';
  } finally {
    await file.close();
  }
}

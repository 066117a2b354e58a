import { createHash } from 'node:crypto';
import { type DecodeWish, makeThumbnail, openImage, type RgbImage } from '@freestyle/core';
import { OverloadedError, TooLargeError } from '../errors.js';

export interface DecodeBudget {
  /** Pixels that are being decoded at a time in this process. A larger picture is decoded alone. */
  readonly atOnce: number;
  /** Pixels that may wait for their turn; whoever comes then is asked to come again. */
  readonly waiting: number;
  /** Pixels of all pictures of one request, each counted once. */
  readonly perRequest: number;
}

const MEGA = 1_000_000;

/** One picture of the largest size at a time, or many small ones; about three seconds of work may wait. */
export const DEFAULT_DECODE_BUDGET: DecodeBudget = {
  atOnce: 120 * MEGA,
  waiting: 600 * MEGA,
  perRequest: 240 * MEGA,
};

/** Longest edge of a picture that is searched with, in pixels: several times what any encoder looks at. */
export const QUERY_SIDE = 1536;

/** Addresses that one request fetches from at a time. */
const FETCHES = 4;

/** The pictures of one request: each is decoded once, one after the other, within the request's budget. */
export interface RequestPictures {
  /** Fetches what `key` names, once for the request, a few at a time. */
  fetch(key: string, read: () => Promise<Uint8Array>): Promise<Uint8Array>;
  /** @param boxOf the part that is wanted, told by the upright size. @throws {ImageDecodeError} @throws {TooLargeError}
   *  @throws {OverloadedError} */
  decode(
    bytes: Uint8Array,
    boxOf?: (size: { readonly width: number; readonly height: number }) => DecodeWish['box'],
  ): Promise<RgbImage>;
}

/** Decodes what callers send, under one budget for the process. */
export interface PictureDecoder {
  forRequest(): RequestPictures;
  /** Decodes a picture to its end to see whether it can be. @throws {ImageDecodeError} @throws {OverloadedError} */
  check(bytes: Uint8Array): Promise<{ readonly width: number; readonly height: number }>;
  /** A WebP of at most `size` pixels an edge. @throws {ImageDecodeError} @throws {OverloadedError} */
  thumbnail(bytes: Uint8Array, size: number): Promise<Uint8Array>;
}

export function createPictureDecoder(given: Partial<DecodeBudget> = {}): PictureDecoder {
  const budget = { ...DEFAULT_DECODE_BUDGET, ...given };
  const turns = createTurns(budget);
  return {
    forRequest: () => createRequestPictures(budget, turns),
    async check(bytes) {
      const { info, decodingPixels, decode } = await openImage(bytes);
      await turns.take(decodingPixels, () => decode({ side: 64 }));
      return { width: info.width, height: info.height };
    },
    async thumbnail(bytes, size) {
      const { decodingPixels } = await openImage(bytes);
      return turns.take(decodingPixels, () => makeThumbnail(bytes, size));
    },
  };
}

function createRequestPictures(budget: DecodeBudget, turns: Turns): RequestPictures {
  const known = new Map<string, Promise<RgbImage>>();
  const counted = new Set<string>();
  let pixels = 0;
  let last: Promise<unknown> = Promise.resolve();

  function count(hash: string, more: number): void {
    if (counted.has(hash)) return;
    counted.add(hash);
    pixels += more;
    if (pixels <= budget.perRequest) return;
    throw new TooLargeError(
      `The pictures of this request have more than ${budget.perRequest / MEGA} megapixels together; shrink them, or ask in several requests.`,
    );
  }

  const fetched = new Map<string, Promise<Uint8Array>>();
  const lanes = Array.from({ length: FETCHES }, (): Promise<unknown> => Promise.resolve());

  return {
    fetch(key, read) {
      const before = fetched.get(key);
      if (before !== undefined) return before;
      const lane = fetched.size % FETCHES;
      const next = (lanes[lane] ?? Promise.resolve()).catch(() => {}).then(read);
      lanes[lane] = next;
      fetched.set(key, next);
      return next;
    },
    async decode(bytes, boxOf) {
      const { info, decodingPixels, decode } = await openImage(bytes);
      const box = boxOf?.(info);
      const hash = createHash('sha256').update(bytes).digest('base64');
      count(hash, decodingPixels);
      const key = JSON.stringify([hash, box]);
      const before = known.get(key);
      if (before !== undefined) return before;
      const next = last
        .catch(() => {})
        .then(() => turns.take(decodingPixels, () => decode({ side: QUERY_SIDE, box })));
      last = next;
      known.set(key, next);
      return next;
    },
  };
}

interface Turns {
  /** Runs `work` once there is room for its pixels, in the order of asking. @throws {OverloadedError} */
  take<T>(pixels: number, work: () => Promise<T>): Promise<T>;
}

function createTurns({ atOnce, waiting }: DecodeBudget): Turns {
  const queue: { readonly weight: number; start(): void }[] = [];
  let held = 0;
  let queued = 0;
  const begin = () => {
    for (
      let [next] = queue;
      next !== undefined && (held === 0 || held + next.weight <= atOnce);
      [next] = queue
    ) {
      queue.shift();
      queued -= next.weight;
      held += next.weight;
      next.start();
    }
  };
  return {
    async take(pixels, work) {
      const weight = Math.min(pixels, atOnce);
      if (queued + weight > waiting) {
        throw new OverloadedError('Too many pictures wait to be read', 3);
      }
      await new Promise<void>((start) => {
        queued += weight;
        queue.push({ weight, start });
        begin();
      });
      try {
        return await work();
      } finally {
        held -= weight;
        begin();
      }
    },
  };
}

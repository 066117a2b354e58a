import type { Server } from 'node:http';
import type { RequestHandler } from 'express';
import { ApiError } from '../errors.js';

/** After how long the server lets go of whoever is slow. */
export interface HttpPatience {
  /** From opening a connection to the last header. */
  readonly headersMs: number;
  /** A request's body, where it is no upload. */
  readonly bodyMs: number;
  /** An upload, where fewer than `uploadBytes` came meanwhile. */
  readonly uploadMs: number;
  readonly uploadBytes: number;
  /** An answer of which nothing is read. */
  readonly idleMs: number;
}

export const DEFAULT_PATIENCE: HttpPatience = {
  headersMs: 15_000,
  bodyMs: 30_000,
  uploadMs: 30_000,
  uploadBytes: 32 * 1024,
  idleMs: 120_000,
};

/** How often connections are looked at, as a share of what they are given. */
const LOOKS = 4;

/** Options of the HTTP server itself, for what comes before a request is known. Bodies are timed by {@link patienceWith}:
 *  an upload may take hours. */
export const serverOptions = ({ headersMs }: HttpPatience) => ({
  headersTimeout: headersMs,
  requestTimeout: 0,
  connectionsCheckingInterval: Math.max(50, headersMs / LOOKS),
});

/** Lets go of whoever does not read the answer that is being sent. While an answer is being thought about nothing moves
 *  either; and connections without a request are ended by the server itself. */
export function dropIdle(http: Server, { idleMs }: HttpPatience): void {
  http.setTimeout(idleMs, (socket) => {
    if (socket.writableLength > 0) socket.destroy();
  });
}

class RequestTimeoutError extends ApiError {
  constructor() {
    super('REQUEST_TIMEOUT', 408, 'The request took too long to arrive.');
  }
}

const UPLOAD = /^\/(uploads|incoming)(?:[/?]|$)/;

/** Ends requests whose body does not come. */
export const patienceWith =
  ({ bodyMs, uploadMs, uploadBytes }: HttpPatience): RequestHandler =>
  (request, response, next) => {
    const { 'content-length': length, 'transfer-encoding': chunked } = request.headers;
    if (chunked === undefined && (length === undefined || length === '0')) {
      next();
      return;
    }
    const upload = UPLOAD.test(request.url);
    const { socket } = request;
    let before = socket.bytesRead;
    const timer = setInterval(
      () => {
        const came = socket.bytesRead - before;
        before = socket.bytesRead;
        if (request.complete) clearInterval(timer);
        else if (!upload || came < uploadBytes) letGo();
      },
      upload ? uploadMs : bodyMs,
    );
    const letGo = () => {
      clearInterval(timer);
      if (response.headersSent) socket.destroy();
      else {
        response.once('finish', () => socket.destroy());
        next(new RequestTimeoutError());
      }
    };
    response.once('close', () => clearInterval(timer));
    next();
  };

import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashFile } from './hash-file.js';
import { HubError } from './hub-error.js';
import { type HubConnection, type HubResponse, hubRequest } from './hub-request.js';

/** What a hub says about a file before it is fetched. */
export interface RemoteFile {
  readonly url: URL;
  /** Identifies this content; a partial download is only continued under the same one. */
  readonly etag: string | undefined;
  readonly bytes: number | undefined;
  readonly sha256: string | undefined;
}

/** Progress of one file, in bytes; `total` is undefined where the server does not say. */
export type TransferProgress = (done: number, total: number | undefined) => void;

/** Attempts without a single new byte before giving up; each byte received starts the count again. */
const MAX_FRUITLESS_ATTEMPTS = 5;

/** What may wait for the disk before the connection is held back. */
const MAX_QUEUED_BYTES = 8 << 20;

/** Downloads to `target` through `partial`, going on where an earlier attempt, or an earlier process, was cut off.
 *  The file appears under its name only once size and checksum fit.
 *  @throws {HubError} */
export async function transferFile(
  connection: HubConnection,
  remote: RemoteFile,
  partial: string,
  target: string,
  retryDelayMs: number,
  onProgress: TransferProgress = () => {},
): Promise<void> {
  for (let fruitless = 0; ; ) {
    const before = await sizeOf(partial);
    if (remote.bytes !== undefined && before === remote.bytes) break;
    try {
      await fetchRest(connection, remote, partial, before, onProgress);
      break;
    } catch (error) {
      const failure = explain(remote.url, error);
      if (failure.code !== 'HUB_UNREACHABLE') throw failure;
      fruitless = (await sizeOf(partial)) > before ? 0 : fruitless + 1;
      if (fruitless >= MAX_FRUITLESS_ATTEMPTS) throw failure;
      await sleep(retryDelayMs * 2 ** fruitless);
    }
  }
  await verify(remote, partial);
  await rename(partial, target);
}

async function fetchRest(
  connection: HubConnection,
  remote: RemoteFile,
  partial: string,
  have: number,
  onProgress: TransferProgress,
): Promise<void> {
  const response = await hubRequest(
    connection,
    'GET',
    remote.url,
    have > 0 ? { range: `bytes=${have}-` } : {},
  );
  if (response.status === 416) {
    await response.body.dump();
    // What lies here is longer than the file there: start over.
    await rm(partial, { force: true });
    throw new HubError('HUB_UNREACHABLE', remote.url.href, 'the server refused to continue the download');
  }
  if (response.status !== 200 && response.status !== 206) throw await statusError(remote.url, response);
  const start = response.status === 206 ? rangeStart(response) : 0;
  if (start !== have && start !== 0) {
    throw new HubError(
      'HUB_RESPONSE',
      remote.url.href,
      `asked for bytes from ${have}, got bytes from ${start}`,
    );
  }
  await writeBody(response.body, open(partial, start === 0 ? 'w' : 'a'), (received) =>
    onProgress(start + received, remote.bytes),
  );
}

/** Writes a body as it arrives, and all that did arrive even when the connection is cut. It is read by events from the
 *  first moment, before the file is open: a stream that fails throws away what it still holds for a slower reader. */
async function writeBody(
  body: HubResponse['body'],
  opening: Promise<FileHandle>,
  onReceived: (bytes: number) => void,
): Promise<void> {
  let received = 0;
  let queued = 0;
  let writing: Promise<unknown> = opening;
  const write = async (bytes: Buffer): Promise<void> => {
    const file = await opening;
    for (let offset = 0; offset < bytes.length; ) offset += (await file.write(bytes, offset)).bytesWritten;
    queued -= bytes.length;
    received += bytes.length;
    onReceived(received);
    if (queued < MAX_QUEUED_BYTES) body.resume();
  };
  const giveUp = (error: Error): void => void body.destroy(error);
  opening.catch(giveUp);
  body.on('data', (bytes: Buffer) => {
    queued += bytes.length;
    if (queued >= MAX_QUEUED_BYTES) body.pause();
    writing = writing.then(() => write(bytes));
    writing.catch(giveUp);
  });
  const cut = await finished(body).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const file = await opening;
  try {
    await writing;
    await file.sync();
  } finally {
    await file.close();
  }
  if (cut) throw cut.error;
}

async function verify(remote: RemoteFile, partial: string): Promise<void> {
  const size = await sizeOf(partial);
  if (remote.bytes !== undefined && size !== remote.bytes) {
    await rm(partial, { force: true });
    throw new HubError(
      'HUB_CHECKSUM',
      remote.url.href,
      `received ${size} bytes, expected ${remote.bytes}; try again`,
    );
  }
  if (remote.sha256 === undefined) return;
  const sha256 = await hashFile(partial);
  if (sha256 !== remote.sha256) {
    await rm(partial, { force: true });
    throw new HubError(
      'HUB_CHECKSUM',
      remote.url.href,
      `received contents with sha256 ${sha256}, expected ${remote.sha256}; nothing was kept. Try again, or check the hub's address`,
    );
  }
}

/** An error for a status that brought no file. */
export async function statusError(url: URL, response: HubResponse): Promise<HubError> {
  await response.body.dump();
  const { status } = response;
  const detail = response.headers.get('x-error-message');
  const said = detail ? ` (the hub says: ${detail})` : '';
  if (status === 404) {
    return new HubError(
      'HUB_NOT_FOUND',
      url.href,
      `not there${said}; check the model's name, revision and file`,
    );
  }
  if (status === 401 || status === 403) {
    return new HubError(
      'HUB_GATED',
      url.href,
      `refused with status ${status}${said}; the model does not exist or needs its licence accepted on the hub and an access token`,
    );
  }
  const code = status >= 500 || status === 429 ? 'HUB_UNREACHABLE' : 'HUB_RESPONSE';
  return new HubError(code, url.href, `answered with status ${status}${said}`);
}

/** Any failure of a transfer as an error that says what to do. */
export function explain(url: URL, error: unknown): HubError {
  if (error instanceof HubError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new HubError(
      'HUB_DISK_FULL',
      url.href,
      'the disk is full; free some space and start again, the download goes on where it stopped',
      error,
    );
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new HubError('HUB_RESPONSE', url.href, `cannot be written to the cache folder: ${reason}`, error);
  }
  return new HubError(
    'HUB_UNREACHABLE',
    url.href,
    `cannot be reached (${reason || code}); check the connection and the proxy settings, or put the files into a folder and give its path`,
    error,
  );
}

function rangeStart(response: HubResponse): number {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return match ? Number(match[1]) : 0;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (info) => info.size,
    () => 0,
  );
}

import { reach, readJson } from '../api/client';
import { ApiError } from '../api/errors';

/** Sent at a time: what a connection that breaks has to send again. */
const PIECE = 16 * 1024 * 1024;
const TRIES = 5;

/** Sends the files of a model piece by piece; a piece that did not arrive is sent again from where the server has it.
 *  @returns what the upload is called. @throws {ApiError} */
export async function sendModelFiles(
  files: readonly File[],
  onProgress: (done: number, total: number) => void,
): Promise<string> {
  const upload = crypto.randomUUID();
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of files) {
    const address = `/incoming-models/${upload}/${encodeURIComponent(file.name)}`;
    let offset = 0;
    for (let tries = 0; offset < file.size || (file.size === 0 && tries === 0); ) {
      const piece = file.slice(offset, offset + PIECE);
      try {
        const response = await reach(address, {
          method: 'PUT',
          headers: { 'upload-offset': String(offset) },
          body: piece,
        });
        const answer = await readJson<{ received?: number; message?: string; code?: string }>(response);
        if (answer.received === undefined)
          throw new ApiError(
            answer.message ?? 'The server refused the file.',
            answer.code ?? `HTTP_${response.status}`,
          );
        offset = answer.received;
        tries = file.size === 0 ? 1 : 0;
      } catch (error) {
        tries += 1;
        if (tries >= TRIES || !(error instanceof ApiError) || !error.retryable) throw error;
        offset = await received(address);
      }
      onProgress(before + offset, total);
    }
    before += file.size;
  }
  return upload;
}

async function received(address: string): Promise<number> {
  const response = await reach(address, { method: 'HEAD' });
  return Number(response.headers.get('upload-offset') ?? 0);
}

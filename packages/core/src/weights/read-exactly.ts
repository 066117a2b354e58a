import type { FileHandle } from 'node:fs/promises';
import { WeightsFormatError } from './weights-error.js';

/** Node reads at most 2 GiB a call. */
const MAX_READ_BYTES = 1 << 30;

/** `length` bytes from `start`, in a fresh allocation, so that typed views on it are aligned.
 *  @throws {WeightsFormatError} when the file ends before. */
export async function readExactly(
  path: string,
  file: FileHandle,
  start: number,
  length: number,
): Promise<Uint8Array> {
  // A damaged file may claim any length; what it cannot have is not allocated.
  const { size } = await file.stat();
  if (start + length > size) {
    throw new WeightsFormatError(
      path,
      `has ${size} bytes, but should have ${length} from byte ${start}; truncated or damaged`,
    );
  }
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, MAX_READ_BYTES), start + done);
    if (bytesRead === 0) {
      throw new WeightsFormatError(
        path,
        `ends at byte ${start + done}, ${length - done} bytes early; truncated`,
      );
    }
    done += bytesRead;
  }
  return bytes;
}

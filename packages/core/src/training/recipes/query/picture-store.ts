import { constants, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '../../../errors.js';
import type { RgbImage } from '../../../image/rgb-image.js';
import { hashContent } from '../../../weights/hash-file.js';

/** Square pictures of one size on disk, each made when it is first asked for and kept from then on. */
export interface PictureStore {
  picture(index: number): Promise<RgbImage>;
  /** Whether a picture is there already. */
  ready(index: number): boolean;
  close(): Promise<void>;
}

export interface PictureStoreOptions {
  /** What the pictures are made from: each plan has a folder of its own, so that runs beside one another share none
   *  but the pictures that they both would make. */
  readonly plan: string;
  readonly count: number;
  /** Edge in pixels. */
  readonly side: number;
  readonly make: (index: number) => Promise<RgbImage>;
}

/** Kept pictures are not as they were written. */
export class PictureStoreError extends CoreError {
  constructor(folder: string, problem: string) {
    super('PICTURE_STORE', `kept pictures ${folder}: ${problem}; remove the folder and start again`, {
      folder,
    });
  }
}

// Not cut to nothing where it is there: another process may have just made it.
const UPDATE = constants.O_RDWR | constants.O_CREAT;

/** Opens the store of a plan. What a killed run made stays, and nothing half written is ever read.
 *  @param name path of its folder without the ending, a hash of the plan. */
export async function openPictureStore(name: string, options: PictureStoreOptions): Promise<PictureStore> {
  const { plan, count, side, make } = options;
  const folder = `${name}-${hashContent(plan).slice(0, 16)}`;
  await mkdir(folder, { recursive: true });
  // One record a picture, at its index, with holes where there is none yet.
  const pixels = await open(join(folder, 'pixels.u8'), UPDATE);
  // One byte a picture: 1 once its record is whole.
  const made = await open(join(folder, 'made.u8'), UPDATE);
  const record = side * side * 3;
  const marks = new Uint8Array(count);
  await made.read(marks, 0, count, 0);
  // A file cut short holds fewer pictures than were marked.
  marks.fill(0, Math.floor((await pixels.stat()).size / record));
  const making = new Map<number, Promise<RgbImage>>();
  const add = async (index: number): Promise<RgbImage> => {
    const picture = await make(index);
    await pixels.write(picture.data, 0, record, index * record);
    // After the picture: a run killed between the two makes it again.
    await made.write(Uint8Array.of(1), 0, 1, index);
    marks[index] = 1;
    return picture;
  };
  return {
    async picture(index) {
      if (!(index >= 0 && index < count)) throw new RangeError(`picture store: there is no picture ${index}`);
      if (marks[index] === 1) {
        const data = new Uint8Array(record);
        const { bytesRead } = await pixels.read(data, 0, record, index * record);
        if (bytesRead < record)
          throw new PictureStoreError(folder, `picture ${index} has ${bytesRead} bytes, expected ${record}`);
        return { width: side, height: side, data };
      }
      const underway = making.get(index) ?? add(index).finally(() => making.delete(index));
      making.set(index, underway);
      return underway;
    },
    ready: (index) => marks[index] === 1,
    async close() {
      await Promise.allSettled(making.values());
      await Promise.all([pixels.close(), made.close()]);
    },
  };
}

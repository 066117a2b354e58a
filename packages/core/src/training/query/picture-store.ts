import { type FileHandle, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbImage } from '../../image/rgb-image.js';

/** Square pictures of one size on disk, each made when it is first asked for and kept from then on. */
export interface PictureStore {
  picture(index: number): Promise<RgbImage>;
  /** Whether a picture is there already. */
  ready(index: number): boolean;
  close(): Promise<void>;
}

export interface PictureStoreOptions {
  /** What the pictures are made from: a folder made from another plan is made anew. */
  readonly plan: string;
  readonly count: number;
  /** Edge in pixels. */
  readonly side: number;
  readonly make: (index: number) => Promise<RgbImage>;
}

const openForUpdate = (path: string): Promise<FileHandle> => open(path, 'r+').catch(() => open(path, 'w+'));

/** Opens a store in a folder. What a killed run made stays, and nothing half written is ever read. */
export async function openPictureStore(folder: string, options: PictureStoreOptions): Promise<PictureStore> {
  const { plan, count, side, make } = options;
  await mkdir(folder, { recursive: true });
  const planPath = join(folder, 'plan.json');
  const known = await readFile(planPath, 'utf8').catch(() => null);
  // One record a picture, at its index, with holes where there is none yet.
  const pixels = await openForUpdate(join(folder, 'pixels.u8'));
  // One byte a picture: 1 once its record is whole.
  const made = await openForUpdate(join(folder, 'made.u8'));
  if (known !== plan) {
    await Promise.all([pixels.truncate(0), made.truncate(0)]);
    await writeFile(planPath, plan);
  }
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
        await pixels.read(data, 0, record, index * record);
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

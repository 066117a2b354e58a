import { join } from 'node:path';
import type { EvaluationSet } from '@freestyle/core/evaluation';
import type { RgbImage } from '@freestyle/core/image';
import type { TunableImageTower } from '@freestyle/core/models';
import { openPictureStore } from '@freestyle/core/training';

/** The same set with every picture kept on disk as the tower reads it, once it was read or made: the rows of a grid, and
 *  a grid that goes on after a kill, make none twice.
 *  @param madeBy what decides the pictures beside their ids: the seed of made queries. */
export async function keepSetOnDisk(
  set: EvaluationSet,
  tower: TunableImageTower,
  folder: string,
  madeBy: string,
): Promise<EvaluationSet & { close(): Promise<void> }> {
  const loads: (() => Promise<RgbImage>)[] = [];
  const ids: string[] = [];
  const keep = (id: string, load: () => Promise<RgbImage>) => {
    const index = loads.push(load) - 1;
    ids.push(id);
    return () => store.picture(index);
  };
  const photos = set.photos.map((photo) => ({ ...photo, load: keep(photo.id, () => photo.load()) }));
  const queries = set.queries.map((query) => {
    const { content } = query;
    return 'load' in content ? { ...query, content: { load: keep(query.id, () => content.load()) } } : query;
  });
  const plan = JSON.stringify({ format: 1, madeBy, read: tower.preprocessing, size: tower.size, ids });
  const store = await openPictureStore(join(folder, 'eval'), {
    plan,
    count: loads.length,
    side: tower.size,
    make: async (index) => {
      const image = await loads[index]?.();
      if (!image) throw new RangeError(`evaluation pictures: there is no picture ${index}`);
      return tower.fit(image);
    },
  });
  return { ...set, photos, queries, close: () => store.close() };
}

import type { ItemRejection } from '../commit/item-batch.js';
import type { HeldPhoto, ImportItem } from '../commit/repository.js';
import type { ItemMetadata } from '../list/listed-item.js';
import type { PreparedPhoto } from './prepared-batch.js';
import { ItemRefusal } from './read-source.js';
import { rejectionOf } from './rejection.js';

/** A list that says something of a photo may come without it: captions for a dataset that is there already. */
export const isAbsent = ({ kind, metadata }: ImportItem, error: unknown): boolean =>
  kind === 'PHOTO' && metadata !== null && error instanceof ItemRefusal && error.code === 'FILE_MISSING';

/** Describes photos that the dataset holds anew. @param absent items without their file, with the error of each. */
export async function describeHeld(
  absent: ReadonlyMap<ImportItem, unknown>,
  heldByName: (names: readonly string[]) => Promise<ReadonlyMap<string, HeldPhoto>>,
): Promise<{ photos: PreparedPhoto[]; rejections: ItemRejection[] }> {
  const held = await heldByName([...absent.keys()].map(({ path }) => path));
  const photos: PreparedPhoto[] = [];
  const rejections: ItemRejection[] = [];
  for (const [item, error] of absent) {
    const photo = held.get(item.path);
    if (photo === undefined) rejections.push(rejectionOf(item, error));
    else photos.push(described(item, photo));
  }
  return { photos, rejections };
}

/** What the list does not speak of stays as it is. */
function described({ ordinal, path, metadata }: ImportItem, photo: HeldPhoto): PreparedPhoto {
  const said = metadata as ItemMetadata | null;
  return {
    ordinal,
    path: photo.fileName,
    listedPath: path,
    contentHash: photo.contentHash,
    byteSize: 0,
    metadata: said && {
      ...said,
      captions: said.captions.length > 0 ? said.captions : photo.captions,
      class: said.class ?? photo.className,
      split: said.split ?? photo.split,
      attributes: { ...photo.attributes, ...said.attributes },
    },
    picture: null,
    image: null,
    vector: null,
  };
}

import { NotFoundError } from '../../platform/errors.js';
import type { ImageService } from '../photo/service.js';
import type { LeafInput, SearchQuery } from './parse/query.js';
import type { SearchService } from './service.js';

/** The service for a caller who may see some datasets alone.
 *  @param images those that this caller may see. */
export const searchWithin = (
  all: SearchService,
  own: ReadonlySet<string>,
  images: Pick<ImageService, 'byIds'>,
): SearchService => ({
  ...all,
  async search(request, pictures) {
    const wanted = request.datasetIds ?? [...own];
    if (!wanted.every((id) => own.has(id))) throw new NotFoundError('One of the datasets does not exist.');
    const photos = [...new Set(photosOf(request.query))];
    if ((await images.byIds(photos)).length < photos.length) {
      throw new NotFoundError('There is no such photo that the live model has indexed.');
    }
    return all.search({ ...request, datasetIds: wanted, within: [...own].sort() }, pictures);
  },
});

/** Gallery photos that a query names. */
function photosOf({ all, not }: SearchQuery): string[] {
  return [...(all ?? []), ...(not ?? [])].flatMap(({ like, image }) => [
    ...ofLeaf(like),
    ...(image?.id ? [image.id] : []),
  ]);
}

const ofLeaf = (leaf: LeafInput | null | undefined): string[] =>
  [leaf?.imageId, leaf?.image?.id, leaf?.sketch?.id].filter((id): id is string => typeof id === 'string');

import type { KeysetPage } from '../../graphql/paging.js';
import { isUuid } from '../../uuid.js';
import type { Image, ImageRepository } from './repository.js';

export interface ImageService {
  byIds(ids: readonly string[]): Promise<Image[]>;
  pageOfDataset(datasetId: string, page: KeysetPage): Promise<Image[]>;
}

export const createImageService = (repository: ImageRepository): ImageService => ({
  byIds: (ids) => repository.byIds(ids.filter(isUuid)),
  pageOfDataset: (datasetId, page) => repository.pageOfDataset(datasetId, page),
});

import type { KeysetPage } from '../../platform/database/paging.js';
import { checkStorable } from '../../platform/database/text.js';
import { isUuid } from '../../platform/database/uuid.js';
import type { DatasetQuery, QueryRepository } from './repository.js';

export interface QueryService {
  byIds(ids: readonly string[]): Promise<DatasetQuery[]>;
  /** @param styles null for all. @throws {ValidationError} */
  pageOfImage(imageId: string, styles: readonly string[] | null, page: KeysetPage): Promise<DatasetQuery[]>;
  countOfImage(imageId: string, styles: readonly string[] | null): Promise<number>;
}

export const createQueryService = (repository: QueryRepository): QueryService => ({
  byIds: (ids) => repository.byIds(ids.filter(isUuid)),
  pageOfImage: async (imageId, styles, page) => repository.pageOfImage(imageId, wanted(styles), page),
  countOfImage: async (imageId, styles) => repository.countOfImage(imageId, wanted(styles)),
});

const wanted = (styles: readonly string[] | null): readonly string[] | null => {
  styles?.forEach((style, i) => {
    checkStorable(style, ['styles', String(i)]);
  });
  return styles;
};

import { ValidationError } from '../../errors.js';
import type { KeysetPage } from '../../graphql/paging.js';
import { isUuid } from '../../uuid.js';
import type { DatasetQuery, QueryRepository } from './repository.js';

export interface QueryService {
  byIds(ids: readonly string[]): Promise<DatasetQuery[]>;
  /** @param styles null for all. @throws {ValidationError} for a cursor of another list. */
  pageOfImage(imageId: string, styles: readonly string[] | null, page: KeysetPage): Promise<DatasetQuery[]>;
  countOfImage(imageId: string, styles: readonly string[] | null): Promise<number>;
}

export const createQueryService = (repository: QueryRepository): QueryService => ({
  byIds: (ids) => repository.byIds(ids.filter(isUuid)),
  async pageOfImage(imageId, styles, page) {
    for (const name of ['after', 'before'] as const) {
      const key = page[name];
      if (key !== null && !isUuid(key)) {
        throw ValidationError.at([name], 'this cursor is not one of this list');
      }
    }
    return repository.pageOfImage(imageId, wanted(styles), page);
  },
  countOfImage: (imageId, styles) => repository.countOfImage(imageId, wanted(styles)),
});

const wanted = (styles: readonly string[] | null): readonly string[] | null => {
  const zero = styles?.findIndex((style) => style.includes('\0')) ?? -1;
  if (zero >= 0) throw ValidationError.at(['styles', String(zero)], 'expected text without zero characters');
  return styles;
};

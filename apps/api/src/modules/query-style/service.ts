import type { QueryStyle, QueryStyleRepository } from './repository.js';

export interface QueryStyleService {
  ofDatasets(datasetIds: readonly string[]): Promise<Map<string, QueryStyle[]>>;
}

export const createQueryStyleService = (repository: QueryStyleRepository): QueryStyleService => ({
  ofDatasets: (datasetIds) => repository.ofDatasets(datasetIds),
});

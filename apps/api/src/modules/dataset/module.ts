import { defineModule } from '../../platform/module.js';
import { datasetLoaders } from './loaders.js';
import { createDatasetRepository } from './repository.js';
import { createDatasetService, type DatasetService, datasetsWithin } from './service.js';
import './photos-schema.js';
import './place-schema.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly datasets: DatasetService;
  }
}

export const datasetModule = defineModule({
  name: 'dataset',
  loaders: datasetLoaders,
  create({ prisma, services: { models } }) {
    const datasets = createDatasetService(createDatasetRepository(prisma), () => models.live());
    return { services: { datasets }, scope: (own) => ({ datasets: datasetsWithin(datasets, own) }) };
  },
});

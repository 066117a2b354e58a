import type { EmbeddingModel } from '@freestyle/core';
import { defineModule } from '../../platform/module.js';
import { createModelRepository } from './repository.js';
import { createModelService, type ModelService } from './service.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly models: ModelService;
  }
  interface ModuleOptions {
    readonly model: EmbeddingModel | Promise<EmbeddingModel>;
  }
}

export const modelModule = defineModule({
  name: 'model',
  create({ prisma, options }) {
    const models = createModelService(createModelRepository(prisma), options.model);
    return { services: { models }, close: () => models.close() };
  },
});

import type { EmbeddingModel, HubOptions } from '@freestyle/core';
import { hubOptionsFrom } from '@freestyle/core';
import { defineModule } from '../../platform/module.js';
import { createIncomingModels } from './add/incoming-models.js';
import { addModelJob } from './add/job.js';
import { createIncomingRoutes } from './add/routes.js';
import { createAddModels } from './add/service.js';
import { modelLoaders } from './loaders.js';
import { openModel } from './open-model.js';
import { createModelRegistry, type ModelRegistry } from './registry.js';
import { createRegistryFolder } from './registry-folder.js';
import { createModelRepository } from './repository.js';
import { createModelService, type ModelService } from './service.js';
import './schema.js';
import './registry-schema.js';
import './add/schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly models: ModelService;
    readonly modelRegistry: ModelRegistry;
    readonly addModels: ReturnType<typeof createAddModels>;
  }
  interface ModuleOptions {
    readonly model: EmbeddingModel | Promise<EmbeddingModel>;
    /** What opens that model again; nothing for one that only this process has. */
    readonly modelName?: string | undefined;
    /** Whether a person named it: it then answers whatever was promoted before. */
    readonly modelIsGiven?: boolean | undefined;
    /** Where models come from that are not there yet. */
    readonly hub?: HubOptions | undefined;
  }
}

/** How late another process's promotion is followed. */
const FOLLOW_MS = 2000;

export const modelModule = defineModule({
  name: 'model',
  loaders: modelLoaders,
  jobs: [addModelJob],
  create({ prisma, database, dataDir, log, options, services: { jobs } }) {
    const repository = createModelRepository(prisma);
    const folder = createRegistryFolder(dataDir);
    const hub = options.hub ?? hubOptionsFrom({});
    const { model, modelName: name = null, modelIsGiven: isGiven = false } = options;
    const models = createModelService({
      repository,
      folder,
      started: { model, name, isGiven },
      open: (place, provider, threads) =>
        openModel(place.name, provider, { hub, query: place.query, threads }),
      log,
    });
    const incoming = createIncomingModels(folder);
    let follower: NodeJS.Timeout | undefined;
    return {
      services: {
        models,
        modelRegistry: createModelRegistry({ repository, folder, models, hub }),
        addModels: createAddModels({ jobs, incoming, repository }),
      },
      jobParts: { models: repository, service: models, folder, incoming, hub },
      routes: (http) => [createIncomingRoutes({ incoming, ...http })],
      sweep: () => incoming.sweep(),
      start() {
        if (database.kind === 'embedded') return;
        follower = setInterval(() => {
          models.follow().catch((error: unknown) => log.warn({ err: error }, 'a promotion was not followed'));
        }, FOLLOW_MS);
        follower.unref();
      },
      close: async () => {
        clearInterval(follower);
        await models.close();
      },
    };
  },
});

import { join } from 'node:path';
import { NotFoundError } from '../../platform/errors.js';
import { defineModule } from '../../platform/module.js';
import { createEncoderCatalog } from '../evaluation/encoders.js';
import { createExportRepository } from '../export/repository.js';
import { createStyleContentRepository } from './content-repository.js';
import { createStyleDraftRepository } from './draft-repository.js';
import { createStyleDrafts } from './drafts.js';
import { createDriftCounter } from './drift.js';
import { createStyleDriftRepository } from './drift-repository.js';
import { buildStyleSpaceJob } from './job.js';
import { previewStyleEditJob } from './preview-job.js';
import { createStyleSpaceRepository } from './repository.js';
import { createMapRoutes } from './routes.js';
import { createStyleSpaceService, type StyleSpaceService } from './service.js';
import { createSpaceContents } from './space-content.js';
import { styleSpacesWithin } from './within.js';
import './schema.js';

declare module '../../platform/services.js' {
  interface Services {
    readonly styleSpaces: StyleSpaceService;
  }
  interface ModuleOptions {
    /** Holds a build before each batch of its pictures: for tests that come in between. */
    readonly styleGate?: { pass(signal: AbortSignal): Promise<void> } | undefined;
  }
}

export const styleSpaceModule = defineModule({
  name: 'style-space',
  jobs: [buildStyleSpaceJob, previewStyleEditJob],
  create({
    prisma,
    blobs,
    dataDir,
    log,
    options,
    services: { datasets, versions, jobs, models, modelRegistry, search },
  }) {
    const spaces = createStyleSpaceRepository(prisma);
    const contents = createStyleContentRepository(prisma);
    const draftRows = createStyleDraftRepository(prisma);
    const work = createSpaceContents(spaces, contents);
    const drafts = createStyleDrafts({ spaces, drafts: draftRows, contents, work, jobs });
    const drift = createDriftCounter({
      drift: createStyleDriftRepository(prisma),
      work,
      chosen: () => spaces.chosen(),
      onError: (error) => log.warn({ err: error }, 'a query style was not counted'),
    });
    const folderOf = (id: string) => join(dataDir, 'style-spaces', id);
    const service = createStyleSpaceService({
      ...{ spaces, contents, work, drafts, drift, datasets, versions, jobs, folderOf },
    });
    search.watchStyles((gram) => drift.see(gram));
    const vectors = (ids: readonly string[]) => search.vectors(ids, null);
    const encoders = createEncoderCatalog(dataDir, modelRegistry);
    return {
      services: { styleSpaces: service },
      scope: (own) => ({ styleSpaces: styleSpacesWithin(service, own) }),
      jobParts: {
        styleSpaces: spaces,
        styleContent: contents,
        styleDrafts: draftRows,
        styleWork: work,
        stylePictures: { exports: createExportRepository(prisma), blobs },
        styleMeaning: { blobs, model: () => models.current(), vectors },
        styleFolder: folderOf,
        styleGate: options.styleGate,
        styleModel: {
          vectors,
          hub: modelRegistry.hub,
          async open() {
            const { model, modelId } = await models.current();
            const known = (await encoders.list()).filter(({ queries }) => queries === 'tower');
            const own = known.find((one) => one.modelId === modelId) ?? known[0];
            if (own === undefined) throw new NotFoundError('There is no query encoder to measure with.');
            return { model: own.model, query: own.query, name: own.name, spaceHash: model.spaceHash };
          },
        },
      },
      routes: (http) => [createMapRoutes({ spaces, service: () => service, ...http })],
      close: () => drift.close(),
    };
  },
});

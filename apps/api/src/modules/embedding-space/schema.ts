import { encodeGlobalID } from '@pothos/plugin-relay';
import { ConflictError, ForbiddenError, NotFoundError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { JobRef, jobSuccess } from '../job/ref.js';
import { RegisteredModelRef } from '../model/ref.js';
import { EmbeddingSpaceRef } from './ref.js';

const authScopes = { role: 'VIEWER' } as const;
const mayChange = { role: 'CURATOR' } as const;

builder.node(EmbeddingSpaceRef, {
  authScopes,
  description: 'What one backbone makes of the gallery. Vectors of different spaces are never compared.',
  id: { resolve: ({ id }) => String(id) },
  loadMany: async (ids, { services }) => {
    const found = await services.embeddingSpaces.byIds(ids);
    return ids.map((id) => found.find((one) => String(one.id) === id) ?? null);
  },
  fields: (t) => ({
    name: t.exposeString('modelName'),
    spaceHash: t.exposeString('spaceHash'),
    dimensions: t.exposeInt('dimensions'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    answers: t.boolean({
      description: 'Do searches go there?',
      resolve: ({ live }) => live?.answers ?? false,
    }),
    encoder: t.field({
      type: RegisteredModelRef,
      nullable: true,
      description: 'What encodes query pictures where searches go there.',
      resolve: ({ live }, _args, { loaders }) =>
        live === null ? null : loaders.registeredModels.load(live.modelId),
    }),
    backbone: t.field({
      type: RegisteredModelRef,
      nullable: true,
      description: 'Null where its model is not in the registry.',
      resolve: ({ spaceHash }, _args, { services }) => services.modelRegistry.backbone(spaceHash),
    }),
    vectors: t.int({
      resolve: async ({ id }, _args, { loaders }) => (await loaders.spaceCounts.load(String(id))).vectors,
    }),
    missing: t.int({
      description: 'Photos without a vector there. It must be 0 before searches may go there.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.spaceCounts.load(String(id))).missing,
    }),
    bytes: t.float({
      description: 'What its vectors and their index take on the disk: what deleting it frees.',
      resolve: async ({ id }, _args, { loaders }) => (await loaders.spaceCounts.load(String(id))).bytes,
    }),
    backfill: t.field({
      type: JobRef,
      nullable: true,
      description: 'The latest encoding of the gallery for it.',
      resolve: async ({ spaceHash }, _args, { services }) => {
        const backbone = await services.modelRegistry.backbone(spaceHash);
        return backbone === null ? null : services.embeddingSpaces.backfillOf(backbone.id);
      },
    }),
  }),
});

builder.queryField('embeddingSpaces', (t) =>
  t.field({
    datasets: 'ALL',
    type: [EmbeddingSpaceRef],
    authScopes,
    description: 'The spaces that hold vectors, oldest first.',
    complexity: { multiplier: 5 },
    resolve: (_root, _args, { services }) => services.embeddingSpaces.all(),
  }),
);

const DeleteSpaceSuccess = builder
  .objectRef<{ readonly deletedId: string; readonly freedBytes: number }>('DeleteSpaceSuccess')
  .implement({
    authScopes,
    fields: (t) => ({ deletedId: t.exposeID('deletedId'), freedBytes: t.exposeFloat('freedBytes') }),
  });

builder.mutationFields((t) => ({
  backfillSpace: t.field({
    datasets: 'ALL',
    type: jobSuccess('BackfillSpaceSuccess'),
    authScopes: mayChange,
    description: 'Encodes the gallery for a backbone. Searches go on in the space that answers.',
    args: { modelId: t.arg.globalID({ required: true, for: RegisteredModelRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'BackfillSpaceResult' },
    },
    resolve: async (_root, { modelId }, { services, caller }) => ({
      job: await services.embeddingSpaces.backfill(modelId.id, caller?.name ?? null),
    }),
  }),
  deleteSpace: t.field({
    datasets: 'ALL',
    type: DeleteSpaceSuccess,
    authScopes: mayChange,
    description: 'Deletes a space that is not searched, with its vectors.',
    args: { spaceId: t.arg.globalID({ required: true, for: EmbeddingSpaceRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'DeleteSpaceResult' },
    },
    resolve: async (_root, { spaceId }, { services }) => ({
      freedBytes: await services.embeddingSpaces.delete(spaceId.id),
      deletedId: encodeGlobalID('EmbeddingSpace', spaceId.id),
    }),
  }),
}));

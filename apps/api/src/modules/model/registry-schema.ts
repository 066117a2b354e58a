import { encodeGlobalID } from '@pothos/plugin-relay';
import { BY_ID } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { RegisteredModelRef } from './ref.js';
import type { Promotion } from './repository.js';

const authScopes = { role: 'VIEWER' } as const;
const mayChange = { role: 'CURATOR' } as const;

const KindEnum = builder.enumType('ModelKind', {
  values: {
    BACKBONE: { description: 'Encodes the gallery and words: each makes an embedding space.' },
    QUERY_ENCODER: { description: 'Encodes query pictures into the space of one backbone.' },
  } as const,
});
const OriginEnum = builder.enumType('ModelOrigin', {
  values: {
    STARTED: { description: 'Comes with the product, or was named when the server was started.' },
    HUB: {},
    FOLDER: {},
    UPLOAD: {},
    TRAINED: {},
  } as const,
});
const PromotionKindEnum = builder.enumType('PromotionKind', {
  values: {
    START: { description: 'The server was started with it.' },
    PROMOTE: {},
    ROLLBACK: {},
    SWITCH: { description: 'Another embedding space.' },
  } as const,
});

export const PromotionRef = builder.objectRef<Promotion>('Promotion').implement({
  authScopes,
  description: 'A change of what answers searches.',
  fields: (t) => ({
    id: t.exposeID('id'),
    kind: t.field({ type: PromotionKindEnum, resolve: ({ kind }) => kind as 'START' }),
    modelName: t.exposeString('modelName'),
    fromName: t.exposeString('fromName', { nullable: true }),
    model: t.field({
      type: RegisteredModelRef,
      nullable: true,
      description: 'Null where it was deleted since.',
      resolve: ({ modelId }, _args, { loaders }) =>
        modelId === null ? null : loaders.registeredModels.load(modelId),
    }),
    spaceHash: t.exposeString('spaceHash'),
    reason: t.exposeString('reason', { nullable: true }),
    overridden: t.exposeBoolean('overridden', {
      description: 'The gate was closed, and a reason was given.',
    }),
    gate: t.expose('gate', { type: 'JSON', nullable: true, description: 'The checklist as it stood.' }),
    by: t.exposeString('promotedBy', { nullable: true }),
    at: t.expose('createdAt', { type: 'DateTime' }),
  }),
});

builder.node(RegisteredModelRef, {
  authScopes,
  description: 'A model that this installation holds.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.registeredModels.loadMany(ids),
  fields: (t) => ({
    kind: t.field({ type: KindEnum, resolve: ({ kind }) => kind }),
    name: t.exposeString('name'),
    encoder: t.exposeString('encoder', { description: 'How `evaluate` takes it.' }),
    contentHash: t.exposeString('contentHash', { description: 'sha256 of all that decides its vectors.' }),
    spaceHash: t.exposeString('spaceHash', {
      description: 'Content hash of its backbone: the space it lives in.',
    }),
    dimensions: t.exposeInt('dimensions'),
    origin: t.field({ type: OriginEnum, resolve: ({ origin }) => origin }),
    source: t.exposeString('source', {
      nullable: true,
      description: 'Its name on a hub, or the folder it was taken from.',
    }),
    licence: t.exposeString('licence', { nullable: true }),
    byteSize: t.float({ description: 'Bytes of its files.', resolve: ({ byteSize }) => Number(byteSize) }),
    trouble: t.exposeString('trouble', { nullable: true, description: 'Why it cannot be opened any more.' }),
    facts: t.expose('facts', {
      type: 'JSON',
      description: 'What its bundle says: config, training, evaluation.',
    }),
    card: t.exposeString('card', { nullable: true, description: 'The card that came with it, as Markdown.' }),
    addedBy: t.exposeString('addedBy', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    isLive: t.boolean({
      description: 'Does it answer searches now?',
      resolve: ({ id }, _args, { services }) => services.models.live()?.modelId === id,
    }),
    backbone: t.field({
      type: RegisteredModelRef,
      nullable: true,
      description: 'What it stands on; null for a backbone, and where that is not here.',
      resolve: ({ kind, spaceHash }, _args, { services }) =>
        kind === 'BACKBONE' ? null : services.modelRegistry.backbone(spaceHash),
    }),
    promotions: t.field({
      type: [PromotionRef],
      description: 'When it came and went, newest first.',
      complexity: { multiplier: 5 },
      resolve: ({ id }, _args, { services }) => services.modelRegistry.promotions(50, id),
    }),
  }),
});

builder.queryFields((t) => ({
  models: t.connection(
    {
      datasets: 'ALL',
      type: RegisteredModelRef,
      authScopes,
      description: 'The registry, newest first.',
      args: { kind: t.arg({ type: KindEnum, required: false }) },
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: async (_root, { kind = null, ...args }, { services }) => {
        const page = await keysetConnection(args, BY_ID, (keys) => services.modelRegistry.page(kind, keys));
        return { ...page, kind };
      },
    },
    {
      name: 'RegisteredModelConnection',
      fields: (c) => ({
        totalCount: c.int({ resolve: ({ kind }, _args, { services }) => services.modelRegistry.count(kind) }),
      }),
    },
    { name: 'RegisteredModelEdge' },
  ),
  promotions: t.field({
    datasets: 'ALL',
    type: [PromotionRef],
    authScopes,
    description: 'What answered searches, newest first; the last 50 changes.',
    complexity: { multiplier: 20 },
    resolve: (_root, _args, { services }) => services.modelRegistry.promotions(50, null),
  }),
}));

const DeleteModelSuccess = builder
  .objectRef<{ readonly deletedId: string; readonly freedBytes: number }>('DeleteModelSuccess')
  .implement({
    authScopes,
    fields: (t) => ({ deletedId: t.exposeID('deletedId'), freedBytes: t.exposeFloat('freedBytes') }),
  });

const RenameModelSuccess = builder.objectRef<{ readonly modelId: string }>('RenameModelSuccess').implement({
  authScopes,
  fields: (t) => ({
    model: t.field({
      type: RegisteredModelRef,
      resolve: ({ modelId }, _args, { loaders }) => loaders.registeredModels.loadRequired(modelId),
    }),
  }),
});

builder.mutationFields((t) => ({
  renameModel: t.field({
    datasets: 'ALL',
    type: RenameModelSuccess,
    authScopes: mayChange,
    args: {
      modelId: t.arg.globalID({ required: true, for: RegisteredModelRef }),
      name: t.arg.string({ required: true }),
    },
    errors: {
      types: [NotFoundError, ForbiddenError, ValidationError, ConflictError],
      directResult: true,
      union: { name: 'RenameModelResult' },
    },
    resolve: async (_root, { modelId, name }, { services }) => ({
      modelId: (await services.modelRegistry.rename(modelId.id, name)).id,
    }),
  }),
  deleteModel: t.field({
    datasets: 'ALL',
    type: DeleteModelSuccess,
    authScopes: mayChange,
    description: 'Deletes a model that nothing needs, with its files.',
    args: { modelId: t.arg.globalID({ required: true, for: RegisteredModelRef }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'DeleteModelResult' },
    },
    resolve: async (_root, { modelId }, { services }) => ({
      freedBytes: await services.modelRegistry.delete(modelId.id),
      deletedId: encodeGlobalID('RegisteredModel', modelId.id),
    }),
  }),
}));

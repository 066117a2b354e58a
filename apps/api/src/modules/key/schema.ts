import type { ApiKey } from '../../platform/auth/auth-repository.js';
import type { Role } from '../../platform/auth/caller.js';
import { idsOf } from '../../platform/auth/identify.js';
import { BY_ID } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import { DatasetRef } from '../dataset/ref.js';
import { RoleEnum } from '../person/schema.js';

const authScopes = { role: 'ADMIN' } as const;
const types = [ValidationError, NotFoundError, ForbiddenError, ConflictError];

const ApiKeyRef = builder.objectRef<ApiKey>('ApiKey');

builder.node(ApiKeyRef, {
  authScopes,
  description: 'A program’s way in. The whole key is shown once, when it is made.',
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, { services, caller }) => {
    const found = caller?.role === 'ADMIN' && !caller.datasets ? await services.keys.byIds(ids) : [];
    return ids.map((id) => found.find((one) => one.id === id) ?? null);
  },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    prefix: t.exposeString('prefix', { description: 'How it begins; tells it in logs.' }),
    role: t.field({ type: RoleEnum, description: 'What it may do.', resolve: ({ role }) => role as Role }),
    datasets: t.field({
      type: [DatasetRef],
      nullable: true,
      description: 'The datasets that it may see; null for all.',
      resolve: async ({ datasetIds }, _args, { loaders }) => {
        const ids = idsOf(datasetIds);
        if (ids === null) return null;
        return (await loaders.datasets.loadMany(ids)).filter((one) => one !== null);
      },
    }),
    requestsPerMinute: t.exposeInt('requestsPerMinute', {
      nullable: true,
      description: 'Operations it may send in a minute; null for no limit.',
    }),
    encoderSecondsPerMinute: t.exposeFloat('encoderSecondsPerMinute', {
      nullable: true,
      description: 'Seconds of the encoder it may use in a minute; null for no limit.',
    }),
    createdBy: t.exposeString('createdBy', { description: 'Who made it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends; null for never.',
    }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'To the minute.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was ended.' }),
  }),
});

builder.queryField('apiKeys', (t) =>
  t.connection(
    {
      type: ApiKeyRef,
      datasets: 'ALL',
      authScopes,
      description: 'Every key, newest first.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: (_root, args, { services }) =>
        keysetConnection(args, BY_ID, (page) => services.keys.page(page)),
    },
    { name: 'ApiKeyConnection' },
    { name: 'ApiKeyEdge' },
  ),
);

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A key for a program.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call it.' }),
    role: t.field({ type: RoleEnum, required: true, description: 'What it may do.' }),
    datasetIds: t.globalIDList({
      for: DatasetRef,
      description: 'The datasets that it may see; all if left out.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends; never if left out.' }),
    requestsPerMinute: t.int({ description: 'Operations it may send in a minute.' }),
    encoderSecondsPerMinute: t.float({ description: 'Seconds of the encoder it may use in a minute.' }),
  }),
});

const CreateApiKeySuccess = builder
  .objectRef<{ apiKey: ApiKey; secret: string }>('CreateApiKeySuccess')
  .implement({
    authScopes,
    fields: (t) => ({
      apiKey: t.field({ type: ApiKeyRef, resolve: ({ apiKey }) => apiKey }),
      secret: t.exposeString('secret', { description: 'The whole key. It is shown now and never again.' }),
    }),
  });

const RevokeApiKeySuccess = builder.objectRef<{ apiKey: ApiKey }>('RevokeApiKeySuccess').implement({
  authScopes,
  fields: (t) => ({ apiKey: t.field({ type: ApiKeyRef, resolve: ({ apiKey }) => apiKey }) }),
});

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreateApiKeySuccess,
    datasets: 'ALL',
    authScopes,
    description: 'Makes a key for a program.',
    args: { input: t.arg({ type: CreateApiKeyInput, required: true }) },
    errors: { types, directResult: true, union: { name: 'CreateApiKeyResult' } },
    resolve: (_root, { input }, { services, caller }) =>
      services.keys.create({
        name: input.name,
        role: input.role,
        datasetIds: input.datasetIds?.map(({ id }) => id) ?? null,
        expiresAt: input.expiresAt ?? null,
        requestsPerMinute: input.requestsPerMinute ?? null,
        encoderSecondsPerMinute: input.encoderSecondsPerMinute ?? null,
        by: caller?.name ?? 'unknown',
      }),
  }),
  revokeApiKey: t.field({
    type: RevokeApiKeySuccess,
    datasets: 'ALL',
    authScopes,
    description: 'Ends a key at once.',
    args: { id: t.arg.globalID({ required: true, for: ApiKeyRef }) },
    errors: { types, directResult: true, union: { name: 'RevokeApiKeyResult' } },
    resolve: async (_root, { id }, { services }) => ({ apiKey: await services.keys.revoke(id.id) }),
  }),
}));

import { encodeGlobalID } from '@pothos/plugin-relay';
import { BY_ID, checkPageSize } from '../../platform/database/paging.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import { keysetConnection } from '../../platform/graphql/paging.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import { DatasetRef } from '../dataset/ref.js';
import { JobRef } from '../job/ref.js';
import { DatasetVersionRef } from '../version/ref.js';
import type { StyleDrift } from './drift-repository.js';
import { type MapNames, mapNames } from './map-names.js';
import { type Evidence, evidenceSchema, PICTURE_SOURCES } from './options.js';
import { StyleDraftRef, StylePictureRef, StyleSpaceRef, StyleVersionRef } from './ref.js';
import type { StyleSpace } from './repository.js';
import './draft-schema.js';
import './version-schema.js';
import './weigh-schema.js';

const authScopes = { role: 'VIEWER' } as const;

const SourceEnum = builder.enumType('StylePictureSource', { values: [...PICTURE_SOURCES] });
const StateEnum = builder.enumType('StyleSpaceState', { values: ['BUILDING', 'READY', 'FAILED'] as const });

const CountRef = builder.objectRef<Evidence['scores'][number]>('ClusterCountEvidence').implement({
  authScopes,
  description: 'What speaks for one number of clusters.',
  fields: (t) => ({
    k: t.exposeInt('k'),
    silhouette: t.exposeFloat('silhouette', {
      description: 'How much nearer a picture is to its own cluster than to the next, −1 to 1.',
    }),
    stability: t.exposeFloat('stability', {
      description: 'How alike the clusters of two random halves are: adjusted Rand index, 1 = the same.',
    }),
    purity: t.exposeFloat('purity', {
      nullable: true,
      description:
        'Share of pictures that are of the commonest style of their cluster; it rises with K by itself.',
    }),
  }),
});

const EvidenceRef = builder.objectRef<Evidence>('StyleEvidence').implement({
  authScopes,
  fields: (t) => ({
    suggested: t.exposeInt('suggested', { description: 'The number of highest silhouette × stability.' }),
    counts: t.field({ type: [CountRef], resolve: ({ scores }) => scores }),
  }),
});

const MapRef = builder
  .objectRef<MapNames & { readonly id: string; readonly points: number }>('StyleMap')
  .implement({
    authScopes,
    description: 'Both maps of a space: by style (Gram features) and by meaning (vectors of the live model).',
    fields: (t) => ({
      points: t.exposeInt('points'),
      url: t.string({
        description:
          'Path of the places as little-endian bytes: uint32 n; float32[n] style x, style y, meaning x, meaning y; uint16[n] style, class, split, 65535 for none; uint8[n] 1 for a query.',
        resolve: ({ id }) => `/style-spaces/${encodeURIComponent(encodeGlobalID('StyleSpace', id))}/map`,
      }),
      styles: t.stringList({ resolve: ({ styles }) => [...styles] }),
      classes: t.stringList({ resolve: ({ classes }) => [...classes] }),
      splits: t.stringList({ resolve: ({ splits }) => [...splits] }),
    }),
  });

const DriftRef = builder.objectRef<StyleDrift>('StyleDriftCount').implement({
  authScopes,
  description: 'Query pictures of one day in one cluster: counted, never kept.',
  fields: (t) => ({
    day: t.expose('day', { type: 'DateTime' }),
    clusterKey: t.string({
      nullable: true,
      description: 'Null outside every known style.',
      resolve: ({ cluster }) => (cluster === '' ? null : cluster),
    }),
    count: t.exposeInt('count'),
    meanCosine: t.float({
      description: 'To the nearest centre.',
      resolve: ({ cosineSum, count }) => (count === 0 ? 0 : cosineSum / count),
    }),
  }),
});

builder.node(StyleSpaceRef, {
  authScopes,
  description: 'Clusters of styles, found in the pictures of a dataset version and looked after by curators.',
  id: { resolve: ({ id }) => id },
  loadMany: async (ids, { services }) => {
    const found = await services.styleSpaces.byIds(ids);
    return ids.map((id) => found.find((one) => one.id === id) ?? null);
  },
  fields: (t) => ({
    name: t.exposeString('name'),
    datasetName: t.exposeString('datasetName'),
    datasetVersion: t.exposeInt('versionNumber', { description: 'Number of the dataset version.' }),
    source: t.field({
      type: SourceEnum,
      resolve: ({ source }) => source as (typeof PICTURE_SOURCES)[number],
    }),
    most: t.exposeInt('most', { nullable: true, description: 'A sample of so many; null for all.' }),
    requestedK: t.exposeInt('requestedK', { nullable: true, description: 'Null where K was suggested.' }),
    seed: t.exposeInt('seed'),
    modelName: t.exposeString('modelName', {
      nullable: true,
      description: 'Whose vectors the map of meaning shows.',
    }),
    pictureCount: t.exposeInt('pictureCount'),
    newestVersion: t.exposeInt('head', { description: '0 until it is built.' }),
    startedBy: t.exposeString('startedBy', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    readyAt: t.expose('readyAt', { type: 'DateTime', nullable: true }),
    state: t.field({
      type: StateEnum,
      resolve: async ({ readyAt, jobId }, _args, { loaders }) => {
        if (readyAt !== null) return 'READY';
        const job = jobId === null ? null : await loaders.jobs.load(jobId);
        return job !== null && job.finishedAt !== null ? 'FAILED' : 'BUILDING';
      },
    }),
    job: t.field({
      type: JobRef,
      nullable: true,
      resolve: ({ jobId }, _args, { loaders }) => (jobId === null ? null : loaders.jobs.load(jobId)),
    }),
    dataset: t.field({
      type: DatasetRef,
      nullable: true,
      resolve: ({ datasetId }, _args, { loaders }) =>
        datasetId === null ? null : loaders.datasets.load(datasetId),
    }),
    isChosen: t.boolean({
      description: 'Searches are told by it.',
      resolve: async ({ id }, _args, { services }) => (await services.styleSpaces.chosen())?.id === id,
    }),
    uses: t.stringList({
      description: 'What uses it, by name: it cannot be deleted before that.',
      resolve: ({ id }, _args, { services }) => services.styleSpaces.uses(id),
    }),
    evidence: t.field({
      type: EvidenceRef,
      nullable: true,
      resolve: ({ evidence }) => (evidence === null ? null : evidenceSchema.parse(evidence)),
    }),
    version: t.field({
      type: StyleVersionRef,
      nullable: true,
      description: 'The newest unless a number is named; null until it is built.',
      args: { number: t.arg.int() },
      resolve: ({ id }, { number }, { services }) => services.styleSpaces.version(id, number ?? null),
    }),
    versions: t.field({
      type: [StyleVersionRef],
      description: 'Newest first.',
      complexity: { multiplier: 10 },
      resolve: ({ id }, _args, { services }) => services.styleSpaces.versions(id),
    }),
    drafts: t.field({
      type: [StyleDraftRef],
      description: 'Edits that are not saved yet, newest first.',
      complexity: { multiplier: 3 },
      resolve: ({ id }, _args, { services }) => services.styleSpaces.drafts.ofSpace(id),
    }),
    map: t.field({
      type: MapRef,
      nullable: true,
      description: 'Null until it is built.',
      resolve: async ({ id, readyAt }, _args, { services }) => {
        if (readyAt === null) return null;
        const content = await services.styleSpaces.work.content(id);
        return { ...mapNames(content), id, points: content.pictures.length };
      },
    }),
    pictures: t.field({
      type: [StylePictureRef],
      description: 'Pictures by their numbers, in the order asked for; up to 100.',
      args: { indexes: t.arg.intList({ required: true }), version: t.arg.int() },
      complexity: ({ indexes }) => ({ multiplier: Math.max(1, indexes?.length ?? 1) / 4 }),
      resolve: ({ id }, { indexes, version }, { services }) => {
        checkPageSize('indexes', indexes.length);
        return services.styleSpaces.pictures(id, version ?? null, indexes);
      },
    }),
    drift: t.field({
      type: [DriftRef],
      description: 'Styles that people searched with, by day, oldest first.',
      args: { days: t.arg.int({ required: true, defaultValue: 30 }) },
      complexity: { multiplier: 10 },
      resolve: ({ id }, { days }, { services }) =>
        services.styleSpaces.drift(id, Math.max(1, Math.min(365, days))),
    }),
  }),
});

builder.queryField('styleSpaces', (t) =>
  t.connection(
    {
      datasets: 'OWN',
      type: StyleSpaceRef,
      authScopes,
      description: 'Newest first.',
      complexity: ({ first, last }) => ({ multiplier: first ?? last ?? 20 }),
      resolve: (_root, args, { services }) =>
        keysetConnection(args, BY_ID, (keys) => services.styleSpaces.page(keys)),
    },
    {
      name: 'StyleSpaceConnection',
      fields: (c) => ({
        totalCount: c.int({ resolve: (_page, _args, { services }) => services.styleSpaces.count() }),
      }),
    },
    { name: 'StyleSpaceEdge' },
  ),
);

const BuildInput = builder.inputType('BuildStyleSpaceInput', {
  fields: (t) => ({
    datasetId: t.globalID({ required: true, for: DatasetRef }),
    versionId: t.globalID({
      required: false,
      for: DatasetVersionRef,
      description: 'Without it, the dataset as it is now is kept as a version and built on.',
    }),
    name: t.string({ description: 'What people call it; up to 80 characters.' }),
    source: t.field({
      type: SourceEnum,
      required: true,
      defaultValue: 'BOTH',
      description: 'Which pictures count.',
    }),
    most: t.int({ description: 'A sample of so many pictures, drawn by the seed.' }),
    k: t.int({ description: 'Clusters; without it the suggested number.' }),
    seed: t.int({ required: true, defaultValue: 0 }),
  }),
});

const BuildSuccess = builder
  .objectRef<{ readonly space: StyleSpace; readonly job: Job }>('BuildStyleSpaceSuccess')
  .implement({
    authScopes,
    fields: (t) => ({
      styleSpace: t.field({ type: StyleSpaceRef, resolve: ({ space }) => space }),
      job: t.field({ type: JobRef, resolve: ({ job }) => job }),
    }),
  });

builder.mutationField('buildStyleSpace', (t) =>
  t.field({
    datasets: 'OWN',
    type: BuildSuccess,
    authScopes: { role: 'CURATOR' },
    description: 'Finds clusters of styles in the pictures of a dataset version.',
    args: { input: t.arg({ type: BuildInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'BuildStyleSpaceResult' },
    },
    resolve: (_root, { input }, { services, caller }) =>
      services.styleSpaces.build({
        datasetId: input.datasetId.id,
        versionId: input.versionId?.id ?? null,
        name: input.name ?? null,
        source: input.source,
        most: input.most ?? null,
        k: input.k ?? null,
        seed: input.seed,
        startedBy: caller?.name ?? null,
      }),
  }),
);

const RenameInput = builder.inputType('RenameStyleSpaceInput', {
  fields: (t) => ({
    styleSpaceId: t.globalID({ required: true, for: StyleSpaceRef }),
    name: t.string({ required: true }),
  }),
});
const IdInput = builder.inputType('StyleSpaceInput', {
  fields: (t) => ({ styleSpaceId: t.globalID({ required: true, for: StyleSpaceRef }) }),
});

const SpaceSuccess = builder.objectRef<{ readonly space: StyleSpace }>('StyleSpaceSuccess').implement({
  authScopes,
  fields: (t) => ({ styleSpace: t.field({ type: StyleSpaceRef, resolve: ({ space }) => space }) }),
});

builder.mutationField('renameStyleSpace', (t) =>
  t.field({
    datasets: 'OWN',
    type: SpaceSuccess,
    authScopes: { role: 'CURATOR' },
    args: { input: t.arg({ type: RenameInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError],
      directResult: true,
      union: { name: 'RenameStyleSpaceResult' },
    },
    resolve: async (_root, { input }, { services }) => ({
      space: await services.styleSpaces.rename(input.styleSpaceId.id, input.name),
    }),
  }),
);

builder.mutationField('chooseStyleSpace', (t) =>
  t.field({
    datasets: 'OWN',
    type: SpaceSuccess,
    authScopes: { role: 'CURATOR' },
    description: 'Searches are told by this space from now on, and drift is counted against it.',
    args: { input: t.arg({ type: IdInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'ChooseStyleSpaceResult' },
    },
    resolve: async (_root, { input }, { services }) => ({
      space: await services.styleSpaces.choose(input.styleSpaceId.id),
    }),
  }),
);

const DeleteSuccess = builder
  .objectRef<{ readonly deletedId: string }>('DeleteStyleSpaceSuccess')
  .implement({ authScopes, fields: (t) => ({ deletedId: t.exposeID('deletedId') }) });

builder.mutationField('deleteStyleSpace', (t) =>
  t.field({
    datasets: 'OWN',
    type: DeleteSuccess,
    authScopes: { role: 'CURATOR' },
    description: 'Deletes a space with all its versions; refused where something uses it.',
    args: { input: t.arg({ type: IdInput, required: true }) },
    errors: {
      types: [NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'DeleteStyleSpaceResult' },
    },
    resolve: async (_root, { input }, { services, caller }) => {
      await services.styleSpaces.delete(input.styleSpaceId.id, caller?.name ?? null);
      return { deletedId: encodeGlobalID('StyleSpace', input.styleSpaceId.id) };
    },
  }),
);

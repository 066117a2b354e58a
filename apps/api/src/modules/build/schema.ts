import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';
import { builder } from '../../platform/graphql/builder.js';
import type { Job } from '../../platform/jobs/job-repository.js';
import { DatasetRef } from '../dataset/ref.js';
import { JobRef } from '../job/ref.js';
import { filterOf, ImageFilterInput } from '../photo/filter-input.js';
import { ImageRef } from '../photo/ref.js';
import type { BuildPreview, PreviewVersion, StyleMakerInfo } from './service.js';

const authScopes = { role: 'VIEWER' } as const;

const StyleMakerRef = builder.objectRef<StyleMakerInfo>('StyleMaker').implement({
  authScopes,
  description: 'A way to make a query picture of a photo.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Stable; made for programs.' }),
    style: t.exposeString('style', { description: 'The query style of what it makes.' }),
    title: t.exposeString('title', { description: 'What a person calls it.' }),
    description: t.exposeString('description'),
    hasStrength: t.exposeBoolean('hasStrength', {
      description:
        'False where the name says it all: such a maker makes one version, whatever the strengths.',
    }),
  }),
});

const MakerChoiceInput = builder.inputType('MakerChoiceInput', {
  fields: (t) => ({
    maker: t.string({ required: true, description: 'The `name` of a style maker.' }),
    strengths: t.floatList({
      required: true,
      description: 'How far from the photo, 0 to 1: a version for each. None means 0.5.',
    }),
  }),
});

const PreviewVersionRef = builder.objectRef<PreviewVersion>('BuildPreviewVersion').implement({
  authScopes,
  fields: (t) => ({
    maker: t.exposeString('maker'),
    strength: t.exposeFloat('strength', {
      nullable: true,
      description: 'Null for makers that know no strength.',
    }),
    url: t.exposeString('url', { description: 'The picture itself, as a data URL.' }),
  }),
});

const BuildPreviewRef = builder.objectRef<BuildPreview>('BuildPreview').implement({
  authScopes,
  description: 'A photo with the versions that a build would make of it.',
  fields: (t) => ({
    image: t.field({ type: ImageRef, resolve: ({ image }) => image }),
    versions: t.field({ type: [PreviewVersionRef], resolve: ({ versions }) => [...versions] }),
  }),
});

builder.queryFields((t) => ({
  styleMakers: t.field({
    datasets: 'NONE',
    type: [StyleMakerRef],
    authScopes,
    description: 'Every way to make query pictures of photos.',
    resolve: (_root, _args, { services }) => services.builds.makers(),
  }),
  previewBuild: t.field({
    datasets: 'OWN',
    type: [BuildPreviewRef],
    authScopes,
    description: 'What a build would make of some photos: six of the dataset where none are named.',
    args: {
      datasetId: t.arg.globalID({ required: true, for: DatasetRef }),
      makers: t.arg({ type: [MakerChoiceInput], required: true }),
      imageIds: t.arg.globalIDList({ for: ImageRef, required: false }),
      seed: t.arg.int({ required: false }),
    },
    resolve: (_root, { datasetId, makers, imageIds, seed }, { services }) =>
      services.builds.preview({
        datasetId: datasetId.id,
        makers,
        imageIds: imageIds?.map(({ id }) => id) ?? null,
        seed: seed ?? null,
      }),
  }),
}));

const BuildQueriesInput = builder.inputType('BuildQueriesInput', {
  fields: (t) => ({
    datasetId: t.globalID({ required: true, for: DatasetRef }),
    filter: t.field({
      type: ImageFilterInput,
      description: 'Photos to make them of; all that are not deleted, if left out.',
    }),
    makers: t.field({ type: [MakerChoiceInput], required: true }),
    seed: t.int({
      description: 'From 0; the same seed makes the same pictures of the same photos. 0 if left out.',
    }),
  }),
});

const BuildQueriesSuccess = builder.objectRef<{ job: Job }>('BuildQueriesSuccess').implement({
  authScopes,
  fields: (t) => ({ job: t.field({ type: JobRef, resolve: ({ job }) => job }) }),
});

builder.mutationField('buildQueries', (t) =>
  t.field({
    datasets: 'OWN',
    type: BuildQueriesSuccess,
    authScopes: { role: 'CURATOR' },
    description:
      'Makes query pictures of the photos of a dataset, each once: what is there already is not made again.',
    args: { input: t.arg({ type: BuildQueriesInput, required: true }) },
    errors: {
      types: [ValidationError, NotFoundError, ForbiddenError, ConflictError],
      directResult: true,
      union: { name: 'BuildQueriesResult' },
    },
    resolve: async (_root, { input }, { services, caller }) => ({
      job: await services.builds.start({
        startedBy: caller?.name,
        datasetId: input.datasetId.id,
        filter: filterOf(input.filter),
        makers: input.makers,
        seed: input.seed ?? null,
      }),
    }),
  }),
);

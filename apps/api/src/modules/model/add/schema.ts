import { ConflictError, ForbiddenError, ValidationError } from '../../../platform/errors.js';
import { builder } from '../../../platform/graphql/builder.js';
import { jobSuccess } from '../../job/ref.js';
import { RegisteredModelRef } from '../ref.js';
import type { AddModels } from './service.js';

const authScopes = { role: 'VIEWER' } as const;
const mayChange = { role: 'CURATOR' } as const;

type Suggested = Awaited<ReturnType<AddModels['shortlist']>>[number];

const SuggestedModelRef = builder.objectRef<Suggested>('SuggestedModel').implement({
  authScopes,
  description: 'A model worth trying, by its name on the hub.',
  fields: (t) => ({
    repo: t.exposeString('repo', { description: 'How `fetchModel` takes it.' }),
    name: t.exposeString('name'),
    megabytes: t.exposeInt('megabytes', { description: 'What is fetched, about.' }),
    dimensions: t.exposeInt('dimensions'),
    licence: t.exposeString('licence'),
    expect: t.exposeString('expect'),
    model: t.field({
      type: RegisteredModelRef,
      nullable: true,
      description: 'Null until it was fetched.',
      resolve: ({ model }) => model,
    }),
  }),
});

builder.queryField('suggestedModels', (t) =>
  t.field({
    datasets: 'ALL',
    type: [SuggestedModelRef],
    authScopes,
    description: 'A short list of better models than the one that comes with the product.',
    complexity: { multiplier: 3 },
    resolve: (_root, _args, { services }) => services.addModels.shortlist(),
  }),
);

builder.mutationFields((t) => ({
  fetchModel: t.field({
    datasets: 'ALL',
    type: jobSuccess('FetchModelSuccess'),
    authScopes: mayChange,
    description:
      'Fetches a backbone from the hub. A download that was cut off goes on when it is asked for again.',
    args: {
      name: t.arg.string({
        required: true,
        description: '`owner/name`, with `clip:` or `siglip:` before it where needed.',
      }),
    },
    errors: {
      types: [ForbiddenError, ValidationError, ConflictError],
      directResult: true,
      union: { name: 'FetchModelResult' },
    },
    resolve: async (_root, { name }, { services, caller }) => ({
      job: await services.addModels.fetch(name, caller?.name ?? null),
    }),
  }),
  addModelFolder: t.field({
    datasets: 'ALL',
    type: jobSuccess('AddModelFolderSuccess'),
    authScopes: mayChange,
    description: 'Takes a model from a folder of the server: a bundle, or the files of a pretrained model.',
    args: { path: t.arg.string({ required: true }) },
    errors: {
      types: [ForbiddenError, ValidationError],
      directResult: true,
      union: { name: 'AddModelFolderResult' },
    },
    resolve: async (_root, { path }, { services, caller }) => ({
      job: await services.addModels.fromFolder(path, caller?.name ?? null),
    }),
  }),
  addUploadedModel: t.field({
    datasets: 'ALL',
    type: jobSuccess('AddUploadedModelSuccess'),
    authScopes: mayChange,
    description: 'Takes the files that were sent to `/incoming-models/<upload>/…`.',
    args: {
      upload: t.arg.string({ required: true, description: 'The UUID that they were sent under.' }),
      name: t.arg.string({ required: true }),
    },
    errors: {
      types: [ForbiddenError, ValidationError],
      directResult: true,
      union: { name: 'AddUploadedModelResult' },
    },
    resolve: async (_root, { upload, name }, { services, caller }) => {
      if (!/^[0-9a-f-]{36}$/.test(upload)) throw ValidationError.at(['upload'], 'expected a UUID');
      return { job: await services.addModels.fromUpload(upload, name, caller?.name ?? null) };
    },
  }),
}));

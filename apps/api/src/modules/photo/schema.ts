import { builder } from '../../platform/graphql/builder.js';
import { DatasetRef } from '../dataset/ref.js';
import { ImageSelectionInput, ImageStateEnum, selectionOf } from './filter-input.js';
import { ImageRef } from './ref.js';
import type { NearDuplicate } from './repository.js';
import { deletedThumbnailUrl, thumbnailUrl } from './thumbnail-url.js';

const authScopes = { role: 'VIEWER' } as const;

interface Attribute {
  readonly name: string;
  readonly value: string;
}

const AttributeRef = builder.objectRef<Attribute>('Attribute').implement({
  authScopes,
  description: 'Something that a manifest says about a photo beyond what this program knows.',
  fields: (t) => ({
    name: t.exposeString('name'),
    value: t.exposeString('value', { description: 'As text; what is no text there, as JSON.' }),
  }),
});

const NearDuplicateRef = builder.objectRef<NearDuplicate>('NearDuplicate').implement({
  authScopes,
  description: 'Another photo of the dataset that looks alike.',
  fields: (t) => ({
    image: t.field({
      type: ImageRef,
      resolve: ({ otherId }, _args, { loaders }) => loaders.images.loadRequired(otherId),
    }),
    hashBits: t.exposeInt('hashBits', {
      nullable: true,
      description: 'Bits of 64 in which the perceptual hashes differ.',
    }),
    similarity: t.exposeFloat('similarity', { nullable: true, description: 'Cosine of the vectors.' }),
  }),
});

builder.node(ImageRef, {
  authScopes,
  description: 'A gallery photo.',
  id: { resolve: ({ id }) => id },
  loadMany: (ids, { loaders }) => loaders.images.loadMany(ids),
  fields: (t) => ({
    fileName: t.exposeString('fileName', { description: 'Path inside the folder that it came from.' }),
    width: t.exposeInt('width', { description: 'Pixels, after the camera’s rotation was applied.' }),
    height: t.exposeInt('height'),
    byteSize: t.exposeInt('byteSize'),
    contentHash: t.exposeString('contentHash', { description: 'sha256 of the original, hex.' }),
    class: t.exposeString('className', { nullable: true }),
    split: t.exposeString('split', { nullable: true }),
    captions: t.stringList({ resolve: ({ captions }) => captions }),
    tags: t.stringList({ resolve: ({ tags }) => tags }),
    attributes: t.field({
      type: [AttributeRef],
      description: 'By name.',
      resolve: ({ attributes }) => attributesOf(attributes),
    }),
    state: t.field({
      type: ImageStateEnum,
      resolve: ({ id }, _args, { loaders }) => loaders.imageStates.load(id),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a curator set it aside.',
    }),
    thumbnailUrl: t.string({
      description:
        'Path of a WebP whose longest edge has at least `size` pixels, as far as the photo has them.',
      args: { size: t.arg.int({ defaultValue: 256, required: false }) },
      resolve: ({ contentHash, deletedAt }, { size }, { caller }) =>
        deletedAt === null ? thumbnailUrl(contentHash, size) : deletedThumbnailUrl(contentHash, size, caller),
    }),
    fileUrl: t.string({
      description: 'Path of the original.',
      resolve: ({ contentHash }) => `/files/${contentHash}`,
    }),
    nearDuplicates: t.field({
      type: [NearDuplicateRef],
      description: 'Most alike first, without what is deleted; at most 50.',
      resolve: ({ id }, _args, { loaders }) => loaders.nearDuplicates.load(id),
    }),
    dataset: t.field({
      type: DatasetRef,
      resolve: ({ datasetId }, _args, { loaders }) => loaders.datasets.loadRequired(datasetId),
    }),
  }),
});

function attributesOf(attributes: unknown): Attribute[] {
  if (typeof attributes !== 'object' || attributes === null) return [];
  return Object.entries(attributes)
    .map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

builder.queryFields((t) => ({
  image: t.field({
    datasets: 'OWN',
    type: ImageRef,
    nullable: true,
    authScopes,
    args: { id: t.arg.globalID({ required: true, for: ImageRef }) },
    resolve: (_root, { id }, { loaders }) => loaders.images.load(id.id),
  }),
  selectionCount: t.int({
    datasets: 'OWN',
    authScopes,
    description: 'How many photos a change of the selection would look at.',
    args: { selection: t.arg({ type: ImageSelectionInput, required: true }) },
    resolve: (_root, { selection }, { services }) => services.images.countSelection(selectionOf(selection)),
  }),
}));

import { builder } from '../../platform/graphql/builder.js';
import { ImageRef } from '../photo/ref.js';
import { thumbnailUrl } from '../photo/thumbnail-url.js';
import { EvaluationLevelEnum } from './figures-schema.js';
import { EvaluationResultRef } from './ref.js';
import type { StoredResult } from './stored.js';

const authScopes = { role: 'VIEWER' } as const;

type Part = StoredResult['parts'][number];
type Hit = StoredResult['top'][number] & { readonly rank: number };
type Weight = NonNullable<StoredResult['seen']>[number];

const PartRef = builder.objectRef<Part>('EvaluationQueryPart').implement({
  authScopes,
  description: 'Words, a picture, or a picture that was made from a photo for the evaluation.',
  fields: (t) => ({
    text: t.exposeString('text', { nullable: true }),
    thumbnailUrl: t.string({
      nullable: true,
      args: { size: t.arg.int({ defaultValue: 256, required: false }) },
      resolve: ({ contentHash }, { size }) => (contentHash === null ? null : thumbnailUrl(contentHash, size)),
    }),
    madeOf: t.field({
      type: ImageRef,
      nullable: true,
      description: 'The photo that the picture was made from while evaluating; it is kept nowhere.',
      resolve: ({ madeOf }, _args, { loaders }) => (madeOf === null ? null : loaders.images.load(madeOf)),
    }),
  }),
});

const HitRef = builder.objectRef<Hit>('EvaluationHit').implement({
  authScopes,
  fields: (t) => ({
    rank: t.exposeInt('rank', { description: 'Place in the list, from 1.' }),
    score: t.exposeFloat('score'),
    right: t.exposeBoolean('right', { description: 'Is it what was meant?' }),
    imageId: t.exposeString('imageId'),
    image: t.field({
      type: ImageRef,
      nullable: true,
      description: 'Null where the photo is gone.',
      resolve: ({ imageId }, _args, { loaders }) => loaders.images.load(imageId),
    }),
  }),
});

const WeightRef = builder.objectRef<Weight>('EvaluationStyleWeight').implement({
  authScopes,
  fields: (t) => ({ style: t.exposeString('style'), weight: t.exposeFloat('weight') }),
});

EvaluationResultRef.implement({
  authScopes,
  description: 'One query of an evaluation, with the head of its list.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'What the query is: the same in every evaluation.' }),
    section: t.exposeString('section'),
    level: t.field({ type: EvaluationLevelEnum, resolve: ({ level }) => level }),
    rank: t.exposeInt('firstRank', {
      description: 'Of the first right photo, ties decided against the query.',
    }),
    tied: t.exposeBoolean('tied'),
    class: t.exposeString('className', { nullable: true }),
    styleCluster: t.exposeString('styleCluster', { nullable: true }),
    styleWeights: t.field({ type: [WeightRef], resolve: ({ seen }) => seen ?? [] }),
    parts: t.field({ type: [PartRef], resolve: ({ parts }) => parts }),
    target: t.field({
      type: ImageRef,
      nullable: true,
      description: 'The photo that is meant; null where a class is, or the photo is gone.',
      resolve: ({ targetId }, _args, { loaders }) =>
        targetId === null ? null : loaders.images.load(targetId),
    }),
    top: t.field({
      type: [HitRef],
      args: { first: t.arg.int({ defaultValue: 10, required: false }) },
      complexity: ({ first }) => ({ multiplier: first ?? 10 }),
      resolve: ({ top }, { first }) =>
        top.slice(0, Math.max(0, first ?? 10)).map((hit, place) => ({ ...hit, rank: place + 1 })),
    }),
  }),
});

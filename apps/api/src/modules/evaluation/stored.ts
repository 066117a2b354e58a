import { z } from 'zod';

const interval = z.tuple([z.number(), z.number()]);

/** Means of a group of queries, as a report's JSON has them: the metrics beside the counts. */
export const figuresSchema = z
  .object({
    level: z.enum(['instance', 'class']),
    queries: z.number(),
    units: z.number(),
    tooFew: z.boolean(),
    skipped: z.number(),
    tied: z.number(),
    ci95: z.record(z.string(), interval),
  })
  .catchall(z.unknown());

const paperSchema = z.record(
  z.string(),
  z.object({
    protocol: z.string(),
    queries: z.number(),
    batchSize: z.number(),
    'in-batch top-1': z.number(),
    'in-batch top-4': z.number(),
    chance: z.number(),
    meanDistinctTargets: z.number(),
  }),
);

/** A report as it is kept beside its results: what `reportToJson` gives, without the queries one by one. */
export const keptReportSchema = z.object({
  model: z.string(),
  spaceHash: z.string(),
  queryHash: z.string(),
  queryEncoder: z.enum(['tower', 'backbone']),
  galleryEncoder: z.enum(['tower', 'backbone']),
  dataset: z.string(),
  split: z.string().nullable(),
  protocol: z.literal('full-gallery'),
  gallery: z.number(),
  settings: z.record(z.string(), z.unknown()),
  broken: z.array(z.object({ what: z.string(), id: z.string(), error: z.string() })),
  unanswered: z.array(
    z.object({ style: z.string(), level: z.enum(['instance', 'class']).nullable(), queries: z.number() }),
  ),
  styles: z.record(z.string(), figuresSchema.and(z.object({ class: figuresSchema.optional() }))),
  mixed: z.record(z.string(), figuresSchema),
  clusters: z.record(z.string(), figuresSchema),
  paperProtocol: paperSchema,
  releasedProtocol: paperSchema,
});

export type StoredFigures = z.output<typeof figuresSchema>;
export type KeptReport = z.output<typeof keptReportSchema>;

/** What one query is made of. */
export const partSchema = z.object({
  text: z.string().nullable(),
  contentHash: z.string().nullable(),
  /** The photo that it was made from here. */
  madeOf: z.string().nullable(),
});

/** One query of one section, as the compute process writes it, a line each. */
export const resultSchema = z.object({
  section: z.string(),
  key: z.string(),
  level: z.enum(['instance', 'class']),
  parts: z.array(partSchema),
  targetId: z.string().nullable(),
  className: z.string().nullable(),
  cluster: z.string(),
  weight: z.number(),
  styleCluster: z.string().nullable(),
  seen: z.array(z.object({ style: z.string(), weight: z.number() })).nullable(),
  slices: z.record(z.string(), z.string()),
  firstRank: z.number(),
  tied: z.boolean(),
  values: z.record(z.string(), z.number()),
  top: z.array(z.object({ imageId: z.string(), score: z.number(), right: z.boolean() })),
});

export type StoredResult = z.output<typeof resultSchema>;

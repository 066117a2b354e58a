import { z } from 'zod';

export const PICTURE_SOURCES = ['QUERIES', 'PHOTOS', 'BOTH'] as const;
export type PictureSource = (typeof PICTURE_SOURCES)[number];

/** Clusters of a space at most: more colours cannot be told apart, and more columns cannot be read. */
export const MAX_CLUSTERS = 24;

/** Pictures that a space needs: with fewer nothing can be said of its clusters. */
export const FEWEST_PICTURES = 4;

/** Pictures of one space at most. */
export const MOST_PICTURES = 50_000;

export const buildPayload = z.object({ spaceId: z.uuid() });

/** The numbers of clusters that evidence is gathered for. */
export const evidenceRange = (pictures: number): { readonly from: number; readonly to: number } => ({
  from: 2,
  to: Math.max(2, Math.min(10, Math.floor(pictures / 2))),
});

export const evidenceSchema = z.object({
  suggested: z.number().int(),
  scores: z.array(
    z.object({
      k: z.number().int(),
      silhouette: z.number(),
      stability: z.number(),
      purity: z.number().nullable(),
    }),
  ),
});
export type Evidence = z.infer<typeof evidenceSchema>;

const row = z.number().int().nonnegative();
const key = z.string().regex(/^c\d+$/);
const name = z.string().trim().min(1).max(60);

/** An edit as it is kept. Pictures are named by their numbers in the space. */
export const editSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rename'), cluster: key, name }),
  z.object({
    kind: z.literal('recolour'),
    cluster: key,
    colour: z.string().regex(/^#[0-9a-f]{6}$/, 'expected a colour like #0072b2'),
  }),
  z.object({ kind: z.literal('merge'), clusters: z.array(key).min(2), name }),
  z.object({
    kind: z.literal('split'),
    cluster: key,
    into: z.number().int().min(2).max(8),
    seed: z.number().int().nonnegative(),
  }),
  z.object({ kind: z.literal('pin'), cluster: key, rows: z.array(row).min(1).max(12) }),
  z.object({ kind: z.literal('unpin'), rows: z.array(row).min(1).max(1000) }),
  z.object({ kind: z.literal('move'), cluster: key.nullable(), rows: z.array(row).min(1).max(5000) }),
]);
export type StoredEdit = z.infer<typeof editSchema>;
export const editsSchema = z.array(editSchema);

const share = z.number();
/** What edits do to recall by style, measured. */
export const effectSchema = z.object({
  /** Of which revision of the draft. */
  revision: z.number().int(),
  encoder: z.string(),
  /** Null where the dataset has no such split and all of it was taken. */
  split: z.string().nullable(),
  gallery: z.number().int(),
  /** Queries that are in another cluster than before. */
  changed: z.number().int(),
  styles: z.array(
    z.object({
      style: z.string(),
      queries: z.number().int(),
      changed: z.number().int(),
      before: share,
      after: share,
      low: share,
      high: share,
      p: z.number(),
      before10: share,
      after10: share,
    }),
  ),
});
export type StyleEffect = z.infer<typeof effectSchema>;

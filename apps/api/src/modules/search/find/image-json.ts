import { z } from 'zod';
import type { Image } from '../../photo/repository.js';

/** A row of `image` as the database writes it in JSON. */
export const imageSchema = z.object({
  id: z.string(),
  dataset_id: z.string(),
  content_hash: z.string(),
  file_name: z.string(),
  media_type: z.string(),
  width: z.number(),
  height: z.number(),
  byte_size: z.number(),
  class: z.string().nullable(),
  split: z.string().nullable(),
  captions: z.array(z.string()),
  tags: z.array(z.string()),
  attributes: z.json(),
  // Text, because a number of JSON keeps 53 of its 64 bits.
  perceptual_hash: z.string().nullable(),
  created_at: z.string(),
  deleted_at: z.string().nullable(),
});

export function imageOfJson(row: z.infer<typeof imageSchema>): Image {
  return {
    id: row.id,
    datasetId: row.dataset_id,
    contentHash: row.content_hash,
    fileName: row.file_name,
    mediaType: row.media_type,
    width: row.width,
    height: row.height,
    byteSize: row.byte_size,
    className: row.class,
    split: row.split,
    captions: row.captions,
    tags: row.tags,
    attributes: row.attributes,
    perceptualHash: row.perceptual_hash === null ? null : BigInt(row.perceptual_hash),
    createdAt: new Date(row.created_at),
    deletedAt: row.deleted_at === null ? null : new Date(row.deleted_at),
  };
}

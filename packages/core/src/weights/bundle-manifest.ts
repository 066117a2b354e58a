import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 in lower-case hex');
const jsonObject = z.record(z.string(), z.json());

/** A bundle's files lie flat in its folder: a name with a separator could reach outside it. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a plain file name');

/** `manifest.json` of a model bundle. */
export const bundleManifestSchema = z.strictObject({
  format: z.literal('freestyle-bundle'),
  version: z.literal(1),
  name: z.string().min(1),
  /** What builds it: a key of the model registry. */
  modelType: z.string().min(1),
  /** The frozen gallery side that this bundle's vectors live beside; null where the bundle is one itself. */
  backbone: z.strictObject({ name: z.string().min(1), hash: sha256 }).nullable(),
  /** Length of its vectors. */
  dimensions: z.number().int().positive(),
  /** Shape of the model, read by its builder. */
  config: jsonObject,
  /** How a picture becomes its input. */
  preprocessing: jsonObject,
  /** File that holds the tokenizer; null where there is no text tower. */
  tokenizer: fileName.nullable(),
  licence: z.string().min(1),
  /** Data, settings and seed of the run that made it. */
  training: jsonObject,
  /** Scores, as measured when it was made. */
  evaluation: jsonObject,
  files: z.record(fileName, z.strictObject({ sha256, bytes: z.number().int().nonnegative() })),
});

/** Contents of a bundle's `manifest.json`. */
export type BundleManifest = z.infer<typeof bundleManifestSchema>;

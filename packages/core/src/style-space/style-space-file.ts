import { createHash } from 'node:crypto';
import { z } from 'zod';
import { readSafetensors } from '../weights/read-safetensors.js';
import type { TensorMap } from '../weights/tensor-map.js';
import { writeSafetensors } from '../weights/write-safetensors.js';
import { FEATURE_TRANSFORMS, type FeatureTransform, type StyleSpace } from './style-space.js';
import { StyleSpaceError } from './style-space-error.js';

/** Version of the file's layout. A reader refuses others by name. */
const FORMAT_VERSION = '1';

const transforms = Object.keys(FEATURE_TRANSFORMS) as [FeatureTransform, ...FeatureTransform[]];
const headerSchema = z.object({
  extractorHash: z.string().min(1),
  transform: z.enum(transforms),
  names: z.array(z.string()),
  temperature: z.number().positive(),
  outsideDistance: z.number().nonnegative(),
  explained: z.number(),
});

/** Content hash (sha256, hex) of a style space: the same styles, extractor and settings give the same hash. */
export function styleSpaceHash(space: StyleSpace): string {
  const hash = createHash('sha256').update(
    `freestyle style space ${FORMAT_VERSION}\n${JSON.stringify(headerOf(space))}\n`,
  );
  for (const [name, { shape, data }] of Object.entries(tensorsOf(space))) {
    hash.update(`${name} ${shape.join('×')}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/** Writes a style space as one safetensors file; version, settings and content hash stand in its metadata.
 *  @returns the content hash. */
export async function writeStyleSpace(path: string, space: StyleSpace): Promise<string> {
  const contentHash = styleSpaceHash(space);
  await writeSafetensors(path, tensorsOf(space), {
    format: 'freestyle style space',
    version: FORMAT_VERSION,
    contentHash,
    header: JSON.stringify(headerOf(space)),
  });
  return contentHash;
}

/** Reads a style space and checks its content hash.
 *  @throws {StyleSpaceError} not a style space, another version, changed since it was written.
 *  @throws {WeightsFormatError} a damaged file. */
export async function readStyleSpace(path: string): Promise<StyleSpace> {
  const file = await readSafetensors(path);
  try {
    const space = await parseSpace(path, file);
    const found = styleSpaceHash(space);
    if (found !== file.metadata.contentHash) {
      throw new StyleSpaceError(
        'STYLE_SPACE_CHANGED',
        `${path}: its content hash is ${found}, the file says ${file.metadata.contentHash}; it was changed or damaged after it was written.`,
      );
    }
    return space;
  } finally {
    await file.close();
  }
}

async function parseSpace(path: string, file: TensorMap): Promise<StyleSpace> {
  const { format, version, header } = file.metadata;
  if (format !== 'freestyle style space' || version !== FORMAT_VERSION) {
    throw new StyleSpaceError(
      'STYLE_SPACE_INVALID',
      `${path}: expected a style space of version ${FORMAT_VERSION}, got ${format ?? 'another kind of file'}${version === undefined ? '' : ` of version ${version}`}.`,
    );
  }
  const { explained, ...settings } = parseHeader(path, header ?? '');
  const [mean, components, variances, centres] = await Promise.all(
    ['pca.mean', 'pca.components', 'pca.variances', 'centres'].map((name) => file.float32(name)),
  );
  const [size = 0, columns = 0] = file.info('pca.components').shape;
  const [k = 0, width = 0] = file.info('centres').shape;
  if (
    !mean ||
    !components ||
    !variances ||
    !centres ||
    mean.length !== columns ||
    variances.length !== size ||
    width !== size ||
    settings.names.length !== k
  ) {
    throw new StyleSpaceError(
      'STYLE_SPACE_INVALID',
      `${path}: the shapes of its tensors do not fit each other.`,
    );
  }
  return {
    ...settings,
    pca: { mean, components, variances, size, columns, explained },
    centres: { data: centres, rows: k, columns: width },
  };
}

function parseHeader(path: string, text: string): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StyleSpaceError(
      'STYLE_SPACE_INVALID',
      `${path}: the settings in its metadata cannot be read.`,
      {},
      cause,
    );
  }
}

function headerOf({ extractorHash, transform, names, temperature, outsideDistance, pca }: StyleSpace) {
  return { extractorHash, transform, names, temperature, outsideDistance, explained: pca.explained };
}

function tensorsOf({ pca, centres }: StyleSpace) {
  return {
    centres: { shape: [centres.rows, centres.columns], data: centres.data },
    'pca.components': { shape: [pca.size, pca.columns], data: pca.components },
    'pca.mean': { shape: [pca.columns], data: pca.mean },
    'pca.variances': { shape: [pca.size], data: pca.variances },
  };
}

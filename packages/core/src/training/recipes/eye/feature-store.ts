import { constants, open } from 'node:fs/promises';
import type { RgbImage } from '../../../image/rgb-image.js';
import type { EyeConfig } from '../../../models/eye/config.js';
import { eyeFeatures } from '../../../models/eye/image-tower.js';
import { pixelBatch } from '../../../models/pixel-batch.js';
import { bindParameters, type ParameterMap, within } from '../../../nn/parameters.js';
import { createGraph, input, output } from '../../../onnx/graph.js';
import { createSession, type SessionOptions } from '../../../runtime/session.js';
import { styleEnergies, styleNetwork } from '../../../style-space/style-network.js';
import { float16ToFloat32, toHalfBits } from '../../../weights/half.js';
import { featureSizes } from './eye-input.js';

/** What the frozen trunk and style network make of pictures, kept on disk in half precision. */
export interface FeatureStore {
  readonly count: number;
  /** Map of stride 16, map of stride 32, colour layout, outlines, one after the other; see `featureSizes`. */
  features(index: number): Promise<Float32Array>;
  /** `[2304]`, see `styleEnergies`. */
  energies(index: number): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface FeatureOptions {
  /** Of the store's file, without its ending; a file of other pictures has another name. */
  readonly path: string;
  readonly count: number;
  readonly picture: (index: number) => Promise<RgbImage>;
  readonly config: EyeConfig;
  /** `image.trunk.*` and `style.network.*`. */
  readonly weights: ParameterMap;
  /** Edge of the pictures that the style network reads. */
  readonly styleSize: number;
  readonly session: SessionOptions;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

const BATCH = 16;
const UPDATE = constants.O_RDWR | constants.O_CREAT;

/** Opens the features of pictures; those that are missing are computed first. What a killed run computed stays: rows are
 *  written in order, and only whole ones count. */
export async function openFeatures(options: FeatureOptions): Promise<FeatureStore> {
  const { path, count, config } = options;
  const width = featureSizes(config).reduce((sum, size) => sum + size, 0);
  const record = (width + styleNetwork.energies) * Uint16Array.BYTES_PER_ELEMENT;
  const file = await open(`${path}.f16`, UPDATE);
  try {
    const there = Math.min(count, Math.floor((await file.stat()).size / record));
    await compute(options, there, async (start, rows) => {
      await file.write(new Uint8Array(rows.buffer, 0, rows.byteLength), 0, rows.byteLength, start * record);
    });
  } catch (error) {
    await file.close();
    throw error;
  }
  const read = async (index: number, from: number, length: number): Promise<Float32Array> => {
    if (!(index >= 0 && index < count)) throw new RangeError(`features: there is no picture ${index}`);
    const halves = new Uint16Array(length);
    await file.read(new Uint8Array(halves.buffer), 0, halves.byteLength, index * record + from * 2);
    return float16ToFloat32(halves);
  };
  return {
    count,
    features: (index) => read(index, 0, width),
    energies: (index) => read(index, width, styleNetwork.energies),
    close: () => file.close(),
  };
}

/** Computes rows from `first` on, a batch at a time. */
async function compute(
  options: FeatureOptions,
  first: number,
  write: (start: number, rows: Uint16Array) => Promise<void>,
): Promise<void> {
  const { count, picture, config, signal } = options;
  if (first >= count) return;
  const session = await createFeatureSession(options);
  try {
    const batchAt = (start: number): Promise<RgbImage[]> =>
      Promise.all(Array.from({ length: BATCH }, (_, i) => picture(Math.min(start + i, count - 1))));
    let next = batchAt(first);
    for (let start = first; start < count; start += BATCH) {
      signal?.throwIfAborted();
      const rows = Math.min(BATCH, count - start);
      const pictures = await next;
      // The next pictures are made while the trunk sees these.
      if (start + BATCH < count) {
        next = batchAt(start + BATCH);
        // Told when it is waited for: this run may fail first.
        next.catch(() => undefined);
      }
      const result = await session.run({ pixels: pixelBatch(pictures, config.image.size) });
      const parts = ['fine', 'coarse', 'layout', 'outlines', 'energies'].flatMap((name) => {
        const part = result[name]?.data;
        return part instanceof Float32Array ? [part] : [];
      });
      await write(start, joined(parts, rows));
      options.onProgress?.(start + rows, count);
    }
  } finally {
    await session.close();
  }
}

/** The first rows of several matrices side by side, in half precision. */
function joined(parts: readonly Float32Array[], rows: number): Uint16Array {
  const widths = parts.map((part) => part.length / BATCH);
  const out = new Uint16Array(rows * widths.reduce((sum, width) => sum + width, 0));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const [index, part] of parts.entries()) {
      const width = widths[index] ?? 0;
      for (let i = row * width; i < (row + 1) * width; i++) out[at++] = toHalfBits(part[i] ?? 0);
    }
  }
  return out;
}

function createFeatureSession({ config, weights, styleSize, session }: FeatureOptions) {
  const { size } = config.image;
  const graph = createGraph('eye-features');
  const pixels = input(graph, 'pixels', [BATCH, size, size, 3], 'uint8');
  const { source } = bindParameters(graph, weights);
  const seen = eyeFeatures(within(source, 'image'), pixels, config);
  for (const [name, tensor] of Object.entries(seen)) output(graph, name, tensor);
  output(graph, 'energies', styleEnergies(within(source, 'style.network'), pixels, styleSize));
  return createSession(graph, session);
}

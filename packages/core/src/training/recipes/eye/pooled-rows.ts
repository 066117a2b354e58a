import type { EyeConfig } from '../../../models/eye/config.js';
import type { Parameter, ParameterMap } from '../../../nn/parameters.js';
import type { Random } from '../../../random.js';
import { float32, type HostTensor } from '../../../runtime/session.js';
import { featureRange } from './eye-input.js';
import type { FeatureStore } from './feature-store.js';

/** The pooled features and the colour layout of many pictures in memory: all that the perceptron of a head reads. */
export interface PooledRows {
  /** Channels of the trunk's head. */
  readonly channels: number;
  readonly colours: number;
  /** `[pictures, channels + colours]`. */
  readonly rows: Float32Array;
}

/** Reads them from kept features. */
export async function pooledRows(
  config: EyeConfig,
  store: Pick<FeatureStore, 'count' | 'features'>,
): Promise<PooledRows> {
  const channels = config.image.trunk.head;
  const coarse = featureRange(config, 'coarse');
  const layout = featureRange(config, 'layout');
  const colours = layout[1] - layout[0];
  const patches = (coarse[1] - coarse[0]) / channels;
  const width = channels + colours;
  const rows = new Float32Array(store.count * width);
  for (let index = 0; index < store.count; index++) {
    const values = await store.features(index);
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      const first = coarse[0] + c * patches;
      for (let i = first; i < first + patches; i++) sum += values[i] ?? 0;
      rows[index * width + c] = sum / patches;
    }
    rows.set(values.subarray(...layout), index * width + channels);
  }
  return { channels, colours, rows };
}

/** Mean and inverse deviation of each pooled feature, `image.pooled.*`. */
export function standardisation({ channels, colours, rows }: PooledRows): Map<string, Parameter> {
  const width = channels + colours;
  const count = rows.length / width;
  const [sum, squares] = [new Float64Array(channels), new Float64Array(channels)];
  for (let at = 0; at < rows.length; at += width) {
    for (let c = 0; c < channels; c++) {
      const value = rows[at + c] ?? 0;
      sum[c] = (sum[c] ?? 0) + value / count;
      squares[c] = (squares[c] ?? 0) + (value * value) / count;
    }
  }
  // A feature that hardly ever varies is not blown up.
  const scale = Float32Array.from(
    squares,
    (square, c) => 1 / Math.sqrt(Math.max(1e-4, square - (sum[c] ?? 0) ** 2)),
  );
  return new Map([
    ['image.pooled.mean', { shape: [channels], data: Float32Array.from(sum) }],
    ['image.pooled.scale', { shape: [channels], data: scale }],
  ]);
}

/** Deviations of the noise on pooled features: without it a head knows a few thousand photos by heart. */
const NOISE = 0.2;

/** `<name>_pooled` `[pictures, channels]` with noise, and `<name>_layout`. @param weights `image.pooled.scale`. */
export function pooledFeeds(
  name: string,
  places: readonly number[],
  { channels, colours, rows }: PooledRows,
  weights: ParameterMap,
  config: EyeConfig,
  random: Random,
): Record<string, HostTensor> {
  const scale = weights.get('image.pooled.scale')?.data ?? new Float32Array();
  const width = channels + colours;
  const pooled = new Float32Array(places.length * channels);
  const layout = new Float32Array(places.length * colours);
  for (const [row, place] of places.entries()) {
    const at = place * width;
    for (let c = 0; c < channels; c++)
      pooled[row * channels + c] = (rows[at + c] ?? 0) + (NOISE * random.normal()) / (scale[c] || 1);
    layout.set(rows.subarray(at + channels, at + width), row * colours);
  }
  const edge = config.image.layout;
  return {
    [`${name}_pooled`]: float32(pooled, [places.length, channels]),
    [`${name}_layout`]: float32(layout, [places.length, 3, edge, edge]),
  };
}

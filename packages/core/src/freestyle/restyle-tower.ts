import type { Parameter, ParameterMap } from '../nn/parameters.js';
import { dot, featureRow, toUnitLength } from '../style-space/feature-matrix.js';
import { styleNetwork } from '../style-space/style-network.js';
import { CENTRING } from './query-session.js';

/** Weights that have one row for each cluster of the style space. */
const BY_CLUSTER = ['query.look_gains', 'query.look_places', 'query.offsets', CENTRING];

/** A query tower over another style space than the one it was trained with, before any training on it: its centres are the
 *  new ones, and what it learned for each old cluster is read for a new one as it is for a query that lies exactly at the
 *  new centre, `Σ_i softmax_i(cos(μ', μ_i) / τ) · p_i`.
 *  @param weights those of the tower. @param centres `[K', 64]`, of the same style network. */
export function restyleTower(weights: ParameterMap, centres: Parameter): Map<string, Parameter> {
  const before = weights.get('style.centres');
  const restyled = new Map([...weights, ['style.centres', centres] as const]);
  if (before === undefined) return restyled;
  const width = styleNetwork.width;
  const rows = ({ data }: Parameter) => ({ data, rows: data.length / width, columns: width });
  const sharpness = Math.exp(weights.get('query.temperature')?.data[0] ?? Math.log(10));
  const shares = unitRows(rows(centres)).map((centre) => {
    const logits = unitRows(rows(before)).map((old) => Math.exp(sharpness * (dot(centre, old) - 1)));
    const total = logits.reduce((sum, one) => sum + one, 0);
    return logits.map((one) => one / total);
  });
  for (const name of BY_CLUSTER) {
    const learned = weights.get(name);
    if (learned !== undefined) restyled.set(name, mixRows(learned, shares));
  }
  return restyled;
}

const unitRows = (matrix: Parameters<typeof featureRow>[0]): Float32Array[] =>
  Array.from({ length: matrix.rows }, (_, row) => toUnitLength(featureRow(matrix, row)));

/** `[K', n]` of `[K', K] · [K, n]`. */
function mixRows({ shape, data }: Parameter, shares: readonly (readonly number[])[]): Parameter {
  const [, ...rest] = shape;
  const columns = rest.reduce((product, one) => product * one, 1);
  const mixed = new Float32Array(shares.length * columns);
  for (const [to, row] of shares.entries()) {
    for (const [from, share] of row.entries()) {
      for (let i = 0; i < columns; i++)
        mixed[to * columns + i] = (mixed[to * columns + i] ?? 0) + share * (data[from * columns + i] ?? 0);
    }
  }
  return { shape: [shares.length, ...rest], data: mixed };
}

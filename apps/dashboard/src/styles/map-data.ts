/** Places and facts of all pictures of a space, by their numbers. */
export type MapData = {
  readonly count: number;
  /** x and y, interleaved, within −1 and 1. */
  readonly style: Float32Array;
  readonly meaning: Float32Array;
  /** Places in the lists of names; {@link NO_NAME} for none. */
  readonly styles: Uint16Array;
  readonly classes: Uint16Array;
  readonly splits: Uint16Array;
  readonly isQuery: Uint8Array;
};

export type ClusterData = {
  /** Place of its cluster; {@link NO_CLUSTER} for none. */
  readonly clusters: Uint8Array;
  readonly flags: Uint8Array;
};

export const NO_NAME = 65_535;
export const NO_CLUSTER = 255;
export const OUTSIDE = 1;
export const HELD = 2;
export const PINNED = 4;

/** Reads the answer of `StyleMap.url`. */
export function parseMap(buffer: ArrayBuffer): MapData {
  const view = new DataView(buffer);
  const count = view.getUint32(0, true);
  const floats = (part: number) =>
    new Float32Array(buffer.slice(4 + 4 * part * count, 4 + 4 * (part + 1) * count));
  const shorts = (part: number) => {
    const from = 4 + 16 * count + 2 * part * count;
    return new Uint16Array(buffer.slice(from, from + 2 * count));
  };
  return {
    count,
    style: interleave(floats(0), floats(1)),
    meaning: interleave(floats(2), floats(3)),
    styles: shorts(0),
    classes: shorts(1),
    splits: shorts(2),
    isQuery: new Uint8Array(buffer.slice(4 + 22 * count, 4 + 23 * count)),
  };
}

/** Reads the answer of `clustersUrl`. */
export function parseClusters(buffer: ArrayBuffer): ClusterData {
  const count = buffer.byteLength / 2;
  return { clusters: new Uint8Array(buffer.slice(0, count)), flags: new Uint8Array(buffer.slice(count)) };
}

function interleave(x: Float32Array, y: Float32Array): Float32Array {
  const both = new Float32Array(2 * x.length);
  for (let i = 0; i < x.length; i++) {
    both[2 * i] = x[i] ?? 0;
    both[2 * i + 1] = y[i] ?? 0;
  }
  return both;
}

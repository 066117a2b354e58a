/** Discrete Fourier transform of a square complex picture, in place: rows, then columns, by the radix-2 algorithm of
 *  Cooley and Tukey 1965. @param side a power of two. @param inverse with the factor `1/side²`. */
export function transform2d(re: Float32Array, im: Float32Array, side: number, inverse: boolean): void {
  const { cos, sin, order } = tables(side);
  const sign = inverse ? 1 : -1;
  for (let y = 0; y < side; y++) transform(re, im, y * side, 1, side, sign, cos, sin, order);
  for (let x = 0; x < side; x++) transform(re, im, x, side, side, sign, cos, sin, order);
  if (!inverse) return;
  const scale = 1 / (side * side);
  for (let i = 0; i < re.length; i++) {
    re[i] = (re[i] as number) * scale;
    im[i] = (im[i] as number) * scale;
  }
}

interface Tables {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  /** Bits of each place reversed. */
  readonly order: Int32Array;
}

const known = new Map<number, Tables>();

function tables(side: number): Tables {
  const kept = known.get(side);
  if (kept) return kept;
  const bits = Math.log2(side);
  if (!Number.isInteger(bits)) throw new RangeError(`transform2d: the side is a power of two, got ${side}`);
  const order = Int32Array.from({ length: side }, (_, i) => {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) if (i & (1 << bit)) reversed |= 1 << (bits - 1 - bit);
    return reversed;
  });
  const angle = (i: number): number => (2 * Math.PI * i) / side;
  const made = {
    cos: Float64Array.from({ length: side / 2 }, (_, i) => Math.cos(angle(i))),
    sin: Float64Array.from({ length: side / 2 }, (_, i) => Math.sin(angle(i))),
    order,
  };
  known.set(side, made);
  return made;
}

function transform(
  re: Float32Array,
  im: Float32Array,
  start: number,
  step: number,
  side: number,
  sign: number,
  cos: Float64Array,
  sin: Float64Array,
  order: Int32Array,
): void {
  for (let i = 0; i < side; i++) {
    const j = order[i] as number;
    if (j <= i) continue;
    const [a, b] = [start + i * step, start + j * step];
    const [keptRe, keptIm] = [re[a] as number, im[a] as number];
    re[a] = re[b] as number;
    im[a] = im[b] as number;
    re[b] = keptRe;
    im[b] = keptIm;
  }
  for (let half = 1; half < side; half *= 2) {
    const turn = side / (2 * half);
    for (let block = 0; block < side; block += 2 * half) {
      for (let k = 0; k < half; k++) {
        const c = cos[k * turn] as number;
        const s = sign * (sin[k * turn] as number);
        const a = start + (block + k) * step;
        const b = a + half * step;
        const upRe = c * (re[b] as number) - s * (im[b] as number);
        const upIm = c * (im[b] as number) + s * (re[b] as number);
        re[b] = (re[a] as number) - upRe;
        im[b] = (im[a] as number) - upIm;
        re[a] = (re[a] as number) + upRe;
        im[a] = (im[a] as number) + upIm;
      }
    }
  }
}

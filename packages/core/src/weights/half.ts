/** Conversions between float32 and the two 16-bit float formats, which Node 20 has no typed array for. */

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

/** float32 bits of an IEEE 754 half: 1 sign, 5 exponent (bias 15), 10 mantissa bits. */
function halfBitsToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  // Subnormal: its value is mantissa · 2⁻²⁴, exact in float32.
  scratchFloat[0] = mantissa * 2 ** -24;
  return sign | (scratchBits[0] ?? 0);
}

/** All 65,536 halves as float32 (256 KB): a table makes a 600 MB checkpoint load in a second instead of five. */
let halfTable: Float32Array | undefined;

function halfToFloatTable(): Float32Array {
  if (halfTable) return halfTable;
  const bits = new Uint32Array(65536);
  for (let half = 0; half < 65536; half++) bits[half] = halfBitsToFloatBits(half);
  halfTable = new Float32Array(bits.buffer);
  return halfTable;
}

/** Float16 bit patterns to float32, exact. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const table = halfToFloatTable();
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = table[halves[i] ?? 0] ?? 0;
  return out;
}

/** Nearest float16 bit pattern, ties to even; past 65504 an infinity. */
export function toHalfBits(value: number): number {
  scratchFloat[0] = value;
  const bits = scratchBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude < 0x38800000) {
    // Below 2⁻¹⁴ a half counts in steps of 2⁻²⁴; the product is exact in float64, so this rounds once.
    return sign | roundTiesToEven(Math.abs(scratchFloat[0] ?? 0) * 2 ** 24);
  }
  // Re-bias the exponent, then drop 13 mantissa bits; a carry out of the mantissa rightly bumps the exponent.
  const shifted = magnitude - (112 << 23);
  const rounded = (shifted + 0xfff + ((shifted >>> 13) & 1)) >>> 13;
  return sign | Math.min(rounded, 0x7c00);
}

function roundTiesToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Float32 to float16 bit patterns, nearest with ties to even. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = toHalfBits(values[i] ?? 0);
  return out;
}

/** bfloat16 (the upper half of a float32) to float32, exact. */
export function bfloat16ToFloat32(values: Uint16Array): Float32Array {
  const bits = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) bits[i] = (values[i] ?? 0) << 16;
  return new Float32Array(bits.buffer);
}

/** Float32 to bfloat16, nearest with ties to even; NaN stays NaN. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const word = bits[i] ?? 0;
    const notANumber = (word & 0x7fffffff) > 0x7f800000;
    out[i] = notANumber ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return out;
}

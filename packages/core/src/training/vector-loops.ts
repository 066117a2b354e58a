import {
  type Code,
  f32x4,
  f64Add,
  f64x2,
  get,
  i32,
  i32Add,
  instantiate,
  loadAt,
  loadTwoAt,
  loopUpTo,
  moduleBytes,
  set,
  storeAt,
  tee,
  type,
  type WasmFunction,
} from './wasm.js';

/* The loops over all weights, in WebAssembly, because JavaScript has no vectors: four weights at a time in float32, as
 * PyTorch computes them. They reach only their module's memory. Arrays that were made in it ({@link vectorArrays}) are
 * read and written where they are; all others go through it in pieces, which takes twice as long. */

/** The arrays that one update of AdamW reads and changes, all of one length. */
export interface AdamWArrays {
  readonly parameter: Float32Array;
  readonly gradient: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Numbers of the update; each is rounded to float32. */
export interface AdamWNumbers {
  /** On every gradient. */
  readonly factor: number;
  readonly beta1: number;
  readonly beta2: number;
  /** On every weight before the step: 1 − rate · decay. */
  readonly keep: number;
  /** rate / (1 − β₁ᵗ). */
  readonly scale: number;
  /** 1 / √(1 − β₂ᵗ). */
  readonly unbias: number;
  readonly epsilon: number;
}

const FLOAT = Float32Array.BYTES_PER_ELEMENT;
/** Bytes of the four lanes that an instruction works on. */
const STEP = 16;

const PLACES = ['parameter', 'gradient', 'first', 'second'] as const;
const CHANGED = ['parameter', 'first', 'second'] as const;
const NUMBERS = [
  'factor',
  'beta1',
  'other1',
  'beta2',
  'other2',
  'keep',
  'scale',
  'unbias',
  'epsilon',
] as const;

/** Parameters: the addresses of the arrays, the numbers, where to end in bytes. */
function adamWFunction(): WasmFunction {
  const at = (place: (typeof PLACES)[number]) => PLACES.indexOf(place);
  const given = (number: (typeof NUMBERS)[number]) => PLACES.length + NUMBERS.indexOf(number);
  const END = PLACES.length + NUMBERS.length;
  const [HERE, GRADIENT, MEAN, SQUARE] = [END + 1, END + 2, END + 3, END + 4];
  const lanes = (number: (typeof NUMBERS)[number]) => SQUARE + 1 + NUMBERS.indexOf(number);
  const number = (which: (typeof NUMBERS)[number]): Code => get(lanes(which));
  const address = (place: (typeof PLACES)[number]): Code => [...get(at(place)), ...get(HERE), ...i32Add];
  const load = (place: (typeof PLACES)[number]): Code => loadAt(address(place));
  const product = (a: Code, b: Code): Code => [...a, ...b, ...f32x4.mul];
  const sum = (a: Code, b: Code): Code => [...a, ...b, ...f32x4.add];
  const square = product(get(GRADIENT), get(GRADIENT));
  const body = [
    ...product(load('gradient'), number('factor')),
    ...set(GRADIENT),
    ...storeAt(address('first'), [
      ...sum(product(load('first'), number('beta1')), product(get(GRADIENT), number('other1'))),
      ...tee(MEAN),
    ]),
    ...storeAt(address('second'), [
      ...sum(product(load('second'), number('beta2')), product(square, number('other2'))),
      ...tee(SQUARE),
    ]),
    ...storeAt(address('parameter'), [
      ...product(load('parameter'), number('keep')),
      ...product(get(MEAN), number('scale')),
      ...sum(product([...get(SQUARE), ...f32x4.sqrt], number('unbias')), number('epsilon')),
      ...f32x4.div,
      ...f32x4.sub,
    ]),
  ];
  const toLanes = NUMBERS.flatMap((which) => [...get(given(which)), ...f32x4.splat, ...set(lanes(which))]);
  return {
    name: 'adamW',
    parameters: [...PLACES.map(() => type.i32), ...NUMBERS.map(() => type.f32), type.i32],
    results: [],
    locals: [type.i32, ...new Array<number>(3 + NUMBERS.length).fill(type.v128)],
    body: [...toLanes, ...loopUpTo(HERE, STEP, END, body)],
  };
}

/** Sum of squares in float64 from one address to another, four elements a round. */
function squaresFunction(): WasmFunction {
  const [HERE, END, LEFT, RIGHT, PAIR] = [0, 1, 2, 3, 4];
  // Two sums, because each addition waits for the one before it.
  const addTo = (sum: number, address: Code): Code => [
    ...loadTwoAt(address),
    ...tee(PAIR),
    ...get(PAIR),
    ...f64x2.mul,
    ...get(sum),
    ...f64x2.add,
    ...set(sum),
  ];
  const body = [...addTo(LEFT, get(HERE)), ...addTo(RIGHT, [...get(HERE), ...i32(2 * FLOAT), ...i32Add])];
  const both = [...get(LEFT), ...get(RIGHT), ...f64x2.add];
  return {
    name: 'sumOfSquares',
    parameters: [type.i32, type.i32],
    results: [type.f64],
    locals: [type.v128, type.v128, type.v128],
    body: [
      ...loopUpTo(HERE, STEP, END, body),
      ...[...both, ...set(LEFT), ...get(LEFT), ...f64x2.lane(0), ...get(LEFT), ...f64x2.lane(1), ...f64Add],
    ],
  };
}

interface Loops {
  readonly memory: { readonly buffer: ArrayBuffer };
  adamW(...addressesNumbersEnd: number[]): void;
  sumOfSquares(from: number, to: number): number;
}

const PAGE = 65_536;
/** Elements of each foreign array that are in the memory at a time: small enough to stay in the cache. */
const PIECE = 8192;
const PIECES_BYTES = PLACES.length * PIECE * FLOAT;
/** What one memory holds at most; WebAssembly's own limit is 4 GiB. */
const MOST_BYTES = 2 ** 30;

const ofBuffer = new WeakMap<ArrayBufferLike, Loops>();

function openLoops(room: number): Loops {
  const pages = Math.ceil((PIECES_BYTES + room) / PAGE);
  const loops = instantiate<Loops>(moduleBytes([adamWFunction(), squaresFunction()], pages));
  ofBuffer.set(loops.memory.buffer, loops);
  return loops;
}

let roomless: Loops | undefined;

/** The loops in whose memory most of the arrays lie, or some that have room for pieces only. */
function loopsOf(arrays: readonly Float32Array[]): Loops {
  for (const { buffer } of arrays) {
    const loops = ofBuffer.get(buffer);
    if (loops) return loops;
  }
  roomless ??= openLoops(0);
  return roomless;
}

const padded = (length: number): number => Math.ceil((length * FLOAT) / STEP) * STEP;

/** For each length a group of `count` arrays of zeros that the loops read and write where they are. A group that no
 *  memory has room for is of plain arrays. */
export function vectorArrays<Key>(
  lengths: ReadonlyMap<Key, number>,
  count: number,
  mostBytes = MOST_BYTES,
): Map<Key, Float32Array[]> {
  const made = new Map<Key, Float32Array[]>();
  let waiting: [Key, number][] = [];
  let bytes = 0;
  const open = () => {
    if (waiting.length === 0) return;
    const { buffer } = openLoops(bytes).memory;
    let at = PIECES_BYTES;
    for (const [key, length] of waiting) {
      const start = at;
      at += count * padded(length);
      made.set(
        key,
        Array.from({ length: count }, (_, i) => new Float32Array(buffer, start + i * padded(length), length)),
      );
    }
    [waiting, bytes] = [[], 0];
  };
  for (const [key, length] of lengths) {
    const own = count * padded(length);
    if (own > mostBytes) {
      made.set(
        key,
        Array.from({ length: count }, () => new Float32Array(length)),
      );
      continue;
    }
    if (bytes + own > mostBytes) open();
    waiting.push([key, length]);
    bytes += own;
  }
  open();
  return made;
}

/** Where an array is in the loops' memory, or null. */
const addressIn = ({ memory }: Loops, array: Float32Array): number | null =>
  array.buffer === memory.buffer ? array.byteOffset : null;

/** One update of AdamW, in place, in float32: `g ← factor·g`, `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
 *  `p ← keep·p − scale·m / (√v·unbias + ε)`; the gradient itself stays. */
export function adamWLoop(arrays: AdamWArrays, numbers: AdamWNumbers): void {
  const { length } = arrays.parameter;
  if (length === 0) return;
  const loops = loopsOf([arrays.first, arrays.second, arrays.gradient, arrays.parameter]);
  const all = { ...numbers, other1: 1 - numbers.beta1, other2: 1 - numbers.beta2 };
  const given = NUMBERS.map((which) => all[which]);
  const addresses = PLACES.map((place) => addressIn(loops, arrays[place]));
  const foreign = (place: (typeof PLACES)[number]) => addresses[PLACES.indexOf(place)] === null;
  const pieces = PLACES.map((_, i) => new Float32Array(loops.memory.buffer, i * PIECE * FLOAT, PIECE));
  const pieceOf = (place: (typeof PLACES)[number]) => pieces[PLACES.indexOf(place)] as Float32Array;
  for (let start = 0; start < length; start += PIECE) {
    const end = Math.min(length, start + PIECE);
    for (const place of PLACES) {
      if (foreign(place)) pieceOf(place).set(arrays[place].subarray(start, end));
    }
    const here = addresses.map((address, i) =>
      address === null ? i * PIECE * FLOAT : address + start * FLOAT,
    );
    // Up to three elements past the end are nobody's.
    loops.adamW(...here, ...given, (end - start) * FLOAT);
    for (const place of CHANGED) {
      if (foreign(place)) arrays[place].set(pieceOf(place).subarray(0, end - start), start);
    }
  }
}

/** The sum of the squares of an array's elements, in float64. Wherever it lies, the sum is made in the same order. */
export function sumOfSquares(array: Float32Array): number {
  const loops = loopsOf([array]);
  const address = addressIn(loops, array);
  const piece = new Float32Array(loops.memory.buffer, 0, PIECE);
  const whole = array.length - (array.length % (STEP / FLOAT));
  let sum = 0;
  for (const value of array.subarray(whole)) sum += value ** 2;
  for (let start = 0; start < whole; start += PIECE) {
    const end = Math.min(whole, start + PIECE);
    if (address === null) piece.set(array.subarray(start, end));
    const from = address === null ? 0 : address + start * FLOAT;
    sum += loops.sumOfSquares(from, from + (end - start) * FLOAT);
  }
  return sum;
}

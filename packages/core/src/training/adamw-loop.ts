/** The arrays that one update reads and changes, all of one length. */
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

// Every JavaScript engine has it; the type library of plain ECMAScript does not name it.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/* The loop is WebAssembly, because JavaScript has no vectors: four weights at a time in float32, as PyTorch computes
 * them, take less than half the time of one at a time in float64. It is small enough to be written as instructions
 * here (WebAssembly core specification 2.0, chapter 5), which spares a compiler. Arrays go through its memory in
 * pieces that stay in the cache. */

const LANES = 4;
/** Elements of each array that are in the module's memory at a time. */
const PIECE = 8192;
const BYTES = PIECE * Float32Array.BYTES_PER_ELEMENT;
const PAGE = 65_536;
/** Where each array's piece lies. */
const PLACE = { parameter: 0, gradient: BYTES, first: 2 * BYTES, second: 3 * BYTES } as const;

const CHANGED = ['parameter', 'first', 'second'] as const;
const READ = ['gradient', ...CHANGED] as const;

type Code = readonly number[];

/** An unsigned number in seven-bit groups (LEB128). */
function leb(value: number): number[] {
  const low = value & 0x7f;
  return value > 0x7f ? [low | 0x80, ...leb(value >>> 7)] : [low];
}

const list = (items: readonly Code[]): Code => [...leb(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...leb(content.length), ...content];
const name = (text: string): Code => [...leb(text.length), ...new TextEncoder().encode(text)];

const type = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
const vector = (op: number, ...rest: Code): Code => [0xfd, ...leb(op), ...rest];
const splat = vector(0x13);
const add = vector(0xe4);
const subtract = vector(0xe5);
const multiply = vector(0xe6);
const divide = vector(0xe7);
const squareRoot = vector(0xe3);
const get = (local: number): Code => [0x20, ...leb(local)];
const set = (local: number): Code => [0x21, ...leb(local)];
/** Sets a local and leaves its value on the stack. */
const tee = (local: number): Code => [0x22, ...leb(local)];

// The function's parameters: where to end, in bytes, and the numbers; then its locals.
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
const END = 0;
const AT = NUMBERS.length + 1;
const [GRADIENT, MEAN, SQUARE] = [AT + 1, AT + 2, AT + 3];
const lanesOf = (number: (typeof NUMBERS)[number]): number => SQUARE + 1 + NUMBERS.indexOf(number);
const number = (which: (typeof NUMBERS)[number]): Code => get(lanesOf(which));
// Both with an alignment of 2⁴ bytes, at the running place.
const load = (array: keyof typeof PLACE): Code => [...get(AT), ...vector(0x00, 4, ...leb(PLACE[array]))];
const store = (array: keyof typeof PLACE, value: Code): Code => [
  ...get(AT),
  ...value,
  ...vector(0x0b, 4, ...leb(PLACE[array])),
];
const product = (a: Code, b: Code): Code => [...a, ...b, ...multiply];
const sum = (a: Code, b: Code): Code => [...a, ...b, ...add];

const loop: Code = [
  ...[0x03, 0x40],
  ...product(load('gradient'), number('factor')),
  ...set(GRADIENT),
  ...store('first', [
    ...sum(product(load('first'), number('beta1')), product(get(GRADIENT), number('other1'))),
    ...tee(MEAN),
  ]),
  ...store('second', [
    ...sum(
      product(load('second'), number('beta2')),
      product(product(get(GRADIENT), get(GRADIENT)), number('other2')),
    ),
    ...tee(SQUARE),
  ]),
  ...store('parameter', [
    ...product(load('parameter'), number('keep')),
    ...product(get(MEAN), number('scale')),
    ...sum(product([...get(SQUARE), ...squareRoot], number('unbias')), number('epsilon')),
    ...divide,
    ...subtract,
  ]),
  // The next four, until the end: i32.const, i32.add, i32.lt_u, br_if.
  ...[...get(AT), 0x41, LANES * Float32Array.BYTES_PER_ELEMENT, 0x6a, ...tee(AT), ...get(END), 0x49, 0x0d, 0],
  0x0b,
];

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const toLanes = NUMBERS.flatMap((which, at) => [...get(at + 1), ...splat, ...set(lanesOf(which))]);
  const locals = list([
    [1, type.i32],
    [3 + NUMBERS.length, type.v128],
  ]);
  const body = [...locals, ...toLanes, ...loop, 0x0b];
  const parameters = list([[type.i32], ...NUMBERS.map(() => [type.f32])]);
  const pages = Math.ceil((4 * BYTES) / PAGE);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, ...parameters, 0]])),
    ...section(3, list([[0]])),
    ...section(5, list([[0, ...leb(pages)]])),
    ...section(
      7,
      list([
        [...name('memory'), 2, 0],
        [...name('step'), 0, 0],
      ]),
    ),
    ...section(10, list([[...leb(body.length), ...body]])),
  ]);
}

interface Loop {
  readonly pieces: Readonly<Record<keyof typeof PLACE, Float32Array>>;
  step(end: number, ...numbers: number[]): void;
}

function instantiate(): Loop {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
  const { memory, step } = exports as { memory: { buffer: ArrayBuffer }; step: Loop['step'] };
  const piece = (array: keyof typeof PLACE) => new Float32Array(memory.buffer, PLACE[array], PIECE);
  const pieces = {
    parameter: piece('parameter'),
    gradient: piece('gradient'),
    first: piece('first'),
    second: piece('second'),
  };
  return { pieces, step };
}

let compiled: Loop | undefined;

/** One update of AdamW, in place, in float32: `g ← factor·g`, `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
 *  `p ← keep·p − scale·m / (√v·unbias + ε)`; the gradient itself stays. */
export function adamWLoop(arrays: AdamWArrays, numbers: AdamWNumbers): void {
  compiled ??= instantiate();
  const { pieces, step } = compiled;
  const { beta1, beta2 } = numbers;
  const all = { ...numbers, other1: 1 - beta1, other2: 1 - beta2 };
  const given = NUMBERS.map((which) => all[which]);
  const { length } = arrays.parameter;
  for (let start = 0; start < length; start += PIECE) {
    const end = Math.min(length, start + PIECE);
    for (const array of READ) pieces[array].set(arrays[array].subarray(start, end));
    // Up to three elements past the end are of an earlier piece; nobody reads what becomes of them.
    step((end - start) * Float32Array.BYTES_PER_ELEMENT, ...given);
    for (const array of CHANGED) arrays[array].set(pieces[array].subarray(0, end - start), start);
  }
}

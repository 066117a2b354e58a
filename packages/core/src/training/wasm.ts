/* The few WebAssembly instructions that the training loops are written in (core specification 2.0, chapter 5), and
 * the file around them. The loops are so small that writing them as instructions spares a compiler. */

export type Code = readonly number[];

export const type = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

/** An unsigned number in seven-bit groups (LEB128). */
export function leb(value: number): number[] {
  const low = value & 0x7f;
  return value > 0x7f ? [low | 0x80, ...leb(value >>> 7)] : [low];
}

/** The same for a signed number. */
function signedLeb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signedLeb(rest)];
}

export const get = (local: number): Code => [0x20, ...leb(local)];
export const set = (local: number): Code => [0x21, ...leb(local)];
/** Sets a local and leaves its value on the stack. */
export const tee = (local: number): Code => [0x22, ...leb(local)];
export const i32 = (value: number): Code => [0x41, ...signedLeb(value)];
export const i32Add: Code = [0x6a];
export const f64Add: Code = [0xa0];

/** Repeats `body` while `local`, after growing by `step`, is below `end`, another local. */
export const loopUpTo = (local: number, step: number, end: number, body: Code): Code => [
  ...[0x03, 0x40],
  ...body,
  ...[...get(local), ...i32(step), ...i32Add, ...tee(local), ...get(end)],
  // i32.lt_u, br_if the loop, end.
  ...[0x49, 0x0d, 0, 0x0b],
];

const vector = (op: number, ...rest: Code): Code => [0xfd, ...leb(op), ...rest];
// Memory operands: an alignment of 2⁰ bytes, no offset.
const load = vector(0x00, 0, 0);
const store = vector(0x0b, 0, 0);
const loadHalf = vector(0x5d, 0, 0);

/** Four float32 at an address, and the two at an address as float64. */
export const loadAt = (address: Code): Code => [...address, ...load];
export const loadTwoAt = (address: Code): Code => [...address, ...loadHalf, ...vector(0x5f)];
export const storeAt = (address: Code, value: Code): Code => [...address, ...value, ...store];

export const f32x4 = {
  splat: vector(0x13),
  sqrt: vector(0xe3),
  add: vector(0xe4),
  sub: vector(0xe5),
  mul: vector(0xe6),
  div: vector(0xe7),
} as const;
export const f64x2 = {
  add: vector(0xf0),
  mul: vector(0xf2),
  lane: (lane: 0 | 1): Code => vector(0x21, lane),
} as const;

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly results: readonly number[];
  /** Types of the locals after the parameters. */
  readonly locals: readonly number[];
  readonly body: Code;
}

const list = (items: readonly Code[]): Code => [...leb(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...leb(content.length), ...content];
const text = (name: string): Code => [...leb(name.length), ...new TextEncoder().encode(name)];

/** A module that exports `memory`, of so many pages of 64 KiB, and the functions. */
export function moduleBytes(functions: readonly WasmFunction[], pages: number): Uint8Array {
  const codes = functions.map(({ locals, body }) => {
    const code = [...list(locals.map((one) => [1, one])), ...body, 0x0b];
    return [...leb(code.length), ...code];
  });
  const bytes = (types: readonly number[]): Code => list(types.map((one) => [one]));
  const signature = ({ parameters, results }: WasmFunction) => [
    0x60,
    ...bytes(parameters),
    ...bytes(results),
  ];
  const exported = functions.map(({ name }, index) => [...text(name), 0, ...leb(index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(functions.map(signature))),
    ...section(3, list(functions.map((_, index) => leb(index)))),
    ...section(5, list([[0, ...leb(pages)]])),
    ...section(7, list([[...text('memory'), 2, 0], ...exported])),
    ...section(10, list(codes)),
  ]);
}

// Every JavaScript engine has it; the type library of plain ECMAScript does not name it.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** What {@link moduleBytes} made, ready to be called. */
export const instantiate = <Exports>(bytes: Uint8Array): Exports =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports;

import { callGlobal, resolveGlobal, resolveStorage } from './pickle-globals.js';
import { isKind, type PickleList, type PickleValue } from './pickle-values.js';
import { WeightsFormatError } from './weights-error.js';

/** A pickle program under interpretation. */
interface Machine {
  readonly where: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  stack: PickleValue[];
  /** Stacks put aside by MARK. */
  readonly marks: PickleValue[][];
  readonly memo: Map<number, PickleValue>;
}

type Opcode = (machine: Machine) => void;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const latin1 = new TextDecoder('latin1');

/** Reads one pickle (protocols 0 to 5) that holds nothing but data and tensors: a stack machine whose only
 *  calls are the few of `pickle-globals.ts`, so that no file can run anything.
 *  @returns the value and the position after the pickle's end.
 *  @throws {WeightsFormatError} naming whatever it refuses, or where the file is damaged. */
export function readPickle(where: string, bytes: Uint8Array, start = 0): { value: PickleValue; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machine: Machine = { where, bytes, view, at: start, stack: [], marks: [], memo: new Map() };
  for (;;) {
    const code = take(machine, 1)[0] ?? 0;
    if (code === STOP) return { value: pop(machine), end: machine.at };
    const opcode = opcodes.get(code);
    if (!opcode) {
      const shown = code > 0x20 && code < 0x7f ? `"${String.fromCharCode(code)}"` : `0x${code.toString(16)}`;
      throw new WeightsFormatError(
        where,
        `refused: its pickle uses the instruction ${shown} at byte ${machine.at - 1}, which no file of tensors needs`,
      );
    }
    opcode(machine);
  }
}

const STOP = 0x2e;

function take(machine: Machine, length: number): Uint8Array {
  const start = machine.at;
  if (length < 0 || start + length > machine.bytes.length) {
    throw new WeightsFormatError(
      machine.where,
      `its pickle ends in the middle of an instruction (byte ${start}); truncated`,
    );
  }
  machine.at += length;
  return machine.bytes.subarray(start, machine.at);
}

function takeUint(machine: Machine, width: 1 | 2 | 4 | 8): number {
  const start = machine.at;
  take(machine, width);
  if (width === 1) return machine.view.getUint8(start);
  if (width === 2) return machine.view.getUint16(start, true);
  if (width === 4) return machine.view.getUint32(start, true);
  return Number(machine.view.getBigUint64(start, true));
}

function takeLine(machine: Machine): string {
  const end = machine.bytes.indexOf(0x0a, machine.at);
  const line = take(machine, (end < 0 ? machine.bytes.length : end) - machine.at);
  take(machine, 1);
  return decode(machine, line);
}

function decode(machine: Machine, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new WeightsFormatError(
      machine.where,
      `its pickle holds text that is not UTF-8 (byte ${machine.at})`,
      {},
      cause,
    );
  }
}

/** Little-endian two's complement, as LONG1 and LONG4 store it. */
function takeLong(machine: Machine, length: number): number | bigint {
  let value = 0n;
  for (const [i, byte] of take(machine, length).entries()) value |= BigInt(byte) << BigInt(8 * i);
  if (length > 0) value = BigInt.asIntN(8 * length, value);
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

function pop(machine: Machine): PickleValue {
  const value = machine.stack.pop();
  if (value === undefined)
    throw new WeightsFormatError(machine.where, 'its pickle takes from an empty stack; damaged');
  return value;
}

function popMark(machine: Machine): PickleValue[] {
  const items = machine.stack;
  const before = machine.marks.pop();
  if (!before)
    throw new WeightsFormatError(machine.where, 'its pickle closes a group that was never opened; damaged');
  machine.stack = before;
  return items;
}

const push =
  (value: PickleValue): Opcode =>
  (machine) =>
    void machine.stack.push(value);
const fresh =
  (make: () => PickleValue): Opcode =>
  (machine) =>
    void machine.stack.push(make());
const read =
  (make: (machine: Machine) => PickleValue): Opcode =>
  (machine) => {
    machine.stack.push(make(machine));
  };
const list = (kind: PickleList['kind'], items: PickleValue[]): PickleList => ({ kind, items });
const tupleOf =
  (length: number): Opcode =>
  (machine) => {
    const items = Array.from({ length }, () => pop(machine)).reverse();
    machine.stack.push(list('tuple', items));
  };

function top(machine: Machine): PickleValue | undefined {
  return machine.stack.at(-1);
}

function append(machine: Machine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (!isKind(target, 'list') && !isKind(target, 'set')) {
    throw new WeightsFormatError(machine.where, 'its pickle appends to something that is no list; damaged');
  }
  for (const item of items) target.items.push(item);
}

function setItems(machine: Machine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (!isKind(target, 'dict')) {
    throw new WeightsFormatError(
      machine.where,
      'its pickle sets an item of something that is no dict; damaged',
    );
  }
  for (let i = 0; i + 1 < items.length; i += 2) target.entries.set(items[i] ?? null, items[i + 1] ?? null);
}

function dictOf(items: readonly PickleValue[]): PickleValue {
  const entries = new Map<PickleValue, PickleValue>();
  for (let i = 0; i + 1 < items.length; i += 2) entries.set(items[i] ?? null, items[i + 1] ?? null);
  return { kind: 'dict', entries };
}

const get = (index: (machine: Machine) => number): Opcode =>
  read((machine) => {
    const value = machine.memo.get(index(machine));
    if (value === undefined)
      throw new WeightsFormatError(machine.where, 'its pickle recalls a value it never made; damaged');
    return value;
  });
const put =
  (index: (machine: Machine) => number): Opcode =>
  (machine) => {
    const value = top(machine);
    if (value === undefined)
      throw new WeightsFormatError(machine.where, 'its pickle remembers nothing; damaged');
    machine.memo.set(index(machine), value);
  };

function global(machine: Machine): PickleValue {
  const module = takeLine(machine);
  return resolveGlobal(machine.where, module, takeLine(machine));
}

function stackGlobal(machine: Machine): PickleValue {
  const name = pop(machine);
  const module = pop(machine);
  if (typeof name !== 'string' || typeof module !== 'string') {
    throw new WeightsFormatError(
      machine.where,
      'its pickle names a class by something that is no text; damaged',
    );
  }
  return resolveGlobal(machine.where, module, name);
}

function reduce(machine: Machine): PickleValue {
  const args = pop(machine);
  return callGlobal(machine.where, pop(machine), args);
}

/** State set on an object. A state dict carries version numbers as attributes: of no use here. */
function build(machine: Machine): void {
  pop(machine);
  if (!isKind(top(machine), 'dict')) {
    throw new WeightsFormatError(
      machine.where,
      'refused: its pickle sets the state of an object that is no dict',
    );
  }
}

/** Text integers; `01` and `00` are booleans in protocol 0. */
function textInteger(machine: Machine): PickleValue {
  const line = takeLine(machine);
  if (line === '01' || line === '00') return line === '01';
  const value = Number(line.replace(/L$/, ''));
  if (!Number.isSafeInteger(value))
    throw new WeightsFormatError(machine.where, `its pickle holds the integer "${line}"`);
  return value;
}

const code = (character: string): number => character.charCodeAt(0);

/** Instructions by number, as listed in Python's `pickletools`. */
const opcodes: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  [0x80, (m) => void takeUint(m, 1)], // PROTO
  [0x95, (m) => void takeUint(m, 8)], // FRAME
  [
    code('('),
    (m) => {
      m.marks.push(m.stack);
      m.stack = [];
    },
  ], // MARK
  [code('0'), (m) => void pop(m)], // POP
  [code('1'), (m) => void popMark(m)], // POP_MARK
  [code('N'), push(null)],
  [0x88, push(true)],
  [0x89, push(false)],
  [code('I'), read(textInteger)],
  [code('L'), read(textInteger)],
  [
    code('J'),
    read((m) => {
      const at = m.at;
      take(m, 4);
      return m.view.getInt32(at, true);
    }),
  ], // BININT
  [code('K'), read((m) => takeUint(m, 1))],
  [code('M'), read((m) => takeUint(m, 2))],
  [0x8a, read((m) => takeLong(m, takeUint(m, 1)))], // LONG1
  [code('F'), read((m) => Number(takeLine(m)))],
  [
    code('G'),
    read((m) => {
      const at = m.at;
      take(m, 8);
      return m.view.getFloat64(at, false);
    }),
  ], // BINFLOAT
  [code('T'), read((m) => latin1.decode(take(m, takeUint(m, 4))))], // BINSTRING, Python 2
  [code('U'), read((m) => latin1.decode(take(m, takeUint(m, 1))))],
  [code('V'), read(takeLine)],
  [code('X'), read((m) => decode(m, take(m, takeUint(m, 4))))], // BINUNICODE
  [0x8c, read((m) => decode(m, take(m, takeUint(m, 1))))],
  [0x8d, read((m) => decode(m, take(m, takeUint(m, 8))))],
  [code('B'), read((m) => take(m, takeUint(m, 4)))], // BINBYTES
  [code('C'), read((m) => take(m, takeUint(m, 1)))],
  [code(')'), fresh(() => list('tuple', []))],
  [
    code('t'),
    (m) => {
      const items = popMark(m);
      m.stack.push(list('tuple', items));
    },
  ],
  [0x85, tupleOf(1)],
  [0x86, tupleOf(2)],
  [0x87, tupleOf(3)],
  [code(']'), fresh(() => list('list', []))],
  [
    code('l'),
    (m) => {
      const items = popMark(m);
      m.stack.push(list('list', items));
    },
  ],
  [code('a'), (m) => append(m, [pop(m)])],
  [code('e'), (m) => append(m, popMark(m))],
  [0x8f, fresh(() => list('set', []))],
  [0x90, (m) => append(m, popMark(m))],
  [code('}'), fresh(() => dictOf([]))],
  [
    code('d'),
    (m) => {
      const items = popMark(m);
      m.stack.push(dictOf(items));
    },
  ],
  [
    code('s'),
    (m) => {
      const value = pop(m);
      setItems(m, [pop(m), value]);
    },
  ],
  [code('u'), (m) => setItems(m, popMark(m))],
  [code('g'), get((m) => Number(takeLine(m)))],
  [code('h'), get((m) => takeUint(m, 1))],
  [code('j'), get((m) => takeUint(m, 4))],
  [code('p'), put((m) => Number(takeLine(m)))],
  [code('q'), put((m) => takeUint(m, 1))],
  [code('r'), put((m) => takeUint(m, 4))],
  [0x94, put((m) => m.memo.size)], // MEMOIZE
  [code('c'), read(global)],
  [0x93, read(stackGlobal)],
  [code('R'), read(reduce)],
  [code('b'), build],
  [code('Q'), read((m) => resolveStorage(m.where, pop(m)))], // BINPERSID
]);

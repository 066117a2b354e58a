import { ShapeError } from './errors.js';

/** A size known only at run time: `factor` times the value of `symbol` (`64·batch`). */
export interface SymbolicDim {
  readonly symbol: string;
  readonly factor: number;
}

/** One size of a shape: a number, or a multiple of a named batch size. */
export type Dim = number | SymbolicDim;
export type Shape = readonly Dim[];

export const symbol = (name: string): SymbolicDim => ({ symbol: name, factor: 1 });

export const dimText = (dim: Dim): string =>
  typeof dim === 'number' ? String(dim) : dim.factor === 1 ? dim.symbol : `${dim.factor}·${dim.symbol}`;

export const shapeText = (shape: Shape): string => `[${shape.map(dimText).join(', ')}]`;

export const sameDim = (a: Dim, b: Dim): boolean =>
  typeof a === 'number' || typeof b === 'number' ? a === b : a.symbol === b.symbol && a.factor === b.factor;

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, axis) => sameDim(dim, b[axis] ?? -1));

/** Product of two sizes. A product of two symbols is refused: every shape stays linear in the batch. */
export function multiplyDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number') {
    if (typeof b === 'number') return a * b;
    return { symbol: b.symbol, factor: a * b.factor };
  }
  if (typeof b === 'number') return { symbol: a.symbol, factor: a.factor * b };
  throw new ShapeError(`the product of ${dimText(a)} and ${dimText(b)} is not linear in one symbol`);
}

export const sizeOf = (shape: Shape): Dim => shape.reduce<Dim>(multiplyDims, 1);

/** The shape as plain numbers. @throws {ShapeError} if a size is symbolic. */
export function staticShape(shape: Shape, where: string): number[] {
  return shape.map((dim) => {
    if (typeof dim === 'number') return dim;
    throw new ShapeError(`${where}: expected sizes known while building, got ${shapeText(shape)}`);
  });
}

/** A size as a number. @throws {ShapeError} if it is symbolic. */
export function staticDim(shape: Shape, axis: number, where: string): number {
  const dim = shape.at(axis);
  if (typeof dim === 'number') return dim;
  throw new ShapeError(`${where}: expected a known size on axis ${axis}, got ${shapeText(shape)}`);
}

/** Axis counted from the front. @throws {ShapeError} when it lies outside `[-rank, rank)`. */
export function normaliseAxis(axis: number, rank: number, where: string): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw new ShapeError(`${where}: axis ${axis} is outside a tensor of rank ${rank}`, { axis, rank });
  }
  return normal;
}

/** NumPy broadcasting of two shapes. @throws {ShapeError} if they do not fit. */
export function broadcastShapes(a: Shape, b: Shape, where: string): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    if (sameDim(left, right)) return left;
    if (left === 1) return right;
    if (right === 1) return left;
    throw new ShapeError(`${where}: ${shapeText(a)} and ${shapeText(b)} do not broadcast`, { a, b });
  });
}

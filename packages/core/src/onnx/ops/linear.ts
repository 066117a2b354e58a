import { broadcastShapes, type Dim, sameDim, sameShape, shapeText } from '../dims.js';
import { ShapeError } from '../errors.js';
import { assertSameType, emit, float, int, type Tensor } from '../graph.js';

const transposeLast = (shape: readonly Dim[]): Dim[] => {
  const [rows, columns] = shape.slice(-2);
  return rows === undefined || columns === undefined ? [...shape] : [...shape.slice(0, -2), columns, rows];
};

function productShape(op: string, left: readonly Dim[], right: readonly Dim[]): Dim[] {
  const [m, k] = left.slice(-2);
  const [k2, n] = right.slice(-2);
  if (m === undefined || k === undefined || k2 === undefined || n === undefined || !sameDim(k, k2)) {
    throw new ShapeError(
      `${op}: the inner sizes of ${shapeText(left)} and ${shapeText(right)} differ, expected [.., m, k] · [.., k, n]`,
    );
  }
  return [...broadcastShapes(left.slice(0, -2), right.slice(0, -2), op), m, n];
}

/** Matrix product with broadcasting over leading axes: `[.., m, k] · [.., k, n] → [.., m, n]`. */
export function matMul(a: Tensor, b: Tensor): Tensor {
  assertSameType('MatMul', [a, b]);
  return emit({ op: 'MatMul', inputs: [a, b] }, productShape('MatMul', a.shape, b.shape));
}

export interface MatMulOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly alpha?: number;
}

/** `alpha · A' · B'` over leading axes, the transposes of the last two axes and the scale inside one kernel. */
export function fusedMatMul(a: Tensor, b: Tensor, options: MatMulOptions = {}): Tensor {
  assertSameType('FusedMatMul', [a, b]);
  const left = options.transA ? transposeLast(a.shape) : a.shape;
  const right = options.transB ? transposeLast(b.shape) : b.shape;
  return emit(
    {
      op: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: [a, b],
      attributes: {
        transA: int(options.transA ? 1 : 0),
        transB: int(options.transB ? 1 : 0),
        alpha: float(options.alpha ?? 1),
      },
    },
    productShape('FusedMatMul', left, right),
  );
}

/** `alpha · A' · B' + C` on matrices; C broadcasts to the result. */
export function gemm(a: Tensor, b: Tensor, c: Tensor | null = null, options: MatMulOptions = {}): Tensor {
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    throw new ShapeError(`Gemm: expected two matrices, got ${shapeText(a.shape)} and ${shapeText(b.shape)}`);
  }
  const left = options.transA ? transposeLast(a.shape) : a.shape;
  const right = options.transB ? transposeLast(b.shape) : b.shape;
  const shape = productShape('Gemm', left, right);
  assertSameType('Gemm', c ? [a, b, c] : [a, b]);
  if (c && !sameShape(broadcastShapes(shape, c.shape, 'Gemm bias'), shape)) {
    throw new ShapeError(`Gemm: the bias ${shapeText(c.shape)} does not fit into ${shapeText(shape)}`);
  }
  return emit(
    {
      op: 'Gemm',
      inputs: c ? [a, b, c] : [a, b],
      attributes: {
        transA: int(options.transA ? 1 : 0),
        transB: int(options.transB ? 1 : 0),
        alpha: float(options.alpha ?? 1),
      },
    },
    shape,
  );
}

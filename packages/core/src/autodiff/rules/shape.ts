import { type Dim, sizeOf, staticDim, staticShape } from '../../onnx/dims.js';
import { constant, numberAttribute, type Tensor } from '../../onnx/graph.js';
import { concat, expand, pad, reshape, scatterAddRows, slice, transpose } from '../../onnx/ops/index.js';
import { MissingGradientError } from '../errors.js';
import { constantInts, type GradientRule, inputAt, listAttribute, sumTo } from '../rule.js';

/** Puts zeros between the elements of an axis: adjoint of a slice with a step. */
function dilate(x: Tensor, axis: number, step: number): Tensor {
  const size = staticDim(x.shape, axis, 'Slice gradient');
  const split = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
  const after = split.map((_, index) => (index === axis + 1 ? step - 1 : 0));
  const spread = pad(
    reshape(x, split),
    split.map(() => 0),
    after,
  );
  const joined = x.shape.map((dim, index): Dim => (index === axis ? size * step : dim));
  return reshape(spread, joined);
}

/** Adjoint of Slice: the cotangent at its old place among zeros. */
const sliceRule: GradientRule = (node, [dy]) => {
  if (!dy) return [];
  const x = inputAt(node, 0);
  const starts = constantInts(node, 1);
  const axes = constantInts(node, 3);
  const steps = constantInts(node, 4);
  const before = x.shape.map(() => 0);
  const after = x.shape.map(() => 0);
  let spread = dy;
  for (const [index, axis] of axes.entries()) {
    const step = steps[index] ?? 1;
    const start = starts[index] ?? 0;
    const size = staticDim(x.shape, axis, 'Slice gradient');
    if (step > 1) {
      spread = dilate(spread, axis, step);
      const room = size - start;
      if (staticDim(spread.shape, axis, 'Slice gradient') > room) {
        spread = slice(spread, [{ axis, start: 0, end: room }]);
      }
    }
    before[axis] = start;
    after[axis] = size - start - staticDim(spread.shape, axis, 'Slice gradient');
  }
  return [pad(spread, before, after)];
};

/** Adjoint of Pad with zeros: cuts the border off. Reflected borders belong to frozen parts and have no rule. */
const padRule: GradientRule = (node, [dy]) => {
  const mode = node.attributes.mode;
  if (mode?.type === 'string' && mode.value !== 'constant') {
    throw new MissingGradientError(`Pad (${mode.value})`);
  }
  if (!dy) return [];
  const x = inputAt(node, 0);
  const before = constantInts(node, 1).slice(0, x.shape.length);
  const ranges = before.flatMap((start, axis) => {
    const dim = x.shape[axis];
    return typeof dim === 'number' ? [{ axis, start, end: start + dim }] : [];
  });
  return [slice(dy, ranges)];
};

/** Adjoint of Gather on axis 0: each cotangent row is added at the row that it was read from. */
const gatherRule: GradientRule = (node, [dy], wants) => {
  if (!dy || !wants[0]) return [];
  const x = inputAt(node, 0);
  const indices = inputAt(node, 1);
  if (numberAttribute(node, 'axis', 0) !== 0) return gatherOtherAxis(node, dy);
  const shape = staticShape(x.shape, 'Gather gradient');
  const zeros = expand(constant(x.graph, 0), shape);
  return [scatterRows(zeros, indices, dy)];
};

/** Indices of any rank as one list, and the cotangent's rows with them. */
function scatterRows(zeros: Tensor, indices: Tensor, updates: Tensor): Tensor {
  const count = sizeOf(indices.shape);
  const rows = reshape(updates, [count, ...updates.shape.slice(indices.shape.length)]);
  return scatterAddRows(zeros, reshape(indices, [count]), rows);
}

/** Gather on another axis: bring that axis to the front, scatter, and bring it back. */
function gatherOtherAxis(node: Parameters<GradientRule>[0], dy: Tensor): readonly (Tensor | undefined)[] {
  const x = inputAt(node, 0);
  const indices = inputAt(node, 1);
  const axis = numberAttribute(node, 'axis', 0);
  const rank = x.shape.length;
  const forward = [axis, ...x.shape.map((_, index) => index).filter((index) => index !== axis)];
  const moved = forward.map((index) => staticDim(x.shape, index, 'Gather gradient'));
  const width = indices.shape.length;
  const order = [
    ...indices.shape.map((_, index) => axis + index),
    ...dy.shape.map((_, index) => index).filter((index) => index < axis || index >= axis + width),
  ];
  const zeros = expand(constant(x.graph, 0), moved);
  const scattered = scatterRows(zeros, indices, transpose(dy, order));
  const back = Array.from({ length: rank }, (_, index) => forward.indexOf(index));
  return [transpose(scattered, back)];
}

export const shapeRules: Readonly<Record<string, GradientRule>> = {
  Reshape: (node, [dy]) => [dy && reshape(dy, inputAt(node, 0).shape)],
  Expand: (node, [dy]) => [dy && sumTo(dy, inputAt(node, 0))],
  Transpose: (node, [dy]) => {
    if (!dy) return [];
    const perm = listAttribute(node, 'perm');
    return [
      transpose(
        dy,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
    ];
  },
  Concat: (node, [dy], wants) => {
    if (!dy) return [];
    const axis = numberAttribute(node, 'axis', 0);
    let start = 0;
    return node.inputs.map((tensor, index) => {
      const size = tensor ? staticDim(tensor.shape, axis, 'Concat gradient') : 0;
      const range = { axis, start, end: start + size };
      start += size;
      return wants[index] ? slice(dy, [range]) : undefined;
    });
  },
  // Parts that nobody used count as zeros.
  Split: (node, cotangents) => {
    const parts = node.outputs.map(
      (tensor, index) => cotangents[index] ?? expand(constant(tensor.graph, 0), tensor.shape),
    );
    return [concat(parts, numberAttribute(node, 'axis', 0))];
  },
  Slice: sliceRule,
  Pad: padRule,
  Gather: gatherRule,
};

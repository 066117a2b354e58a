import type { Graph, Tensor } from '../onnx/graph.js';
import { concat, slice } from '../onnx/ops/index.js';

/** Pictures that go through a tower together while it learns: what lies between two layers of the small tower then takes
 *  about as much as two cores keep in their second-level caches. */
export const GROUP = 16;

/** Runs a batch through a tower group by group, inside one graph. The outcome is that of the whole batch; only the
 *  order in which a weight's gradient is summed differs. A card has no such caches and wants few and large kernels: there
 *  the batch is one group.
 *  @param batch items in the batch. @param run makes tensors `[end − start, …]` of the items from `start` to `end`.
 *  @returns them one below the other: `[batch, …]`. */
export function inGroups(
  { target }: Pick<Graph, 'target'>,
  batch: number,
  run: (start: number, end: number) => Tensor[],
): Tensor[] {
  const groups: Tensor[][] = [];
  const size = target === 'cpu' ? GROUP : batch;
  for (let start = 0; start < batch; start += size) groups.push(run(start, Math.min(batch, start + size)));
  const [first = []] = groups;
  if (groups.length === 1) return first;
  return first.map((_, output) =>
    concat(
      groups.map((group) => group[output] as Tensor),
      0,
    ),
  );
}

/** Rows `start` to `end` of the first axis; x itself where these are all. */
export function rowsOf(x: Tensor, start: number, end: number): Tensor {
  return start === 0 && end === x.shape[0] ? x : slice(x, [{ axis: 0, start, end }]);
}

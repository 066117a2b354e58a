import { sameShape } from '../dims.js';
import { type Graph, type Node, numberAttribute, type Tensor } from '../graph.js';
import { asIs, type NodeRecord } from '../node-record.js';
import {
  type Convolution,
  convolutionOf,
  type Geometry,
  type TransposedConvolution,
  transposedConvolutionOf,
} from './convolution.js';
import { elements, Forms, pictureOf } from './forms.js';
import {
  type BlockedForm,
  biasOf,
  constantsOf,
  type Form,
  type Product,
  productOf,
  type Way,
  waysOf,
} from './product.js';

/* ONNX Runtime's product of matrices packs its right side for every call, and turns the left one while it reads it; where
 * both sides are computed, as in training, that takes a fifth to a third of its time. Its convolution in the channel-blocked
 * layout does neither: what it reads already lies as it needs it, and a convolution with filters of one pixel is a
 * product, rows being pixels and columns channels. So such products are written as convolutions, what lies between two of
 * them stays in the layout, and a matrix comes back to rows only for those who read rows. Convolutions themselves the
 * runtime puts into the layout only where their filters are constant; here the others go there too
 * (docs/decisions/products-in-blocks.md). */

/** Multiplications that the layout makes faster by the time it takes to move one element into it: of a product whose left
 *  side stands as it is read, of one that would turn it, of a convolution, of a transposed one. */
const WORK_PER_MOVE = { straight: 400, turned: 150, convolution: 60, transposed: 30 } as const;
/** The way out takes twice as long as the way in, as does putting lines together in turns; adding a bias half as long. */
const OUT = 2;
const INTERLEAVED = 2;
const BIAS = 0.5;
/** Elements that could be moved while one more convolution starts. */
const START = 50_000;

/** Operators that compute each element by itself. */
const elementwise: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Neg', 'Abs', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal'],
  ...['Erf', 'Tanh', 'Sigmoid', 'HardSigmoid', 'Relu', 'LeakyRelu', 'Gelu'],
]);

/** Operators that are written in the layout if they are worth it. */
const mayReadBlocks = (node: Node): boolean =>
  node.op === 'Gemm' ||
  node.op === 'ConvTranspose' ||
  (node.op === 'Conv' && numberAttribute(node, 'group', 1) === 1);

/** Writes the nodes with products and convolutions by computed matrices, and transposed convolutions, in the layout, where
 *  that saves more than moving the matrices costs.
 *  @param nodes of the graph, each after those whose results it reads. @param block channels that lie together. */
export function inBlocks(graph: Graph, nodes: readonly Node[], block: number): NodeRecord[] {
  const writer = new BlockedWriter(graph, nodes, block);
  for (const node of nodes) writer.write(node);
  return writer.end();
}

class BlockedWriter {
  readonly #forms: Forms;
  readonly #readers = new Map<Tensor, Node[]>();
  /** What waits for the node after it, which then is a part of it. */
  readonly #waiting = new Map<Tensor, (next: Node, y: Tensor) => void>();
  readonly #constants: ReadonlySet<Tensor>;
  readonly #results: ReadonlySet<Tensor>;

  constructor(graph: Graph, nodes: readonly Node[], block: number) {
    this.#forms = new Forms(block);
    this.#constants = constantsOf(graph);
    this.#results = new Set(graph.outputs.map(({ tensor }) => tensor));
    for (const node of nodes) {
      for (const tensor of node.inputs) {
        if (!tensor) continue;
        const readers = this.#readers.get(tensor);
        if (readers) readers.push(node);
        else this.#readers.set(tensor, [node]);
      }
    }
  }

  write(node: Node): void {
    if (this.#asPart(node) || this.#product(node) || this.#convolution(node)) return;
    if (this.#transposed(node) || this.#elementByElement(node)) return;
    for (const tensor of node.inputs) if (tensor) this.#forms.rows(tensor);
    this.#forms.records.push(...asIs(node));
    for (const tensor of node.outputs) this.#forms.set(tensor, 'rows', tensor.name);
  }

  /** The nodes, the graph's results among them row by row. */
  end(): NodeRecord[] {
    for (const tensor of this.#results) this.#forms.rows(tensor);
    return this.#forms.records;
  }

  /** The one node that reads a value which is nobody's result. */
  #onlyReader(y: Tensor): Node | null {
    const [reader = null, ...others] = this.#readers.get(y) ?? [];
    return others.length === 0 && !this.#results.has(y) ? reader : null;
  }

  #asPart(node: Node): boolean {
    const tensor = node.inputs.find((one) => one && this.#waiting.has(one));
    const [y] = node.outputs;
    const write = tensor && this.#waiting.get(tensor);
    if (!write || !y) return false;
    write(node, y);
    return true;
  }

  #product(node: Node): boolean {
    const product = productOf(node);
    const [y] = node.outputs;
    if (!product || !y || this.#constants.has(product.b)) return false;
    const cost = (way: Way): number => this.#cost(way, product, y);
    const [way] = waysOf(product, this.#forms.block).sort((one, other) => cost(one) - cost(other));
    if (!way || this.#gain(product, y) <= cost(way)) return false;
    if (way.result === 'blocked' && this.#biased(product, y)) {
      this.#waiting.set(y, (next, sum) => {
        const bias = biasOf(next, y) as Tensor;
        this.#forms.rows(bias);
        this.#multiply(product, way, sum, bias.name);
      });
    } else this.#multiply(product, way, y);
    return true;
  }

  /** A product with its bias, if adding one is all that becomes of it. */
  #biased({ c }: Product, y: Tensor): Tensor | null {
    const reader = this.#onlyReader(y);
    return (!c && reader && biasOf(reader, y) && reader.outputs[0]) || null;
  }

  /** What the layout saves, as elements that could be moved in the time. */
  #gain(product: Product, y: Tensor): number {
    const { a, b, transA, m, n, k } = product;
    const inBlocksOnly = [a, b].filter((tensor) => !this.#forms.of(tensor).has('rows'));
    return (
      (m * n * k) / (transA ? WORK_PER_MOVE.turned : WORK_PER_MOVE.straight) +
      (this.#biased(product, y) ? BIAS * m * n : 0) +
      inBlocksOnly.reduce((sum, tensor) => sum + OUT * elements(tensor), 0)
    );
  }

  /** Elements that have to be moved into the layout and out of it. */
  #cost({ picture, filters, result }: Way, product: Product, y: Tensor): number {
    const { c, m, n } = product;
    const sides = this.#costOf(...picture) + this.#costOf(...filters) + (c ? this.#costOf(c, result) : 0);
    const isOneRow = m === 1;
    const isOut = !isOneRow && this.#isReadInRows(this.#biased(product, y) ?? y, result);
    return sides + (isOut ? OUT * m * n : 0);
  }

  #costOf(tensor: Tensor, form: BlockedForm): number {
    const forms = this.#forms.of(tensor);
    if (forms.has(form) || pictureOf(tensor, form).pixels === 1) return 0;
    return elements(tensor) * (forms.has('rows') ? 1 : 1 + OUT);
  }

  /** Whether somebody wants rows of a matrix: all but products, and operators on single elements where what they take
   *  beside it is in blocks or not there yet. Between two layers it will be, with its columns in blocks. */
  #isReadInRows(y: Tensor, result: BlockedForm): boolean {
    return (this.#readers.get(y) ?? []).some((reader) => {
      const { op, inputs } = reader;
      if (mayReadBlocks(reader)) return false;
      if (!elementwise.has(op) || result === 'turned') return true;
      const beside = inputs.filter((one) => one && one !== y && sameShape(one.shape, y.shape));
      return beside.some((tensor) => tensor && this.#forms.isInRows(tensor));
    });
  }

  #multiply({ c, m, n, k }: Product, { picture, filters, result }: Way, y: Tensor, bias = ''): void {
    const count = result === 'blocked' ? n : m;
    const inputs = [
      this.#forms.picture(...picture),
      // The same bytes as a picture of k pixels.
      this.#forms.reshaped(this.#forms.picture(...filters), [count, k, 1, 1]),
    ];
    if (bias || c) inputs.push(bias);
    if (c) inputs.push(this.#forms.picture(c, result));
    this.#convolve(inputs, y, result, { kernel: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0] });
  }

  #convolution(node: Node): boolean {
    const convolution = convolutionOf(node, this.#forms.block);
    const [y] = node.outputs;
    if (!convolution || !y || this.#constants.has(convolution.weight)) return false;
    const { x, work } = convolution;
    const cost = (this.#forms.of(x).has('blocked') ? 0 : elements(x)) + OUT * elements(y);
    if (work / WORK_PER_MOVE.convolution <= cost) return false;
    if (this.#onlyReader(y)?.op === 'Relu') {
      this.#waiting.set(y, (_next, rectified) => this.#filter(convolution, rectified, 'Relu'));
    } else this.#filter(convolution, y);
    return true;
  }

  #filter({ x, weight, bias, isNarrow, ...geometry }: Convolution, y: Tensor, activation?: string): void {
    if (isNarrow) this.#forms.rows(x);
    const inputs = [isNarrow ? x.name : this.#forms.picture(x, 'blocked'), this.#forms.filters(weight)];
    if (bias) {
      this.#forms.rows(bias);
      inputs.push(bias.name);
    }
    this.#convolve(inputs, y, 'blocked', geometry, activation);
  }

  #transposed(node: Node): boolean {
    const transposed = transposedConvolutionOf(node, this.#forms.block);
    const [y] = node.outputs;
    if (!transposed || !y) return false;
    const { x, phases, work } = transposed;
    const starts = START * phases[0].length * phases[1].length;
    const cost = this.#costOf(x, 'blocked') + (INTERLEAVED + OUT) * elements(y) + starts;
    if (work / WORK_PER_MOVE.transposed <= cost) return false;
    this.#filterInPhases(transposed, y);
    return true;
  }

  /** A convolution for each phase of rows and columns, and the lines of what they make in turns. */
  #filterInPhases({ x, weight, phases }: TransposedConvolution, y: Tensor): void {
    const picture = this.#forms.picture(x, 'blocked');
    const [rows, columns] = phases;
    const [batch = 1, channels = 1, height = 1, width = 1] = y.shape as readonly number[];
    const name = `${y.name}/blocked`;
    const lines = (batch * channels * height) / this.#forms.block / rows.length;
    const line = width * this.#forms.block;
    const all = rows.map((row, i) => {
      const parts = columns.map((column, j) => {
        const filters = this.#forms.transposedFilters(weight, row.taps, column.taps);
        const kernel = [row.taps.length, column.taps.length];
        const pads = [row.pads[0], column.pads[0], row.pads[1], column.pads[1]];
        const part = `${name}/${i}-${j}`;
        this.#forms.convolve([picture, filters], part, { kernel, strides: [1, 1], pads });
        return part;
      });
      const pixels = (lines * width) / columns.length;
      return this.#forms.interleaved(parts, pixels, this.#forms.block, `${name}/${i}`);
    });
    const whole = this.#forms.interleaved(all, lines, line, `${name}/lines`);
    this.#forms.set(y, 'blocked', this.#forms.reshaped(whole, y.shape as readonly number[]));
  }

  #convolve(
    inputs: readonly string[],
    y: Tensor,
    form: BlockedForm,
    geometry: Geometry,
    activation?: string,
  ): void {
    const name = `${y.name}/${form}`;
    this.#forms.convolve(inputs, name, geometry, activation);
    this.#forms.set(y, form, name);
  }

  /** An operator on single elements of matrices or pictures where all it reads is in one blocked form, and not all of it in
   *  rows. A picture that is there in both becomes one in blocks where nobody is known to want rows. */
  #elementByElement(node: Node): boolean {
    const [y, ...others] = node.outputs;
    const rank = y?.shape.length;
    if (!y || others.length > 0 || !(rank === 2 || rank === 4) || !elementwise.has(node.op)) return false;
    const inputs = node.inputs.filter((tensor) => tensor !== null);
    const whole = inputs.filter(({ shape }) => sameShape(shape, y.shape));
    if (whole.length === 0 || inputs.some((one) => !whole.includes(one) && one.shape.length > 0))
      return false;
    const isThere = (form: Form) => whole.every((tensor) => this.#forms.of(tensor).has(form));
    const form = (['blocked', 'turned'] as const).find(isThere);
    if (!form || (isThere('rows') && (rank === 2 || this.#isReadInRows(y, form)))) return false;
    const name = `${y.name}/${form}`;
    this.#forms.records.push({
      ...(asIs(node)[0] as NodeRecord),
      inputs: inputs.map((one) => (whole.includes(one) && this.#forms.of(one).get(form)) || one.name),
      outputs: [name],
    });
    this.#forms.set(y, form, name);
    return true;
  }
}

import { sameShape } from '../dims.js';
import { type Graph, int, ints, type Node, type Tensor } from '../graph.js';
import { asIs, type NodeRecord, record } from '../node-record.js';
import { type BlockedForm, biasOf, type Form, type Product, productOf, type Way, waysOf } from './product.js';

/* ONNX Runtime's product of matrices packs its right side for every call, and turns the left one while it reads it; where
 * both sides are computed, as in training, that takes a fifth to a third of its time. Its convolution in the channel-blocked
 * layout does neither: what it reads already lies as it needs it, and a convolution with filters of one pixel is a
 * product, rows being pixels and columns channels. So such products are written as convolutions, what lies between two of
 * them stays in the layout, and a matrix comes back to rows only for those who read rows
 * (docs/decisions/products-in-blocks.md). */

/** The operators that know the layout. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** Multiplications that the layout makes faster by the time it takes to move one element into it: of a product whose left
 *  side stands as it is read, and of one that would turn it. */
const WORK_PER_MOVE = { straight: 400, turned: 150 } as const;
/** The way out takes twice as long as the way in, and adding a bias half as long. */
const OUT = 2;
const BIAS = 0.5;

/** Pixels in a line of the picture; the runtime shares lines among its threads. */
const LINE = 16;

/** Operators that compute each element by itself. */
const elementwise: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Neg', 'Abs', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal'],
  ...['Erf', 'Tanh', 'Sigmoid', 'HardSigmoid', 'Relu', 'LeakyRelu', 'Gelu'],
]);

/** Writes the nodes with products of computed matrices as convolutions, where that saves more than moving the matrices costs.
 *  @param nodes of the graph, each after those whose results it reads. @param block channels that lie together. */
export function inBlocks(graph: Graph, nodes: readonly Node[], block: number): NodeRecord[] {
  const writer = new BlockedWriter(graph, nodes, block);
  for (const node of nodes) writer.write(node);
  for (const { tensor } of graph.outputs) writer.rows(tensor);
  return writer.records;
}

class BlockedWriter {
  readonly records: NodeRecord[] = [];
  /** Names of the forms that are there by now; blocked ones are pictures `[1, channels, height, width]`. */
  readonly #forms = new Map<Tensor, Map<Form, string>>();
  readonly #readers = new Map<Tensor, Node[]>();
  /** Products that wait for the node that adds their bias. */
  readonly #waiting = new Map<Tensor, { readonly product: Product; readonly way: Way }>();
  /** Reshapes and their targets that are there by now. */
  readonly #made = new Set<string>();
  readonly #constants: ReadonlySet<Tensor>;
  readonly #results: ReadonlySet<Tensor>;
  readonly #block: number;

  constructor(graph: Graph, nodes: readonly Node[], block: number) {
    this.#block = block;
    this.#constants = new Set(graph.initializers.map(({ tensor }) => tensor));
    this.#results = new Set(graph.outputs.map(({ tensor }) => tensor));
    for (const node of nodes) {
      for (const tensor of node.inputs) {
        if (tensor) this.#readers.set(tensor, [...(this.#readers.get(tensor) ?? []), node]);
      }
    }
  }

  write(node: Node): void {
    if (this.#asConvolution(node) || this.#withBias(node) || this.#elementByElement(node)) return;
    for (const tensor of node.inputs) if (tensor) this.rows(tensor);
    this.records.push(...asIs(node));
    for (const tensor of node.outputs) this.#forms.set(tensor, new Map([['rows', tensor.name]]));
  }

  /** Makes a value available row by row, under its own name. */
  rows(tensor: Tensor): void {
    const forms = this.#formsOf(tensor);
    if (forms.has('rows')) return;
    const form = forms.has('blocked') ? 'blocked' : 'turned';
    const { pixels, channels, last } = pictureOf(tensor, form);
    let flat = forms.get(form) as string;
    if (pixels > 1) {
      const attributes = { channels: int(channels), channels_last: int(last) };
      flat = this.#emit('ReorderOutput', [flat], `${tensor.name}/from-${form}`, attributes);
    }
    this.#reshape(flat, tensor.shape as readonly number[], tensor.name);
    forms.set('rows', tensor.name);
  }

  /** What nobody has made here lies row by row. */
  #formsOf(tensor: Tensor): Map<Form, string> {
    const forms = this.#forms.get(tensor) ?? new Map<Form, string>([['rows', tensor.name]]);
    this.#forms.set(tensor, forms);
    return forms;
  }

  #asConvolution(node: Node): boolean {
    const product = productOf(node);
    const [y] = node.outputs;
    if (!product || !y || this.#constants.has(product.b)) return false;
    const cost = (way: Way): number => this.#cost(way, product, y);
    const [way] = waysOf(product, this.#block).sort((one, other) => cost(one) - cost(other));
    if (!way || this.#gain(product, y) <= cost(way)) return false;
    if (!product.c && way.result === 'blocked' && this.#biasedFrom(y)) this.#waiting.set(y, { product, way });
    else this.#convolve(product, way, y);
    return true;
  }

  /** A product with its bias, if adding one is all that becomes of it. */
  #biasedFrom(y: Tensor): Tensor | null {
    const [reader, ...others] = this.#readers.get(y) ?? [];
    const isAll = reader && others.length === 0 && !this.#results.has(y) && biasOf(reader, y);
    return (isAll && reader.outputs[0]) || null;
  }

  /** What the convolution saves, as elements that could be moved in the time. */
  #gain({ a, b, transA, m, n, k }: Product, y: Tensor): number {
    const work = m * n * k;
    const inBlocksOnly = [a, b].filter((tensor) => !this.#formsOf(tensor).has('rows'));
    return (
      work / (transA ? WORK_PER_MOVE.turned : WORK_PER_MOVE.straight) +
      (this.#biasedFrom(y) ? BIAS * m * n : 0) +
      inBlocksOnly.reduce((sum, tensor) => sum + OUT * elements(tensor), 0)
    );
  }

  /** Elements that have to be moved into the layout and out of it. */
  #cost({ picture, filters, result }: Way, { c, m, n }: Product, y: Tensor): number {
    const sides = this.#costOf(...picture) + this.#costOf(...filters) + (c ? this.#costOf(c, result) : 0);
    const isOneRow = m === 1;
    return sides + (!isOneRow && this.#isReadInRows(this.#biasedFrom(y) ?? y, result) ? OUT * m * n : 0);
  }

  #costOf(tensor: Tensor, form: BlockedForm): number {
    const forms = this.#formsOf(tensor);
    if (forms.has(form) || pictureOf(tensor, form).pixels === 1) return 0;
    return elements(tensor) * (forms.has('rows') ? 1 : 1 + OUT);
  }

  /** Whether somebody wants rows of a matrix: all but products, and operators on single elements where what they take
   *  beside it is in blocks or not there yet. Between two layers it will be, with its columns in blocks. */
  #isReadInRows(y: Tensor, result: BlockedForm): boolean {
    return (this.#readers.get(y) ?? []).some(({ op, inputs }) => {
      if (op === 'Gemm') return false;
      if (!elementwise.has(op) || result === 'turned') return true;
      return inputs.some((tensor) => {
        const isBeside = tensor && tensor !== y && sameShape(tensor.shape, y.shape);
        return isBeside && (tensor.producer === null || this.#forms.get(tensor)?.has('rows'));
      });
    });
  }

  #withBias(node: Node): boolean {
    const [y] = node.outputs;
    const product = node.inputs.find((tensor) => tensor && this.#waiting.has(tensor));
    const waiting = product && this.#waiting.get(product);
    const bias = product && biasOf(node, product);
    if (!y || !waiting || !bias) return false;
    this.rows(bias);
    this.#convolve(waiting.product, waiting.way, y, bias.name);
    return true;
  }

  #convolve({ c, m, n, k }: Product, { picture, filters, result }: Way, y: Tensor, bias = ''): void {
    const count = result === 'blocked' ? n : m;
    const inputs = [
      this.#picture(...picture),
      // The same bytes as a picture of k pixels.
      this.#reshaped(this.#picture(...filters), [count, k, 1, 1]),
    ];
    if (bias || c) inputs.push(bias);
    if (c) inputs.push(this.#picture(c, result));
    const name = this.#emit('Conv', inputs, `${y.name}/${result}`, {
      kernel_shape: ints([1, 1]),
      strides: ints([1, 1]),
      pads: ints([0, 0, 0, 0]),
      dilations: ints([1, 1]),
      group: int(1),
    });
    this.#forms.set(y, new Map([[result, name]]));
  }

  /** A matrix in a blocked form. */
  #picture(tensor: Tensor, form: BlockedForm): string {
    const forms = this.#formsOf(tensor);
    const known = forms.get(form);
    if (known) return known;
    this.rows(tensor);
    const { pixels, channels, last, size } = pictureOf(tensor, form);
    const name = `${tensor.name}/${form}`;
    forms.set(form, name);
    // The channels of a single pixel lie as they are.
    if (pixels === 1) this.#reshape(tensor.name, [1, channels, 1, 1], name);
    else {
      const shape = last ? [1, ...size, channels] : [1, channels, ...size];
      this.#emit('ReorderInput', [this.#reshaped(tensor.name, shape)], name, { channels_last: int(last) });
    }
    return name;
  }

  /** An operator on single elements where all it reads is in one blocked form, and not all of it in rows. */
  #elementByElement(node: Node): boolean {
    const [y, ...others] = node.outputs;
    if (!y || others.length > 0 || !elementwise.has(node.op) || node.domain !== '') return false;
    const inputs = node.inputs.filter((tensor) => tensor !== null);
    const whole = inputs.filter(({ shape }) => sameShape(shape, y.shape));
    if (whole.length === 0 || inputs.some((one) => !whole.includes(one) && one.shape.length > 0))
      return false;
    const isThere = (form: Form) => whole.every((tensor) => this.#formsOf(tensor).has(form));
    const form = (['blocked', 'turned'] as const).find(isThere);
    if (!form || isThere('rows')) return false;
    const name = `${y.name}/${form}`;
    this.records.push({
      ...(asIs(node)[0] as NodeRecord),
      inputs: inputs.map((one) => (whole.includes(one) && this.#forms.get(one)?.get(form)) || one.name),
      outputs: [name],
    });
    this.#forms.set(y, new Map([[form, name]]));
    return true;
  }

  #emit(op: string, inputs: readonly string[], output: string, attributes: NodeRecord['attributes']): string {
    this.records.push(record(op, inputs, output, attributes, BLOCKED_DOMAIN));
    return output;
  }

  #reshape(from: string, shape: readonly number[], output: string): void {
    const target = `shape/${shape.join('x')}`;
    if (!this.#made.has(target)) {
      this.records.push(record('Constant', [], target, { value_ints: ints(shape) }));
      this.#made.add(target);
    }
    this.records.push(record('Reshape', [from, target], output));
  }

  #reshaped(from: string, shape: readonly number[]): string {
    const output = `${from}/${shape.join('x')}`;
    if (!this.#made.has(output)) this.#reshape(from, shape, output);
    this.#made.add(output);
    return output;
  }
}

const elements = ({ shape }: Tensor): number => (shape as readonly number[]).reduce((a, b) => a * b, 1);

/** The picture that a matrix is in a blocked form: its size as `[height, width]`, and whether the channels of a pixel lie side
 *  by side in rows. */
function pictureOf({ shape }: Tensor, form: BlockedForm) {
  const [a, b] = shape as readonly [number, number];
  const [pixels, channels] = form === 'blocked' ? [a, b] : [b, a];
  const size = pixels % LINE === 0 ? [pixels / LINE, LINE] : [pixels, 1];
  return { pixels, channels, size, last: form === 'blocked' ? 1 : 0 };
}

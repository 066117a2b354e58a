import { sizeOf } from '../dims.js';
import { int, ints, type Tensor, text } from '../graph.js';
import { type NodeRecord, record } from '../node-record.js';
import type { Geometry } from './convolution.js';
import type { BlockedForm, Form } from './product.js';

/** The operators that know the layout. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** Pixels in a line of a matrix's picture; the runtime shares lines among its threads. */
const LINE = 16;

const sizes = ({ shape }: Tensor): readonly number[] => shape as readonly number[];

export const elements = ({ shape }: Tensor): number => sizeOf(shape) as number;

/** The picture that a value is in a blocked form: its shape, and whether the channels of a pixel lie side by side in rows.
 *  `[n, c, h, w]` is one as it stands. */
export function pictureOf(tensor: Tensor, form: BlockedForm) {
  const [a = 1, b = 1, ...size] = sizes(tensor);
  if (size.length === 2) return { shape: [a, b, ...size], pixels: a * elements(tensor), last: 0 };
  const [pixels, channels] = form === 'blocked' ? [a, b] : [b, a];
  const lines = pixels % LINE === 0 ? [pixels / LINE, LINE] : [pixels, 1];
  return { shape: [1, channels, ...lines], pixels, last: form === 'blocked' ? 1 : 0 };
}

/** In which forms values are there, and the nodes that bring them into others. */
export class Forms {
  readonly records: NodeRecord[] = [];
  readonly #names = new Map<Tensor, Map<Form, string>>();
  /** What else was made, by name. */
  readonly #made = new Set<string>();

  constructor(readonly block: number) {}

  /** Names by form; blocked ones have the shape of their picture. What nobody has made here lies row by row. */
  of(tensor: Tensor): ReadonlyMap<Form, string> {
    return this.#of(tensor);
  }

  /** Whether a value is known to be there row by row: false as well for one that is still to come. */
  isInRows(tensor: Tensor): boolean {
    return tensor.producer === null || this.#names.get(tensor)?.has('rows') === true;
  }

  /** Says that a value has been made, in one form. */
  set(tensor: Tensor, form: Form, name: string): void {
    this.#names.set(tensor, new Map([[form, name]]));
  }

  #of(tensor: Tensor): Map<Form, string> {
    const names = this.#names.get(tensor) ?? new Map<Form, string>([['rows', tensor.name]]);
    this.#names.set(tensor, names);
    return names;
  }

  /** Makes a value available row by row, under its own name. */
  rows(tensor: Tensor): void {
    const names = this.#of(tensor);
    if (names.has('rows')) return;
    const form = names.has('blocked') ? 'blocked' : 'turned';
    const { shape, pixels, last } = pictureOf(tensor, form);
    const picture = names.get(form) as string;
    names.set('rows', tensor.name);
    const isMatrix = tensor.shape.length === 2;
    const flat = isMatrix ? `${tensor.name}/from-${form}` : tensor.name;
    const attributes = { channels: int(shape[1] as number), channels_last: int(last) };
    if (pixels > 1) this.emit('ReorderOutput', [picture], flat, attributes);
    if (isMatrix) this.#reshape(pixels > 1 ? flat : picture, sizes(tensor), tensor.name);
  }

  /** A value in a blocked form. */
  picture(tensor: Tensor, form: BlockedForm): string {
    const names = this.#of(tensor);
    const known = names.get(form);
    if (known) return known;
    this.rows(tensor);
    const { shape, pixels, last } = pictureOf(tensor, form);
    const name = `${tensor.name}/${form}`;
    names.set(form, name);
    const [batch = 1, channels = 1, ...size] = shape;
    // The channels of a single pixel lie as they are.
    if (pixels === 1) this.#reshape(tensor.name, shape, name);
    else {
      const read = this.reshaped(tensor.name, last ? [batch, ...size, channels] : shape, tensor.shape);
      this.emit('ReorderInput', [read], name, { channels_last: int(last) });
    }
    return name;
  }

  /** Filters `[o, c, h, w]` in blocks: `[o/b, c/b, h, w, b, b]`, and `[o/b, c, h, w, b]` for fewer channels than a block. */
  filters(weight: Tensor): string {
    const name = `${weight.name}/filters`;
    if (!this.#once(name)) return name;
    this.rows(weight);
    const [filters = 1, channels = 1, height = 1, width = 1] = sizes(weight);
    const [taps, b] = [height * width, this.block];
    // Each filter as a channel: then blocks of filters lie innermost.
    const outer = `${name}/outer`;
    const flat = this.reshaped(weight.name, [1, filters, channels, taps]);
    this.emit('ReorderInput', [flat], outer, { channels_last: int(0) });
    let blocks = outer;
    if (channels >= b) {
      const inner = `${name}/inner`;
      const perm = ints([0, 1, 3, 2, 4]);
      const split = this.reshaped(outer, [filters / b, channels / b, b, taps, b]);
      this.records.push(record('Transpose', [split], inner, { perm }));
      blocks = inner;
    }
    this.#reshape(blocks, sizes(weight), name);
    return name;
  }

  /** Filters `[o, c, kh, kw]` of the convolutions that a transposed one by this weight consists of, over its o channels. */
  transposedFilters(weight: Tensor, rows: readonly number[], columns: readonly number[]): string {
    const [filters = 1, channels = 1, height = 1, width = 1] = sizes(weight);
    const [taps, b] = [height * width, this.block];
    const all = `${weight.name}/transposed`;
    if (this.#once(all)) {
      this.rows(weight);
      const flat = this.reshaped(weight.name, [filters, channels, taps, 1]);
      this.emit('ReorderInput', [flat], `${all}/outer`, { channels_last: int(0) });
      const split = this.reshaped(`${all}/outer`, [filters / b, b, channels / b, taps, b]);
      this.records.push(record('Transpose', [split], all, { perm: ints([2, 0, 3, 1, 4]) }));
    }
    const name = `${all}/${rows.join('-')}/${columns.join('-')}`;
    if (this.#once(name)) {
      const chosen = ints(rows.flatMap((row) => columns.map((column) => row * width + column)));
      this.records.push(record('Constant', [], `${name}/taps`, { value_ints: chosen }));
      this.records.push(record('Gather', [all, `${name}/taps`], `${name}/chosen`, { axis: int(2) }));
      this.#reshape(`${name}/chosen`, [channels, filters, rows.length, columns.length], name);
    }
    return name;
  }

  /** Lines of equally large pictures in turns: the first of each, then the second of each.
   *  @param width numbers in a line. */
  interleaved(pictures: readonly string[], lines: number, width: number, name: string): string {
    if (pictures.length === 1) return pictures[0] as string;
    const inputs = pictures.map((picture) => this.reshaped(picture, [lines, width]));
    this.records.push(record('Concat', inputs, name, { axis: int(1) }));
    return name;
  }

  /** A convolution of pictures in blocks by filters in blocks; after these, as the operator takes them, a bias and a sum. */
  convolve(
    inputs: readonly string[],
    output: string,
    { kernel, strides, pads }: Geometry,
    activation?: string,
  ): void {
    this.emit('Conv', inputs, output, {
      kernel_shape: ints(kernel),
      strides: ints(strides),
      pads: ints(pads),
      dilations: ints([1, 1]),
      group: int(1),
      ...(activation ? { activation: text(activation) } : {}),
    });
  }

  emit(op: string, inputs: readonly string[], output: string, attributes: NodeRecord['attributes']): void {
    this.records.push(record(op, inputs, output, attributes, BLOCKED_DOMAIN));
  }

  /** The same bytes under another shape. */
  reshaped(from: string, shape: readonly number[], present: Tensor['shape'] = []): string {
    if (shape.join() === present.join()) return from;
    const output = `${from}/${shape.join('x')}`;
    if (this.#once(output)) this.#reshape(from, shape, output);
    return output;
  }

  /** Whether something of this name is still to be made; then it counts as made. */
  #once(name: string): boolean {
    const isNew = !this.#made.has(name);
    this.#made.add(name);
    return isNew;
  }

  #reshape(from: string, shape: readonly number[], output: string): void {
    const target = `shape/${shape.join('x')}`;
    if (this.#once(target)) this.records.push(record('Constant', [], target, { value_ints: ints(shape) }));
    this.records.push(record('Reshape', [from, target], output));
  }
}

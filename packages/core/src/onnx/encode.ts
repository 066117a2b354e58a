import protobuf from 'protobufjs';
import { BLOCKED_DOMAIN } from './blocked/forms.js';
import { inBlocks } from './blocked/in-blocks.js';
import type { Dim, Shape } from './dims.js';
import { type DType, onnxTypeCode, type TensorData } from './dtype.js';
import type { Attribute, Graph, Node, Tensor } from './graph.js';
import { asIs, type Lowering, type NodeRecord } from './node-record.js';
import { plainLogSoftmax } from './plain-log-softmax.js';
import { plainMatMul } from './plain-mat-mul.js';

/** The part of the ONNX schema that our graphs use; field numbers are those of onnx.proto (IR version 9). */
const schema = `
syntax = "proto3";
package onnx;
message OperatorSetId { string domain = 1; int64 version = 2; }
message Attribute { string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated float floats = 7; repeated int64 ints = 8; Graph g = 6; int32 type = 20; }
message Node { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated Attribute attribute = 5; string domain = 7; }
message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message TensorShape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; TensorShape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; }
message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11; repeated ValueInfo output = 12; }
message Model { int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated OperatorSetId opset_import = 8; }
`;

const IR_VERSION = 9;
/** Operator set 20 brings Gelu and the axes-as-input reductions; every runtime since 1.18 runs it. */
export const OPSET = 20;

const modelType = protobuf.parse(schema, { keepCase: true }).root.lookupType('onnx.Model');

const attributeCode = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

function attributeRecord(name: string, attribute: Attribute): object {
  const type = attributeCode[attribute.type];
  switch (attribute.type) {
    case 'int':
      return { name, type, i: attribute.value };
    case 'float':
      return { name, type, f: attribute.value };
    case 'string':
      return { name, type, s: new TextEncoder().encode(attribute.value) };
    case 'ints':
      return { name, type, ints: attribute.value };
  }
}

const bytesOf = (data: TensorData): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const dimension = (dim: Dim): object =>
  typeof dim === 'number'
    ? { dim_value: dim }
    : { dim_param: dim.factor === 1 ? dim.symbol : `${dim.symbol}_x${dim.factor}` };

const valueInfo = (name: string, dtype: DType, shape: Shape) => ({
  name,
  type: { tensor_type: { elem_type: onnxTypeCode[dtype], shape: { dim: shape.map(dimension) } } },
});

/** Only what leads to an output is written: gradients that nobody asked for cost nothing. */
function reachable(graph: Graph): Set<Tensor> {
  const seen = new Set<Tensor>();
  const stack = graph.outputs.map((output) => output.tensor);
  for (let tensor = stack.pop(); tensor; tensor = stack.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    for (const source of tensor.producer?.inputs ?? []) if (source) stack.push(source);
  }
  return seen;
}

export interface EncodeOptions {
  /** Writes products with transposes and a scale inside, and logarithms of softmaxes, as the operators that they are made of, for
   *  providers without a kernel for them. False by default. */
  readonly plainOperators?: boolean;
  /** Channels that the CPU's convolutions keep together: products and convolutions by computed matrices are then
   *  written in that layout. Absent: as they are. */
  readonly channelBlock?: number | null;
}

const nodeRecord = (node: NodeRecord) => ({
  op_type: node.op,
  domain: node.domain,
  input: node.inputs,
  output: node.outputs,
  attribute: Object.entries(node.attributes).map(([name, value]) => attributeRecord(name, value)),
});

/** The nodes with those that only make an output at the end, the latest first. The runtime works its way back from such
 *  nodes, the last one first: in a training graph each weight's gradient is then computed as soon as backpropagation
 *  has come by, while what it needs is in the cache. In the order in which they were added all of them would wait for the
 *  end, and keep what they need in memory until then. */
function scheduled(nodes: readonly Node[]): Node[] {
  const read = new Set(nodes.flatMap((node) => node.inputs));
  const isLeaf = (node: Node) => !node.outputs.some((tensor) => read.has(tensor));
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
}

const plainForms: Readonly<Record<string, Lowering>> = {
  FusedMatMul: plainMatMul,
  LogSoftmax: plainLogSoftmax,
};

/** What the provider's kernels want in place of some nodes. */
function lowered(graph: Graph, nodes: readonly Node[], options: EncodeOptions): NodeRecord[] {
  if (options.channelBlock) return inBlocks(graph, nodes, options.channelBlock);
  return nodes.flatMap((node) => ((options.plainOperators && plainForms[node.op]) || asIs)(node));
}

/** The graph as the bytes of an ONNX model (little-endian host assumed, as ONNX Runtime's own platforms are). */
export const encodeModel = (graph: Graph, options: EncodeOptions = {}): Uint8Array =>
  modelBytes(graphRecord(graph, options));

/** What one run of {@link encodeSteps} carries from step to step, and what each step reads anew. */
export interface StepsOptions extends EncodeOptions {
  /** Inputs of the graph and the outputs that take their place in the next step. */
  readonly carried: readonly { readonly input: string; readonly output: string }[];
}

/** Names in the model of {@link encodeSteps}. */
export const stacked = (input: string): string => `steps/${input}`;
export const initial = (input: string): string => `initial/${input}`;

/** A model that runs the graph several times (ONNX's Scan): what is carried stays where the provider keeps it, and comes out once.
 *  Inputs: `initial/<input>` for all that is carried, and for every other input `steps/<input>`, which has the steps as its first
 *  axis. Outputs: those that are carried, as after the last step. */
export function encodeSteps(graph: Graph, { carried, ...options }: StepsOptions): Uint8Array {
  const find = (name: string) => graph.inputs.find((one) => one.name === name);
  const first = carried.map(({ input }) => find(input)).filter((one) => one !== undefined);
  const others = graph.inputs.filter(({ name }) => !carried.some(({ input }) => input === name));
  const outputs = carried.flatMap(({ output }) => graph.outputs.filter(({ name }) => name === output));
  const body = graphRecord({ ...graph, inputs: [...first, ...others], outputs }, options);
  const inside = body.record.output.map((one) => ({ ...one, name: `body/${one.name}` }));
  const node = body.record.node.map((one) => ({
    ...one,
    output: one.output.map((name) => (outputs.some((out) => out.name === name) ? `body/${name}` : name)),
  }));
  const steps: Dim = { symbol: 'steps', factor: 1 };
  return modelBytes({
    domains: body.domains,
    record: {
      name: graph.name,
      node: [
        {
          op_type: 'Scan',
          domain: '',
          input: [...first.map(({ name }) => initial(name)), ...others.map(({ name }) => stacked(name))],
          output: outputs.map(({ name }) => name),
          attribute: [
            { name: 'num_scan_inputs', type: attributeCode.int, i: others.length },
            { name: 'body', type: attributeCode.graph, g: { ...body.record, node, output: inside } },
          ],
        },
      ],
      initializer: [],
      input: [
        ...first.map(({ name, dtype, shape }) => valueInfo(initial(name), dtype, shape)),
        ...others.map(({ name, dtype, shape }) => valueInfo(stacked(name), dtype, [steps, ...shape])),
      ],
      output: outputs.map(({ name, tensor }) => valueInfo(name, tensor.dtype, tensor.shape)),
    },
  });
}

interface GraphRecord {
  readonly domains: ReadonlySet<string>;
  readonly record: {
    readonly name: string;
    readonly node: readonly {
      readonly op_type: string;
      readonly output: readonly string[];
      readonly [key: string]: unknown;
    }[];
    readonly initializer: readonly object[];
    readonly input: readonly object[];
    readonly output: readonly { readonly name: string }[];
  };
}

function graphRecord(graph: Graph, options: EncodeOptions): GraphRecord {
  const used = reachable(graph);
  const needed = graph.nodes.filter((node) => node.outputs.some((tensor) => used.has(tensor)));
  const nodes = lowered(graph, scheduled(needed), options);
  const domains = new Set(nodes.map(({ domain }) => domain));
  // An output must carry its own name, so it is a copy-free Identity of the value it names.
  const renames = graph.outputs.map(({ name, tensor }) => ({
    op_type: 'Identity',
    input: [tensor.name],
    output: [name],
  }));
  return {
    domains,
    record: {
      name: graph.name,
      node: [...nodes.map(nodeRecord), ...renames],
      initializer: graph.initializers
        .filter(({ tensor }) => used.has(tensor))
        .map(({ tensor, data }) => ({
          name: tensor.name,
          dims: tensor.shape,
          data_type: onnxTypeCode[tensor.dtype],
          raw_data: bytesOf(data),
        })),
      input: graph.inputs.map((tensor) => valueInfo(tensor.name, tensor.dtype, tensor.shape)),
      output: graph.outputs.map(({ name, tensor }) => valueInfo(name, tensor.dtype, tensor.shape)),
    },
  };
}

function modelBytes({ domains, record }: GraphRecord): Uint8Array {
  const model = {
    ir_version: IR_VERSION,
    producer_name: 'freestyle',
    opset_import: [
      { domain: '', version: OPSET },
      { domain: 'com.microsoft', version: 1 },
      ...(domains.has(BLOCKED_DOMAIN) ? [{ domain: BLOCKED_DOMAIN, version: 1 }] : []),
    ],
    graph: record,
  };
  return modelType.encode(model as { [key: string]: unknown }).finish();
}

import type { Attribute, Node } from './graph.js';

/** A node as it is written: values by name. */
export interface NodeRecord {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** How a node of the graph is written: as one node or as several that compute the same. */
export type Lowering = (node: Node) => NodeRecord[];

/** A node of ONNX's own operator set with one output. */
export const record = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: NodeRecord['attributes'] = {},
  domain = '',
): NodeRecord => ({ op, domain, inputs, outputs: [output], attributes });

/** The node as it stands in the graph. */
export const asIs: Lowering = (node) => [
  {
    op: node.op,
    domain: node.domain,
    inputs: node.inputs.map((tensor) => tensor?.name ?? ''),
    outputs: node.outputs.map((tensor) => tensor.name),
    attributes: node.attributes,
  },
];

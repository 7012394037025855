/** An ONNX model's structure: its nodes, its shapes, and where each weight lies. */
import type { Range } from './byte-source';

/** Where a tensor's elements lie. */
export type Payload =
  /** Little-endian elements inside the ONNX file itself. */
  | { readonly kind: 'inline'; readonly range: Range }
  /** Little-endian elements in another file; `length` may be left to the shape. */
  | {
      readonly kind: 'external';
      readonly location: string;
      readonly offset: number;
      readonly length?: number;
    }
  /** One float that a Constant node's attribute holds. */
  | { readonly kind: 'number'; readonly value: number }
  /** Typed protobuf fields: usable only by copying the TensorProto. */
  | { readonly kind: 'typed' };

export interface TensorInfo {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly payload: Payload;
  /** The whole TensorProto. */
  readonly range: Range;
}

export interface AttributeInfo {
  readonly name: string;
  readonly i?: bigint;
  readonly f?: number;
  readonly s?: string;
  readonly ints: readonly bigint[];
  readonly tensors: readonly TensorInfo[];
  readonly subgraphs: readonly Graph[];
}

export interface NodeInfo {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeInfo>;
  /** The whole NodeProto, to be copied as it is. */
  readonly range: Range;
}

export interface ValueInfo {
  readonly name: string;
  readonly elemType: number;
  /** A number where fixed, a name where symbolic, '' where unknown. */
  readonly dims: readonly (number | string)[];
  readonly range: Range;
}

/** A local function: what a node of its domain and name stands for. */
export interface FunctionInfo {
  readonly name: string;
  readonly domain: string;
  readonly nodes: readonly NodeInfo[];
  /** Of the function itself: defaults for what a call does not give. */
  readonly attributes: readonly AttributeInfo[];
  /** The whole FunctionProto, to be copied as it is. */
  readonly range: Range;
}

/** A model's graph, or one that a node holds. */
export interface Graph {
  readonly nodes: readonly NodeInfo[];
  readonly initializers: ReadonlyMap<string, TensorInfo>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface OnnxModel extends Graph {
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
  readonly functions: readonly FunctionInfo[];
  /** Tensors with external data inside nodes, subgraphs and functions, which are copied as they are. */
  readonly nestedExternal: readonly TensorInfo[];
  /** A merged decoder is its graph with past; this is its other one, for a call without past. */
  readonly firstCall?: OnnxModel;
}

/** The graphs that a node holds. */
export function subgraphs({ attributes }: NodeInfo): Graph[] {
  return [...attributes.values()].flatMap((attribute) => attribute.subgraphs);
}

/** Names that the node's subgraphs read; some of them are their own. */
export function outerNames(node: NodeInfo): string[] {
  return subgraphs(node).flatMap(({ nodes, outputs }) => [
    ...nodes.flatMap((inner) => [...inner.inputs, ...outerNames(inner)]),
    ...outputs.map(({ name }) => name),
  ]);
}

/** Tensors with external data in attributes and the graphs that they hold. */
export function nestedExternal(attributes: readonly AttributeInfo[]): TensorInfo[] {
  const tensors = attributes.flatMap((attribute) => [
    ...attribute.tensors,
    ...attribute.subgraphs.flatMap((graph) => [
      ...graph.initializers.values(),
      ...nestedExternal(attributesOf(graph.nodes)),
    ]),
  ]);
  return tensors.filter(({ payload }) => payload.kind === 'external');
}

export function attributesOf(nodes: readonly NodeInfo[]): AttributeInfo[] {
  return nodes.flatMap(({ attributes }) => [...attributes.values()]);
}

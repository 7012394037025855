/** An ONNX model's structure: its nodes, its shapes, and where each weight lies. */
import type { Range } from './wire';

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
  readonly t?: TensorInfo;
  /** Names that a subgraph may take from the graph around it. */
  readonly outerNames: readonly string[];
  readonly subgraphNodes: readonly NodeInfo[];
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
  /** The whole FunctionProto, to be copied as it is. */
  readonly range: Range;
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly NodeInfo[];
  readonly initializers: ReadonlyMap<string, TensorInfo>;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly functions: readonly FunctionInfo[];
  /** Tensors with external data inside nodes, subgraphs and functions, which are copied as they are. */
  readonly nestedExternal: readonly TensorInfo[];
}

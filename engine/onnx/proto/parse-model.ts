/**
 * Reads an ONNX file's structure (nodes, shapes, where each weight lies) and no weight: a 2 GB file
 * costs about 1 MB of reading. Field numbers are those of onnx.proto.
 */
import { badInput } from '../../protocol';
import type { ByteSource, Range } from './byte-source';
import { branchGraphs } from './merged-decoder';
import {
  type AttributeInfo,
  attributesOf,
  type FunctionInfo,
  type Graph,
  type NodeInfo,
  nestedExternal,
  type OnnxModel,
  type TensorInfo,
  type ValueInfo,
} from './model-types';
import { readTensor } from './parse-tensor';
import { append, ProtoReader } from './proto-reader';
import { checkExpansion, checkWidths, topologicalOrder } from './validate-graph';
import { MAX_TEXT_LENGTH, WireReader } from './wire-reader';

/** Control flow in real exports nests two deep. */
const MAX_SUBGRAPH_DEPTH = 8;

/** @throws EngineError `malformed-onnx` for anything that is not a whole ONNX model. */
export function readOnnxModel(source: ByteSource): OnnxModel {
  const { graph, ...rest } = new OnnxReader(new ProtoReader(new WireReader(source))).model();
  checkExpansion(graph.nodes, rest.functions);
  for (const { nodes } of [graph, ...rest.functions]) checkWidths(nodes);
  const ofFunctions = rest.functions.flatMap(({ nodes, attributes }) => [
    ...attributes,
    ...attributesOf(nodes),
  ]);
  const modelOf = (found: Graph): OnnxModel => ({
    ...rest,
    ...found,
    nodes: topologicalOrder(found),
    nestedExternal: nestedExternal([...attributesOf(found.nodes), ...ofFunctions]),
  });
  const branches = branchGraphs(graph);
  return branches
    ? { ...modelOf(branches.withPast), firstCall: modelOf(branches.firstCall) }
    : modelOf(graph);
}

class OnnxReader {
  constructor(private readonly proto: ProtoReader) {}

  model(): Pick<OnnxModel, 'irVersion' | 'opsets' | 'functions'> & { readonly graph: Graph } {
    let irVersion = 0;
    let graph: Range | undefined;
    const opsets = new Map<string, number>();
    const functions: FunctionInfo[] = [];
    for (const field of this.proto.fields(this.proto.whole)) {
      if (field.number === 1) irVersion = this.proto.int(field);
      else if (field.number === 7) {
        // Protobuf would merge the two; a reader that takes one of them would see another model.
        if (graph) throw badInput('malformed-onnx', 'the model has two graphs');
        graph = this.proto.range(field);
      } else if (field.number === 8) {
        const { domain, version } = this.opset(this.proto.range(field));
        opsets.set(domain, version);
      } else if (field.number === 25) functions.push(this.function(this.proto.range(field)));
    }
    if (!graph || opsets.size === 0) {
      throw badInput('malformed-onnx', 'not an ONNX model: it has no graph or no operator set');
    }
    return { irVersion, opsets, functions, graph: this.graph(graph, 0) };
  }

  private graph(range: Range, depth: number): Graph {
    if (depth > MAX_SUBGRAPH_DEPTH) throw badInput('malformed-onnx', 'subgraphs are nested too deep');
    const nodes: NodeInfo[] = [];
    const initializers = new Map<string, TensorInfo>();
    const inputs: ValueInfo[] = [];
    const outputs: ValueInfo[] = [];
    for (const field of this.proto.fields(range)) {
      if (field.number === 1) nodes.push(this.node(this.proto.range(field), depth));
      else if (field.number === 5) {
        const tensor = readTensor(this.proto, this.proto.range(field));
        if (initializers.has(tensor.name)) {
          throw badInput('malformed-onnx', `two tensors are named "${tensor.name}"`);
        }
        initializers.set(tensor.name, tensor);
      } else if (field.number === 11) inputs.push(this.valueInfo(this.proto.range(field)));
      else if (field.number === 12) outputs.push(this.valueInfo(this.proto.range(field)));
      else if (field.number === 15) throw sparse();
    }
    return { nodes, initializers, inputs, outputs };
  }

  /** A function's nodes are copied as they are; what they hold is checked like any other's. */
  private function(range: Range): FunctionInfo {
    const nodes: NodeInfo[] = [];
    const attributes: AttributeInfo[] = [];
    let name = '';
    let domain = '';
    for (const field of this.proto.fields(range)) {
      if (field.number === 1) name = this.proto.text(field);
      else if (field.number === 7) nodes.push(this.node(this.proto.range(field), 0));
      else if (field.number === 10) domain = this.proto.text(field);
      else if (field.number === 11) attributes.push(this.attribute(this.proto.range(field), 0));
    }
    return { name, domain: domain === 'ai.onnx' ? '' : domain, nodes, attributes, range };
  }

  private node(range: Range, depth: number): NodeInfo {
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes = new Map<string, AttributeInfo>();
    let name = '';
    let opType = '';
    let domain = '';
    for (const field of this.proto.fields(range)) {
      if (field.number === 1) inputs.push(this.proto.text(field));
      else if (field.number === 2) outputs.push(this.proto.text(field));
      else if (field.number === 3) name = this.proto.text(field);
      else if (field.number === 4) opType = this.proto.text(field);
      else if (field.number === 7) domain = this.proto.text(field);
      else if (field.number === 5) {
        const attribute = this.attribute(this.proto.range(field), depth);
        if (attributes.has(attribute.name)) {
          throw badInput('malformed-onnx', `two attributes of a node are named "${attribute.name}"`);
        }
        attributes.set(attribute.name, attribute);
      }
    }
    return { name, opType, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes, range };
  }

  private attribute(range: Range, depth: number): AttributeInfo {
    const found: { name: string; i?: bigint; f?: number; s?: string } = { name: '' };
    const ints: bigint[] = [];
    const tensors: TensorInfo[] = [];
    const subgraphs: Graph[] = [];
    for (const field of this.proto.fields(range)) {
      if (field.number === 1) found.name = this.proto.text(field);
      else if (field.number === 2) found.f = this.proto.float(field);
      else if (field.number === 3) found.i = this.proto.bigint(field);
      // Some operators keep whole programs in a string attribute, which is not needed here.
      else if (field.number === 4) {
        const { start, end } = this.proto.range(field);
        found.s = end - start > MAX_TEXT_LENGTH ? '' : this.proto.text(field);
      } else if (field.number === 5 || field.number === 10)
        tensors.push(readTensor(this.proto, this.proto.range(field)));
      else if (field.number === 6 || field.number === 11)
        subgraphs.push(this.graph(this.proto.range(field), depth + 1));
      else if (field.number === 8) append(ints, this.proto.repeatedInts(field));
      else if (field.number === 22 || field.number === 23) throw sparse();
    }
    return { ...found, ints, tensors, subgraphs };
  }

  private valueInfo(range: Range): ValueInfo {
    let name = '';
    let elemType = 0;
    let dims: (number | string)[] = [];
    for (const field of this.proto.fields(range)) {
      if (field.number === 1) name = this.proto.text(field);
      else if (field.number === 2) {
        for (const type of this.proto.fields(this.proto.range(field))) {
          if (type.number !== 1) continue;
          for (const part of this.proto.fields(this.proto.range(type))) {
            if (part.number === 1) elemType = this.proto.int(part);
            else if (part.number === 2) dims = this.shape(this.proto.range(part));
          }
        }
      }
    }
    return { name, elemType, dims, range };
  }

  private shape(range: Range): (number | string)[] {
    const dims: (number | string)[] = [];
    for (const field of this.proto.fields(range)) {
      let dim: number | string = '';
      for (const part of this.proto.fields(this.proto.range(field))) {
        if (part.number === 1) dim = this.proto.int(part);
        else if (part.number === 2) dim = this.proto.text(part);
      }
      dims.push(dim);
    }
    return dims;
  }

  private opset(range: Range): { domain: string; version: number } {
    let domain = '';
    let version = 0;
    for (const field of this.proto.fields(range)) {
      if (field.number === 1) domain = this.proto.text(field);
      else if (field.number === 2) version = this.proto.int(field);
    }
    return { domain: domain === 'ai.onnx' ? '' : domain, version };
  }
}

function sparse() {
  return badInput('sparse-tensor', 'the model has sparse tensors, which are not supported');
}

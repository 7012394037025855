/**
 * Reads an ONNX file's structure (nodes, shapes, where each weight lies) and no weight: a 2 GB file
 * costs about 1 MB of reading. Field numbers are those of onnx.proto.
 */
import { badInput } from '../protocol';
import { DataType } from './data-type';
import { checkExpansion, inOrder } from './graph-checks';
import type {
  AttributeInfo,
  FunctionInfo,
  NodeInfo,
  OnnxModel,
  Payload,
  TensorInfo,
  ValueInfo,
} from './structure';
import { type ByteSource, type Field, LONGEST_TEXT, type Range, WireReader } from './wire';

/** Control flow in real exports nests two deep. */
const DEEPEST_SUBGRAPH = 8;
/** Far above any export's; a shape stays short enough to be named in a message. */
const HIGHEST_RANK = 16;
const EXTERNAL = 1n;
const PACKED_FLOATS = 4;
const INT32_DATA = 5;

/** @throws EngineError `malformed-onnx` for anything that is not a whole ONNX model. */
export function readOnnxModel(source: ByteSource): OnnxModel {
  return new OnnxReader(new WireReader(source)).model();
}

/** The int32_data of a TensorProto, where float16 and small integer elements may be kept. */
export function readInt32Data(bytes: Uint8Array): number[] {
  const wire = new WireReader({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
  const values: number[] = [];
  for (const field of wire.fields(wire.whole)) {
    if (field.number !== INT32_DATA) continue;
    if (field.wire === 'bytes')
      for (const value of wire.packedVarints(field.range)) values.push(Number(value));
    else if (field.wire === 'varint') values.push(Number(field.value));
  }
  return values;
}

class OnnxReader {
  private readonly nestedExternal: TensorInfo[] = [];

  constructor(private readonly wire: WireReader) {}

  model(): OnnxModel {
    let irVersion = 0;
    let graph: Range | undefined;
    const opsets = new Map<string, number>();
    const functions: FunctionInfo[] = [];
    for (const field of this.wire.fields(this.wire.whole)) {
      if (field.number === 1) irVersion = this.int(field);
      else if (field.number === 7) {
        // Protobuf would merge the two; a reader that takes one of them would see another model.
        if (graph) throw badInput('malformed-onnx', 'the model has two graphs');
        graph = this.range(field);
      } else if (field.number === 8) {
        const { domain, version } = this.opset(this.range(field));
        opsets.set(domain, version);
      } else if (field.number === 25) functions.push(this.function(this.range(field)));
    }
    if (!graph || opsets.size === 0) {
      throw badInput('malformed-onnx', 'not an ONNX model: it has no graph or no operator set');
    }
    const parts = { functions, ...this.graph(graph) };
    const read = { irVersion, opsets, ...parts, nodes: inOrder(parts) };
    checkExpansion(read);
    return { ...read, nestedExternal: this.nestedExternal };
  }

  private graph(range: Range) {
    const nodes: NodeInfo[] = [];
    const initializers = new Map<string, TensorInfo>();
    const inputs: ValueInfo[] = [];
    const outputs: ValueInfo[] = [];
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) nodes.push(this.node(this.range(field), 0));
      else if (field.number === 5) {
        const tensor = this.tensor(this.range(field));
        if (initializers.has(tensor.name)) {
          throw badInput('malformed-onnx', `two tensors are named "${tensor.name}"`);
        }
        initializers.set(tensor.name, tensor);
      } else if (field.number === 11) inputs.push(this.valueInfo(this.range(field)));
      else if (field.number === 12) outputs.push(this.valueInfo(this.range(field)));
      else if (field.number === 15) {
        throw sparse();
      }
    }
    return { nodes, initializers, inputs, outputs };
  }

  /** A function's nodes are copied as they are; what they hold is checked like any other's. */
  private function(range: Range): FunctionInfo {
    const nodes: NodeInfo[] = [];
    let name = '';
    let domain = '';
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) name = this.text(field);
      else if (field.number === 7) nodes.push(this.node(this.range(field), 0));
      else if (field.number === 10) domain = this.text(field);
      else if (field.number === 11) this.attribute(this.range(field), 0);
    }
    return { name, domain: domain === 'ai.onnx' ? '' : domain, nodes, range };
  }

  private node(range: Range, depth: number): NodeInfo {
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes = new Map<string, AttributeInfo>();
    let name = '';
    let opType = '';
    let domain = '';
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) inputs.push(this.text(field));
      else if (field.number === 2) outputs.push(this.text(field));
      else if (field.number === 3) name = this.text(field);
      else if (field.number === 4) opType = this.text(field);
      else if (field.number === 7) domain = this.text(field);
      else if (field.number === 5) {
        const attribute = this.attribute(this.range(field), depth);
        attributes.set(attribute.name, attribute);
      }
    }
    return { name, opType, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, attributes, range };
  }

  private attribute(range: Range, depth: number): AttributeInfo {
    const found: { name: string; i?: bigint; f?: number; s?: string; t?: TensorInfo } = { name: '' };
    const ints: bigint[] = [];
    const outerNames: string[] = [];
    const subgraphNodes: NodeInfo[] = [];
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) found.name = this.text(field);
      else if (field.number === 2) found.f = this.float(field);
      else if (field.number === 3) found.i = this.bigint(field);
      // Some operators keep whole programs in a text; nothing here reads those.
      else if (field.number === 4) found.s = size(this.range(field)) > LONGEST_TEXT ? '' : this.text(field);
      else if (field.number === 5) found.t = this.nestedTensor(field);
      else if (field.number === 6 || field.number === 11) {
        const subgraph = this.subgraph(this.range(field), depth + 1);
        append(outerNames, subgraph.names);
        append(subgraphNodes, subgraph.nodes);
      } else if (field.number === 8) append(ints, this.repeatedInts(field));
      else if (field.number === 10) this.nestedTensor(field);
      else if (field.number === 22 || field.number === 23) throw sparse();
    }
    return { ...found, ints, outerNames, subgraphNodes };
  }

  /** Every name that the nodes and outputs of a subgraph read; some of them are its own. */
  private subgraph(range: Range, depth: number): { names: string[]; nodes: NodeInfo[] } {
    if (depth > DEEPEST_SUBGRAPH) throw badInput('malformed-onnx', 'subgraphs are nested too deep');
    const names: string[] = [];
    const nodes: NodeInfo[] = [];
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) {
        const node = this.node(this.range(field), depth);
        nodes.push(node);
        append(names, node.inputs);
        for (const attribute of node.attributes.values()) append(names, attribute.outerNames);
      } else if (field.number === 5) this.nestedTensor(field);
      else if (field.number === 12) names.push(this.valueInfo(this.range(field)).name);
      else if (field.number === 15) throw sparse();
    }
    return { names, nodes };
  }

  /** A tensor that views copy within its node, external data and all. */
  private nestedTensor(field: Field): TensorInfo {
    const tensor = this.tensor(this.range(field));
    if (tensor.payload.kind === 'external') this.nestedExternal.push(tensor);
    return tensor;
  }

  private tensor(range: Range): TensorInfo {
    const dims: number[] = [];
    const external = new Map<string, string>();
    let name = '';
    let dataType = 0;
    let raw: Range | undefined;
    let packedFloats: Range | undefined;
    let isExternal = false;
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) append(dims, this.repeatedInts(field).map(Number));
      else if (field.number === 2) dataType = this.int(field);
      else if (field.number === 8) name = this.text(field);
      else if (field.number === 9) raw = this.range(field);
      else if (field.number === PACKED_FLOATS && field.wire === 'bytes') packedFloats = field.range;
      else if (field.number === 13) {
        const [key, value] = this.stringEntry(this.range(field));
        external.set(key, value);
      } else if (field.number === 14) isExternal = this.bigint(field) === EXTERNAL;
    }
    // Even beside a 0 the other dims must have a product.
    const elements = dims.reduce((product, dim) => product * (dim || 1), 1);
    if (dims.length > HIGHEST_RANK || dims.some((dim) => dim < 0) || !Number.isSafeInteger(elements)) {
      const shape = dims.slice(0, HIGHEST_RANK).join(', ');
      throw badInput('malformed-onnx', `tensor "${name}" has an impossible shape [${shape}]`);
    }
    // Packed float_data has the layout of raw_data.
    const inline = raw ?? (dataType === DataType.FLOAT ? packedFloats : undefined);
    const payload = isExternal ? externalPayload(name, external) : inlinePayload(inline);
    return { name, dims, dataType, payload, range };
  }

  private valueInfo(range: Range): ValueInfo {
    let name = '';
    let elemType = 0;
    let dims: (number | string)[] = [];
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) name = this.text(field);
      else if (field.number === 2) {
        for (const type of this.wire.fields(this.range(field))) {
          if (type.number !== 1) continue;
          for (const part of this.wire.fields(this.range(type))) {
            if (part.number === 1) elemType = this.int(part);
            else if (part.number === 2) dims = this.shape(this.range(part));
          }
        }
      }
    }
    return { name, elemType, dims, range };
  }

  private shape(range: Range): (number | string)[] {
    const dims: (number | string)[] = [];
    for (const field of this.wire.fields(range)) {
      let dim: number | string = '';
      for (const part of this.wire.fields(this.range(field))) {
        if (part.number === 1) dim = this.int(part);
        else if (part.number === 2) dim = this.text(part);
      }
      dims.push(dim);
    }
    return dims;
  }

  private opset(range: Range): { domain: string; version: number } {
    let domain = '';
    let version = 0;
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) domain = this.text(field);
      else if (field.number === 2) version = this.int(field);
    }
    return { domain: domain === 'ai.onnx' ? '' : domain, version };
  }

  private stringEntry(range: Range): [string, string] {
    let key = '';
    let value = '';
    for (const field of this.wire.fields(range)) {
      if (field.number === 1) key = this.text(field);
      else if (field.number === 2) value = this.text(field);
    }
    return [key, value];
  }

  private repeatedInts(field: Field): bigint[] {
    return field.wire === 'bytes' ? [...this.wire.packedVarints(field.range)] : [this.bigint(field)];
  }

  private bigint(field: Field): bigint {
    if (field.wire !== 'varint') throw badInput('malformed-onnx', `field ${field.number} is not a number`);
    return BigInt.asIntN(64, field.value);
  }

  private int(field: Field): number {
    return Number(this.bigint(field));
  }

  private float(field: Field): number {
    if (field.wire !== 'fixed32') throw badInput('malformed-onnx', `field ${field.number} is not a float`);
    const bytes = this.wire.bytes(field.range);
    return new DataView(bytes.buffer).getFloat32(0, true);
  }

  private text(field: Field): string {
    return this.wire.text(this.range(field));
  }

  private range(field: Field): Range {
    if (field.wire !== 'bytes') throw badInput('malformed-onnx', `field ${field.number} is not a message`);
    return field.range;
  }
}

function sparse() {
  return badInput('sparse-tensor', 'the model has sparse tensors, which are not supported');
}

function size({ start, end }: Range): number {
  return end - start;
}

/** As push(...items), which a long list would overflow the stack with. */
function append<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}

function inlinePayload(raw: Range | undefined): Payload {
  return raw ? { kind: 'inline', range: raw } : { kind: 'typed' };
}

function externalPayload(name: string, entries: ReadonlyMap<string, string>): Payload {
  const location = entries.get('location');
  const number = (text: string) => (/^\d+$/.test(text) ? Number(text) : Number.NaN);
  const offset = number(entries.get('offset') ?? '0');
  const length = entries.has('length') ? number(entries.get('length')!) : undefined;
  if (!location || !Number.isSafeInteger(offset) || !Number.isSafeInteger(length ?? 0)) {
    throw badInput('malformed-onnx', `tensor "${name}" names its external data wrongly`);
  }
  return { kind: 'external', location, offset, ...(length === undefined ? {} : { length }) };
}

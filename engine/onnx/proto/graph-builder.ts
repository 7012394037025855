/** Writes ONNX models: nodes of our own, nodes copied from another file, weights that stay where they are. */
import { DataType } from './data-type';
import {
  type AttributeValue,
  type FloatConstant,
  writeAttribute,
  writeSequenceInfo,
  writeTensorHead,
  writeValueInfo,
} from './graph-protos';
import { WireWriter } from './wire-writer';

export const OPSET = 17;
const IR_VERSION = 8;

export const MICROSOFT = 'com.microsoft';
/** With DequantizeLinear in blocks, 4-bit types and onnxruntime's own operators. */
const VIEW_OPSETS = new Map([
  ['', 21],
  [MICROSOFT, 1],
]);
const VIEW_IR_VERSION = 10;

/** A weight that onnxruntime maps from a file: `location` is relative to the session's folder. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export class GraphBuilder {
  private readonly graph = new WireWriter();
  private readonly functions: Uint8Array[] = [];
  private readonly written = new Set<string>();
  private fresh = 0;

  constructor(
    private readonly opsets: ReadonlyMap<string, number> = new Map([['', OPSET]]),
    private readonly irVersion = IR_VERSION,
    /** Of the names that are made here, so that they are no others' of a graph that is copied. */
    private readonly prefix = '',
  ) {
    this.graph.text(2, 'view');
  }

  static forViews(): GraphBuilder {
    return new GraphBuilder(VIEW_OPSETS, VIEW_IR_VERSION);
  }

  /** The version of ONNX's own operators. */
  get opset(): number {
    return this.opsets.get('') ?? 0;
  }

  /** Adds a node with one output and returns the output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output = this.freshName(opType),
    domain = '',
  ): string {
    this.nodes(opType, inputs, [output], attributes, domain);
    return output;
  }

  private nodes(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
  ): void {
    this.graph.message(1, (node) => {
      for (const input of inputs) node.text(1, input);
      for (const output of outputs) node.text(2, output);
      node.text(3, outputs[0]!).text(4, opType);
      if (domain) node.text(7, domain);
      for (const [name, value] of Object.entries(attributes)) {
        node.message(5, (attribute) => writeAttribute(attribute, name, value));
      }
    });
  }

  /** As `microsoftNode`, with several outputs. */
  microsoftNodes(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
  ): void {
    this.nodes(opType, inputs, outputs, attributes, MICROSOFT);
  }

  /** Adds a node of the domain com.microsoft. */
  microsoftNode(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
    output = this.freshName(opType),
  ): string {
    return this.node(opType, inputs, attributes, output, MICROSOFT);
  }

  freshName(base: string): string {
    return `${this.prefix}${base}_${this.fresh++}`;
  }

  /** float32 → uint8 with a scale over the whole tensor. */
  dynamicQuantizeLinear(x: string): { codes: string; scale: string; zeroPoint: string } {
    const outputs = {
      codes: this.freshName('codes'),
      scale: this.freshName('scale'),
      zeroPoint: this.freshName('zero'),
    };
    this.nodes('DynamicQuantizeLinear', [x], Object.values(outputs));
    return outputs;
  }

  /** Parts of x of these sizes along an axis; one node each, since WebGPU binds few tensors at once. */
  split(x: string, sizes: readonly number[], axis: number): string[] {
    let end = 0;
    return sizes.map((size) => {
      const start = end;
      end += size;
      return this.node('Slice', [x, this.ints([start]), this.ints([end]), this.ints([axis])]);
    });
  }

  /** The last axis of x in a few parts of these sizes, by one node. */
  columns(x: string, sizes: readonly number[]): string[] {
    const outputs = sizes.map(() => this.freshName('columns'));
    const lengths = this.ints(sizes, [sizes.length], `split_${sizes.join('_')}`);
    this.nodes('Split', [x, lengths], outputs, { axis: { int: -1 } });
    return outputs;
  }

  /** Some constants where `condition` (bool) holds, as many others where it does not. */
  chooseFloats(condition: string, yes: readonly FloatConstant[], no: readonly FloatConstant[]): string[] {
    const outputs = yes.map(() => this.freshName('chosen'));
    const attributes = { then_branch: { constants: yes }, else_branch: { constants: no } };
    this.nodes('If', [condition], outputs, attributes);
    return outputs;
  }

  /** A node of another model, as its bytes. */
  copiedNode(bytes: Uint8Array): void {
    this.graph.bytes(1, bytes);
  }

  copiedFunction(bytes: Uint8Array): void {
    this.functions.push(bytes);
  }

  /** A TensorProto of another model, as its bytes. */
  copiedInitializer(name: string, bytes: Uint8Array): string {
    return this.once(name, () => this.graph.bytes(5, bytes));
  }

  /** Little-endian elements kept in the model itself. */
  initializer(name: string, dataType: number, dims: readonly number[], data: Uint8Array): string {
    return this.once(name, () =>
      this.graph.message(5, (tensor) => writeTensorHead(tensor, name, dataType, dims).bytes(9, data)),
    );
  }

  externalInitializer(name: string, dataType: number, dims: readonly number[], at: ExternalData): string {
    return this.once(name, () =>
      this.graph.message(5, (tensor) => {
        writeTensorHead(tensor, name, dataType, dims);
        for (const [key, value] of Object.entries(at)) {
          tensor.message(13, (entry) => entry.text(1, key).text(2, String(value)));
        }
        tensor.varint(14, 1);
      }),
    );
  }

  floats(
    values: readonly number[] | Float32Array,
    dims: readonly number[],
    name = this.freshName('floats'),
  ): string {
    return this.initializer(name, DataType.FLOAT, dims, new Uint8Array(Float32Array.from(values).buffer));
  }

  ints(
    values: readonly number[],
    dims: readonly number[] = [values.length],
    name = this.freshName('ints'),
  ): string {
    const data = new Uint8Array(BigInt64Array.from(values, (value) => BigInt(value)).buffer);
    return this.initializer(name, DataType.INT64, dims, data);
  }

  bytes(values: Uint8Array, dims: readonly number[]): string {
    return this.initializer(this.freshName('bytes'), DataType.UINT8, dims, values);
  }

  input(name: string, dataType: number, dims: readonly (number | string)[]): string {
    this.graph.message(11, (info) => writeValueInfo(info, name, dataType, dims));
    return name;
  }

  output(name: string, dataType: number, dims: readonly (number | string)[]): string {
    this.graph.message(12, (info) => writeValueInfo(info, name, dataType, dims));
    return name;
  }

  /** An output that is a list of tensors. */
  sequenceOutput(name: string, dataType: number): string {
    this.graph.message(12, (info) => writeSequenceInfo(info, name, dataType));
    return name;
  }

  /** A ValueInfoProto of another model, as its bytes. */
  copiedInput(bytes: Uint8Array): void {
    this.graph.bytes(11, bytes);
  }

  copiedOutput(bytes: Uint8Array): void {
    this.graph.bytes(12, bytes);
  }

  /** The serialised ModelProto. */
  finish(): Uint8Array {
    const model = new WireWriter()
      .varint(1, this.irVersion)
      .text(2, 'slot-studio')
      .bytes(7, this.graph.finish());
    for (const [domain, version] of this.opsets) {
      model.message(8, (opset) => opset.text(1, domain).varint(2, version));
    }
    for (const bytes of this.functions) model.bytes(25, bytes);
    return model.finish();
  }

  private once(name: string, write: () => void): string {
    if (!this.written.has(name)) write();
    this.written.add(name);
    return name;
  }
}

/** Writes ONNX models: nodes of our own, nodes copied from another file, weights that stay where they are. */
import { byteLength, DataType } from './data-type';
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

const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

export type AttributeValue =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

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
  ) {
    this.graph.text(2, 'view');
  }

  static forViews(): GraphBuilder {
    return new GraphBuilder(VIEW_OPSETS, VIEW_IR_VERSION);
  }

  /** Adds a node with one output and returns the output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output = `${opType}_${this.fresh++}`,
    domain = '',
  ): string {
    this.graph.message(1, (node) => {
      for (const input of inputs) node.text(1, input);
      node.text(2, output).text(3, output).text(4, opType);
      if (domain) node.text(7, domain);
      for (const [name, value] of Object.entries(attributes)) {
        node.message(5, (attribute) => writeAttribute(attribute, name, value));
      }
    });
    return output;
  }

  /** Adds a node of the domain com.microsoft. */
  microsoftNode(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
    output = `${opType}_${this.fresh++}`,
  ): string {
    return this.node(opType, inputs, attributes, output, MICROSOFT);
  }

  freshName(base: string): string {
    return `${base}_${this.fresh++}`;
  }

  /** float32 → uint8 with a scale over the whole tensor. */
  dynamicQuantizeLinear(x: string): { codes: string; scale: string; zeroPoint: string } {
    const outputs = {
      codes: this.freshName('codes'),
      scale: this.freshName('scale'),
      zeroPoint: this.freshName('zero'),
    };
    this.graph.message(1, (node) => {
      node.text(1, x);
      for (const output of Object.values(outputs)) node.text(2, output);
      node.text(3, outputs.codes).text(4, 'DynamicQuantizeLinear');
    });
    return outputs;
  }

  /** Parts of x of these sizes along an axis. */
  split(x: string, sizes: readonly number[], axis: number): string[] {
    const parts = sizes.map(() => `Split_${this.fresh++}`);
    const lengths = this.ints(sizes);
    this.graph.message(1, (node) => {
      node.text(1, x).text(1, lengths);
      for (const part of parts) node.text(2, part);
      node.text(3, parts[0]!).text(4, 'Split');
      node.message(5, (attribute) => writeAttribute(attribute, 'axis', { int: axis }));
    });
    return parts;
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
    name = `floats_${this.fresh++}`,
  ): string {
    return this.initializer(name, DataType.FLOAT, dims, new Uint8Array(Float32Array.from(values).buffer));
  }

  ints(
    values: readonly number[],
    dims: readonly number[] = [values.length],
    name = `ints_${this.fresh++}`,
  ): string {
    const data = new Uint8Array(BigInt64Array.from(values, (value) => BigInt(value)).buffer);
    return this.initializer(name, DataType.INT64, dims, data);
  }

  input(name: string, dataType: number, dims: readonly (number | string)[]): string {
    this.graph.message(11, (info) => writeValueInfo(info, name, dataType, dims));
    return name;
  }

  output(name: string, dataType: number, dims: readonly (number | string)[]): string {
    this.graph.message(12, (info) => writeValueInfo(info, name, dataType, dims));
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

function writeAttribute(attribute: WireWriter, name: string, value: AttributeValue): void {
  attribute.text(1, name);
  if ('float' in value) attribute.float(2, value.float).varint(20, ATTRIBUTE_TYPE.float);
  else if ('int' in value) attribute.varint(3, value.int).varint(20, ATTRIBUTE_TYPE.int);
  else if ('string' in value) attribute.text(4, value.string).varint(20, ATTRIBUTE_TYPE.string);
  else {
    for (const int of value.ints) attribute.varint(8, int);
    attribute.varint(20, ATTRIBUTE_TYPE.ints);
  }
}

function writeTensorHead(
  tensor: WireWriter,
  name: string,
  dataType: number,
  dims: readonly number[],
): WireWriter {
  if (byteLength(dataType, dims) === undefined) throw new Error(`tensor ${name} has no fixed element size`);
  for (const dim of dims) tensor.varint(1, dim);
  return tensor.varint(2, dataType).text(8, name);
}

function writeValueInfo(
  info: WireWriter,
  name: string,
  dataType: number,
  dims: readonly (number | string)[],
): void {
  info.text(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.varint(1, dataType).message(2, (shape) => {
        for (const dim of dims) {
          shape.message(1, (d) => (typeof dim === 'number' ? d.varint(1, dim) : d.text(2, dim)));
        }
      }),
    ),
  );
}

/** The messages that a GraphProto is made of, written. */
import { byteLength, DataType } from './data-type';
import type { WireWriter } from './wire-writer';

const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 } as const;

export interface FloatConstant {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export type AttributeValue =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string }
  /** A graph of constants alone. */
  | { readonly constants: readonly FloatConstant[] };

export function writeAttribute(attribute: WireWriter, name: string, value: AttributeValue): void {
  attribute.text(1, name);
  if ('float' in value) attribute.float(2, value.float).varint(20, ATTRIBUTE_TYPE.float);
  else if ('int' in value) attribute.varint(3, value.int).varint(20, ATTRIBUTE_TYPE.int);
  else if ('string' in value) attribute.text(4, value.string).varint(20, ATTRIBUTE_TYPE.string);
  else if ('constants' in value) {
    attribute.message(6, (graph) => writeConstants(graph, name, value.constants));
    attribute.varint(20, ATTRIBUTE_TYPE.graph);
  } else {
    for (const int of value.ints) attribute.varint(8, int);
    attribute.varint(20, ATTRIBUTE_TYPE.ints);
  }
}

function writeConstants(graph: WireWriter, name: string, constants: readonly FloatConstant[]): void {
  const nameOf = (i: number) => `${name}_${i}`;
  constants.forEach(({ dims, data }, i) => {
    graph.message(1, (node) =>
      node
        .text(2, nameOf(i))
        .text(4, 'Constant')
        .message(5, (attribute) =>
          attribute
            .text(1, 'value')
            .message(5, (tensor) =>
              writeTensorHead(tensor, nameOf(i), DataType.FLOAT, dims).bytes(9, bytesOf(data)),
            )
            .varint(20, ATTRIBUTE_TYPE.tensor),
        ),
    );
  });
  graph.text(2, name);
  constants.forEach(({ dims }, i) => {
    graph.message(12, (info) => writeValueInfo(info, nameOf(i), DataType.FLOAT, dims));
  });
}

function bytesOf({ buffer, byteOffset, byteLength: length }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** Its name, type and shape. */
export function writeTensorHead(
  tensor: WireWriter,
  name: string,
  dataType: number,
  dims: readonly number[],
): WireWriter {
  if (byteLength(dataType, dims) === undefined) throw new Error(`tensor ${name} has no fixed element size`);
  for (const dim of dims) tensor.varint(1, dim);
  return tensor.varint(2, dataType).text(8, name);
}

export function writeValueInfo(
  info: WireWriter,
  name: string,
  dataType: number,
  dims: readonly (number | string)[],
): void {
  info.text(1, name).message(2, (type) =>
    writeTensorType(type, dataType, (tensor) => {
      tensor.message(2, (shape) => {
        for (const dim of dims) {
          shape.message(1, (d) => (typeof dim === 'number' ? d.varint(1, dim) : d.text(2, dim)));
        }
      });
    }),
  );
}

/** Of tensors of any shape. */
export function writeSequenceInfo(info: WireWriter, name: string, dataType: number): void {
  info
    .text(1, name)
    .message(2, (type) =>
      type.message(4, (sequence) => sequence.message(1, (element) => writeTensorType(element, dataType))),
    );
}

function writeTensorType(type: WireWriter, dataType: number, shape?: (tensor: WireWriter) => void): void {
  type.message(1, (tensor) => {
    tensor.varint(1, dataType);
    shape?.(tensor);
  });
}

/** A TensorProto: its shape and where its elements lie, which are not read. */
import { badInput } from '../../protocol';
import type { Range } from './byte-source';
import { DataType } from './data-type';
import type { Payload, TensorInfo } from './model-types';
import { append, type ProtoReader } from './proto-reader';
import { WireReader } from './wire-reader';

/** Far above any export's; a shape stays short enough to be named in a message. */
const HIGHEST_RANK = 16;
const EXTERNAL = 1n;
const PACKED_FLOATS = 4;
const INT32_DATA = 5;

/** @throws EngineError `malformed-onnx` for a shape or an external_data entry that cannot be */
export function readTensor(proto: ProtoReader, range: Range): TensorInfo {
  const dims: number[] = [];
  const external = new Map<string, string>();
  let name = '';
  let dataType = 0;
  let raw: Range | undefined;
  let packedFloats: Range | undefined;
  let isExternal = false;
  for (const field of proto.fields(range)) {
    if (field.number === 1) append(dims, proto.repeatedInts(field).map(Number));
    else if (field.number === 2) dataType = proto.int(field);
    else if (field.number === 8) name = proto.text(field);
    else if (field.number === 9) raw = proto.range(field);
    else if (field.number === PACKED_FLOATS && field.wire === 'bytes') packedFloats = field.range;
    else if (field.number === 13) {
      const [key, value] = stringEntry(proto, proto.range(field));
      external.set(key, value);
    } else if (field.number === 14) isExternal = proto.bigint(field) === EXTERNAL;
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

function stringEntry(proto: ProtoReader, range: Range): [string, string] {
  let key = '';
  let value = '';
  for (const field of proto.fields(range)) {
    if (field.number === 1) key = proto.text(field);
    else if (field.number === 2) value = proto.text(field);
  }
  return [key, value];
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

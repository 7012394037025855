/** Typed access to protobuf fields, refusing those of another wire type than the message's definition gives. */
import { badInput } from '../../protocol';
import type { Range } from './byte-source';
import type { Field, WireReader } from './wire-reader';

export class ProtoReader {
  constructor(private readonly wire: WireReader) {}

  get whole(): Range {
    return this.wire.whole;
  }

  fields(range: Range): Generator<Field> {
    return this.wire.fields(range);
  }

  bigint(field: Field): bigint {
    if (field.wire !== 'varint') throw badInput('malformed-onnx', `field ${field.number} is not a number`);
    return BigInt.asIntN(64, field.value);
  }

  int(field: Field): number {
    return Number(this.bigint(field));
  }

  repeatedInts(field: Field): bigint[] {
    return field.wire === 'bytes' ? [...this.wire.packedVarints(field.range)] : [this.bigint(field)];
  }

  float(field: Field): number {
    if (field.wire !== 'fixed32') throw badInput('malformed-onnx', `field ${field.number} is not a float`);
    const bytes = this.wire.bytes(field.range);
    return new DataView(bytes.buffer).getFloat32(0, true);
  }

  text(field: Field): string {
    return this.wire.text(this.range(field));
  }

  range(field: Field): Range {
    if (field.wire !== 'bytes') throw badInput('malformed-onnx', `field ${field.number} is not a message`);
    return field.range;
  }
}

/** As push(...items), which a long list would overflow the stack with. */
export function append<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}

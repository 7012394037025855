/** ONNX files changed by someone who knows protobuf: one field at a time, with the lengths around it made right or not. */
import { mutateBytes } from './mutate-bytes';
import type { Random } from './random';

type Schema = Readonly<Record<number, () => Schema>>;

/** The nested messages of onnx.proto, by field number. */
const NONE: Schema = {};
const TYPE: Schema = { 1: () => ({ 2: () => ({ 1: () => NONE }) }) };
const VALUE_INFO: Schema = { 2: () => TYPE };
const TENSOR: Schema = { 13: () => NONE };
const ATTRIBUTE: Schema = { 5: () => TENSOR, 6: () => GRAPH, 10: () => TENSOR, 11: () => GRAPH };
const NODE: Schema = { 5: () => ATTRIBUTE };
const GRAPH: Schema = {
  1: () => NODE,
  5: () => TENSOR,
  11: () => VALUE_INFO,
  12: () => VALUE_INFO,
  13: () => VALUE_INFO,
};
const MODEL: Schema = { 7: () => GRAPH, 8: () => NONE, 25: () => ({ 7: () => NODE }) };

interface ProtoField {
  readonly parent: ProtoField | undefined;
  readonly number: number;
  readonly wire: number;
  /** Of the whole field, its key included, and of its payload. */
  readonly start: number;
  readonly payload: number;
  readonly end: number;
  readonly isMessage: boolean;
}

export class OnnxMutator {
  private readonly fields: ProtoField[] = [];
  /** Names, types and numbers outside of weights: what a reader decides by. */
  private readonly small: ProtoField[];

  constructor(private readonly bytes: Uint8Array) {
    this.parse(0, bytes.length, MODEL, undefined);
    this.small = this.fields.filter(({ isMessage, start, end }) => !isMessage && end - start < 100);
  }

  mutant(random: Random): Uint8Array {
    const once = random.chance(0.1) ? mutateBytes(this.bytes, random) : this.changeField(random);
    if (!random.chance(0.25)) return once;
    try {
      return new OnnxMutator(once).changeField(random);
    } catch {
      return once;
    }
  }

  private changeField(random: Random): Uint8Array {
    const field = random.pick(random.chance(0.6) ? this.small : this.fields);
    return this.replace(field, this.changed(field, random), random.chance(0.9));
  }

  private changed(field: ProtoField, random: Random): Uint8Array {
    const { number, wire, start, payload, end } = field;
    const whole = this.bytes.subarray(start, end);
    const content = this.bytes.subarray(payload, end);
    switch (random.below(9)) {
      case 0:
        return new Uint8Array(0);
      case 1:
        return repeat(whole, random.pick([2, 3, 50]));
      case 2: {
        const other = random.pick(this.fields);
        return this.bytes.subarray(other.start, other.end);
      }
      case 3: {
        // The content of another field of the same kind, under this one's number.
        const other = random.pick(this.fields.filter((each) => each.wire === wire));
        return this.fieldOf(number, wire, this.bytes.subarray(other.payload, other.end));
      }
      case 4:
        return this.fieldOf(random.pick([number + 1, random.below(30), 2 ** 28]), wire, content);
      case 5:
        return Buffer.concat([key(number, random.below(8)), content]);
      case 6:
        return Buffer.concat([key(number, 2), varint(random.pick(LENGTHS)), content]);
      default:
        if (wire === 0) return Buffer.concat([key(number, 0), varint(random.pick(NUMBERS))]);
        return this.fieldOf(number, wire, wire === 2 ? changedText(content, random) : reversed(content));
    }
  }

  private fieldOf(number: number, wire: number, content: Uint8Array): Uint8Array {
    const length = wire === 2 ? varint(BigInt(content.length)) : new Uint8Array(0);
    return Buffer.concat([key(number, wire), length, content]);
  }

  /** @param honest whether the lengths of the messages around it are made to fit */
  private replace(field: ProtoField, by: Uint8Array, honest: boolean): Uint8Array {
    const { parent, start, end } = field;
    if (!parent || !honest) {
      return Buffer.concat([this.bytes.subarray(0, start), by, this.bytes.subarray(end)]);
    }
    const content = [this.bytes.subarray(parent.payload, start), by, this.bytes.subarray(end, parent.end)];
    return this.replace(parent, this.fieldOf(parent.number, 2, Buffer.concat(content)), true);
  }

  private parse(from: number, to: number, schema: Schema, parent: ProtoField | undefined): void {
    for (let at = from; at < to; ) {
      const { value: tag, next } = this.varint(at);
      const number = Number(tag >> 3n);
      const wire = Number(tag & 7n);
      let payload = next;
      let end = next + (wire === 1 ? 8 : 4);
      if (wire === 0) end = this.varint(next).next;
      else if (wire === 2) {
        const length = this.varint(next);
        payload = length.next;
        end = payload + Number(length.value);
      }
      if (end > to || wire > 5) throw new Error('not protobuf');
      const inner = wire === 2 ? schema[number] : undefined;
      const field = { parent, number, wire, start: at, payload, end, isMessage: inner !== undefined };
      this.fields.push(field);
      if (inner) this.parse(payload, end, inner(), field);
      at = end;
    }
  }

  private varint(at: number): { value: bigint; next: number } {
    let value = 0n;
    for (let i = 0; i < 10; i++) {
      const byte = this.bytes[at + i] ?? 0;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return { value, next: at + i + 1 };
    }
    throw new Error('not protobuf');
  }
}

const LENGTHS = [0n, 1n, 127n, 2n ** 31n, 2n ** 53n, 2n ** 64n - 1n];
const NUMBERS = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 10n, 16n, 22n, 127n, 1000n, 65_536n],
  ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 40n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
];
const TEXTS = [
  ...['', 'logits', 'input_ids', 'present.0.key', 'past_key_values.0.key', 'location', 'offset', 'length'],
  ...['-1', '0', '1', 'NaN', '4294967296', '99999999999999999999', '1e3', '../secret', '/etc/passwd', 'a\0b'],
  ...[
    'Identity',
    'Cast',
    'MatMul',
    'Gemm',
    'Transpose',
    'Add',
    'Tanh',
    'Loop',
    'If',
    'use_cache_branch',
    'then_branch',
    'com.microsoft',
    'a\nb',
  ],
  'x'.repeat(70_000),
];

function changedText(content: Uint8Array, random: Random): Uint8Array {
  if (random.chance(0.5) && content.length > 0) return mutateBytes(content, random);
  return new TextEncoder().encode(random.pick(TEXTS));
}

function reversed(content: Uint8Array): Uint8Array {
  return content.toReversed();
}

function repeat(bytes: Uint8Array, count: number): Uint8Array {
  return Buffer.concat(new Array<Uint8Array>(count).fill(bytes));
}

function key(number: number, wire: number): Uint8Array {
  return varint((BigInt(number) << 3n) | BigInt(wire));
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

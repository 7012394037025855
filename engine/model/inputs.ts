/** What exports ask for beside the key-value cache, and what they are fed. */
import { DataType, dataTypeName } from '../onnx/proto/data-type';
import type { ValueInfo } from '../onnx/proto/model-types';
import { ints, Tensor, type Tensors } from '../onnx/runtime/session';
import { badInput } from '../protocol';
import { presentName, type Side } from './kv-cache';

/** New tokens, as many for each row, after `past` tokens each. */
export interface Tokens {
  readonly ids: readonly (readonly number[])[];
  readonly past: number;
  /** Of rows of which some have fewer than `past` tokens before, and so padding. */
  readonly padded?: Padded | undefined;
}

export interface Padded {
  /** How many tokens each row has before the new ones. */
  readonly lengths: readonly number[];
  readonly side: Side;
}

interface Feed {
  readonly values: readonly number[];
  readonly dims: readonly number[];
}

const FEEDS: ReadonlyMap<string, (tokens: Tokens) => Feed> = new Map<string, (tokens: Tokens) => Feed>([
  ['input_ids', ({ ids }) => ({ values: ids.flat(), dims: perToken(ids) })],
  ['attention_mask', attentionMask],
  [
    'position_ids',
    ({ ids, past, padded }) => ({
      values: ids.flatMap((row, at) => row.map((_, i) => (padded?.lengths[at] ?? past) + i)),
      dims: perToken(ids),
    }),
  ],
  ['past_sequence_length', ({ past }) => number(past)],
  ['total_sequence_length', ({ ids, past }) => number(past + ids[0]!.length)],
  // 0 keeps all.
  ['num_logits_to_keep', () => number(0)],
  ['logits_to_keep', () => number(0)],
  ['use_cache_branch', ({ past }) => ({ values: [past > 0 ? 1 : 0], dims: [1] })],
]);

const perToken = (ids: Tokens['ids']) => [ids.length, ids[0]!.length];
const number = (value: number): Feed => ({ values: [value], dims: [] });

function attentionMask({ ids, past, padded }: Tokens): Feed {
  const length = past + ids[0]!.length;
  const values = new Array<number>(ids.length * length).fill(1);
  padded?.lengths.forEach((used, row) => {
    const start = row * length + (padded.side === 'left' ? 0 : length - (past - used));
    values.fill(0, start, start + past - used);
  });
  return { values, dims: [ids.length, length] };
}

/** @throws EngineError `unsupported-input` naming an input that cannot be fed */
export function checkInputs(inputs: readonly ValueInfo[]): void {
  for (const { name, elemType, dims } of inputs) {
    if (presentName(name) !== undefined) continue;
    const feed = FEEDS.get(name)?.({ ids: [[0]], past: 0 });
    if (!feed) throw unsupported(`the model asks for an input "${name}", which is not supported yet`);
    if (!TYPES.has(elemType)) {
      throw unsupported(`the model asks for an input "${name}" of ${dataTypeName(elemType)}`);
    }
    if (dims.length > 1 && dims.length !== feed.dims.length) {
      throw unsupported(`the model asks for an input "${name}" with ${dims.length} axes`);
    }
  }
}

/** The inputs but the key-value cache's. */
export function feedsFor(inputs: readonly ValueInfo[], tokens: Tokens): Tensors {
  const feeds: Tensors = {};
  for (const { name, elemType, dims } of inputs) {
    const feed = FEEDS.get(name)?.(tokens);
    if (!feed) continue;
    // One number may be a scalar or a list.
    const shape = feed.values.length === 1 && dims.length === 1 ? [1] : feed.dims;
    feeds[name] = TYPES.get(elemType)!(feed.values, shape);
  }
  return feeds;
}

type Make = (values: readonly number[], dims: readonly number[]) => Tensor;
const TYPES: ReadonlyMap<number, Make> = new Map<number, Make>([
  [DataType.INT64, (values, dims) => ints(values, dims)],
  [DataType.INT32, (values, dims) => new Tensor('int32', Int32Array.from(values), dims)],
  [DataType.FLOAT, (values, dims) => new Tensor('float32', Float32Array.from(values), dims)],
  [DataType.BOOL, (values, dims) => new Tensor('bool', Uint8Array.from(values), dims)],
]);

function unsupported(message: string) {
  return badInput('unsupported-input', message);
}

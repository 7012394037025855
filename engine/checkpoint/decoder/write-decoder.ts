/** Writes a decoder as an ONNX model whose matrices are bytes of the checkpoint's own files. */
import { DataType } from '../../onnx/proto/data-type';
import { GraphBuilder } from '../../onnx/proto/graph-builder';
import { DecoderGraph, type Stream } from './graph';
import { type AttentionInputs, writeLayer } from './layer';
import { type RotaryTable, rotaryTable } from './rotary-table';
import type { DecoderSpec, Rotary } from './spec';
import type { Weights } from './weights';

const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

/**
 * input_ids, attention_mask, past_key_values.* → logits [batch, sequence, V], present.*
 * @returns a ModelProto; `weights.locations` then has its external data
 * @throws EngineError `unsupported-checkpoint` naming a tensor that is missing, of another shape or not known
 */
export function writeDecoder(spec: DecoderSpec, weights: Weights): Uint8Array {
  const { hiddenSize: d, vocab } = spec;
  const builder = GraphBuilder.forViews();
  const ids = builder.input('input_ids', DataType.INT64, ['batch', 'sequence']);
  const graph = new DecoderGraph(builder, spec, weights, builder.node('Shape', [ids]));
  const inputs = attentionInputs(builder, spec);
  const embedding = weights.matrix(EMBEDDING, vocab, d);
  let stream: Stream = { x: graph.scaled(graph.embedding(ids, embedding), spec.embeddingScale) };
  for (const [index, kind] of spec.layers.entries()) stream = writeLayer(graph, stream, index, kind, inputs);
  const hidden = graph.normOf(stream, 'model.norm.weight', d).normed;
  const bias = weights.optionalVector('lm_head.bias', vocab);
  const z = graph.linear(hidden, spec.tied ? embedding : weights.matrix(HEAD, vocab, d), bias);
  builder.node('Identity', [cappedLogits(graph, z)], {}, 'logits');
  builder.output('logits', DataType.FLOAT, ['batch', 'sequence', vocab]);
  weights.checkAllAsked(spec.tied ? [HEAD] : []);
  return builder.finish();
}

function cappedLogits(graph: DecoderGraph, z: string): string {
  const { builder, spec } = graph;
  const scaled = graph.scaled(z, spec.logitScale);
  if (spec.logitCap === undefined) return scaled;
  const cap = builder.floats([spec.logitCap], []);
  return builder.node('Mul', [builder.node('Tanh', [builder.node('Div', [scaled, cap])]), cap]);
}

/** GroupQueryAttention counts a row's tokens by the attention mask, which is right for padding at the right alone. */
function attentionInputs(builder: GraphBuilder, spec: DecoderSpec): AttentionInputs {
  const mask = builder.input('attention_mask', DataType.INT64, ['batch', 'total']);
  const asInt32 = (x: string) => builder.node('Cast', [x], { to: { int: DataType.INT32 } });
  const tokens = builder.node('ReduceSum', [mask, builder.ints([1])], { keepdims: { int: 0 } });
  const length = builder.node('Gather', [builder.node('Shape', [mask]), builder.ints([1], [])]);
  const { global, local } = spec.rotary;
  const everywhere = writeTable(builder, spec, global, length, 'rotary');
  return {
    lengths: asInt32(builder.node('Sub', [tokens, builder.ints([1])])),
    total: asInt32(length),
    tables: {
      global: everywhere,
      local: local ? writeTable(builder, spec, local, length, 'local') : everywhere,
    },
  };
}

/** @param length int64: tokens of the longest row, which chooses between longrope's tables */
function writeTable(
  builder: GraphBuilder,
  { positions }: DecoderSpec,
  rotary: Rotary,
  length: string,
  name: string,
): readonly [string, string] {
  const dims = [positions, rotary.dimensions / 2];
  const table = rotaryTable(rotary, positions);
  const { scaling } = rotary;
  if (scaling.kind !== 'longrope' || scaling.originalPositions >= positions) {
    return [builder.floats(table.cos, dims, `${name}.cos`), builder.floats(table.sin, dims, `${name}.sin`)];
  }
  const long = rotaryTable(rotary, positions, true);
  const isLong = builder.node('Greater', [length, builder.ints([scaling.originalPositions], [])]);
  const values = ({ cos, sin }: RotaryTable) => [cos, sin].map((data) => ({ dims, data }));
  const [cos, sin] = builder.chooseFloats(isLong, values(long), values(table));
  return [cos!, sin!];
}

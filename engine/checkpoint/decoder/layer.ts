/** One layer of a decoder: attention and a gated feed-forward part, added to the residual stream. */
import { DataType } from '../../onnx/proto/data-type';
import type { AttributeValue } from '../../onnx/proto/graph-protos';
import type { DecoderGraph } from './graph';
import type { LayerKind } from './spec';

/** What attention reads in every layer. */
export interface AttentionInputs {
  /** int32 [batch]: tokens of each row, the new ones included, less one. */
  readonly lengths: string;
  /** int32: tokens of the longest row. */
  readonly total: string;
  /** cos and sin of each rotary table. */
  readonly tables: Readonly<Record<'global' | 'local', readonly [string, string]>>;
}

/** @param x the residual stream [batch, sequence, d] @returns the stream after the layer */
export function writeLayer(
  graph: DecoderGraph,
  x: string,
  index: number,
  kind: LayerKind,
  inputs: AttentionInputs,
): string {
  const { norms, hiddenSize: d, residualScale } = graph.spec;
  const layer = `model.layers.${index}`;
  const norm = (value: string, name: string) => graph.norm(value, `${layer}.${name}.weight`, d);
  const attention = (value: string) => writeAttention(graph, value, index, kind, inputs);
  const feedForward = (value: string) => writeFeedForward(graph, value, `${layer}.mlp`);
  const onto = (stream: string, part: string) => graph.add(stream, graph.scaled(part, residualScale));
  switch (norms) {
    case 'before': {
      const middle = onto(x, attention(norm(x, 'input_layernorm')));
      return onto(middle, feedForward(norm(middle, 'post_attention_layernorm')));
    }
    case 'after': {
      const middle = onto(x, norm(attention(x), 'post_attention_layernorm'));
      return onto(middle, norm(feedForward(middle), 'post_feedforward_layernorm'));
    }
    case 'both': {
      const attended = norm(attention(norm(x, 'input_layernorm')), 'post_attention_layernorm');
      const middle = onto(x, attended);
      const fed = feedForward(norm(middle, 'pre_feedforward_layernorm'));
      return onto(middle, norm(fed, 'post_feedforward_layernorm'));
    }
    case 'parallel': {
      const normed = norm(x, 'input_layernorm');
      return onto(onto(x, attention(normed)), feedForward(normed));
    }
    default:
      return norms satisfies never;
  }
}

function writeAttention(
  graph: DecoderGraph,
  x: string,
  index: number,
  kind: LayerKind,
  { lengths, total, tables }: AttentionInputs,
): string {
  const { builder, spec } = graph;
  const { heads, keyValueHeads, headDim, hiddenSize, attentionCap } = spec;
  const prefix = `model.layers.${index}.self_attn`;
  const [query, key, value] = queryKeyValue(graph, x, prefix);
  const past = (part: string) =>
    builder.input(`past_key_values.${index}.${part}`, DataType.FLOAT, [
      'batch',
      keyValueHeads,
      'past',
      headDim,
    ]);
  const present = (part: string) =>
    builder.output(`present.${index}.${part}`, DataType.FLOAT, ['batch', keyValueHeads, 'total', headDim]);
  const rotary = kind.rotary ? tables[kind.rotary] : ['', ''];
  const attributes: Record<string, AttributeValue> = {
    num_heads: { int: heads },
    kv_num_heads: { int: keyValueHeads },
    do_rotary: { int: kind.rotary ? 1 : 0 },
    rotary_interleaved: { int: spec.rotaryInterleaved ? 1 : 0 },
    scale: { float: spec.attentionScale },
    local_window_size: { int: kind.window ?? -1 },
    ...(attentionCap === undefined ? {} : { softcap: { float: attentionCap } }),
  };
  const attended = builder.freshName('attention');
  builder.microsoftNodes(
    'GroupQueryAttention',
    [query, key, value, past('key'), past('value'), lengths, total, ...rotary],
    [attended, present('key'), present('value')],
    attributes,
  );
  return projected(graph, attended, `${prefix}.o_proj`, hiddenSize, heads * headDim);
}

/** [batch, sequence, heads · headDim] each; Phi-3 keeps their matrices in one. */
function queryKeyValue(graph: DecoderGraph, x: string, prefix: string): [string, string, string] {
  const { heads, keyValueHeads, headDim, hiddenSize: d } = graph.spec;
  const [q, kv] = [heads * headDim, keyValueHeads * headDim];
  const fused = `${prefix}.qkv_proj`;
  if (graph.weights.has(`${fused}.weight`)) {
    const part = (first: number, count: number) =>
      graph.linear(x, graph.weights.rows(`${fused}.weight`, q + 2 * kv, d, first, count));
    return [part(0, q), part(q, kv), part(q + kv, kv)];
  }
  const query = projected(graph, x, `${prefix}.q_proj`, q, d);
  const key = projected(graph, x, `${prefix}.k_proj`, kv, d);
  const value = projected(graph, x, `${prefix}.v_proj`, kv, d);
  return [headNorm(graph, query, `${prefix}.q_norm`, q), headNorm(graph, key, `${prefix}.k_norm`, kv), value];
}

/** Qwen3's and Gemma 3's norm of each head, OLMo 2's of all heads together. */
function headNorm(graph: DecoderGraph, x: string, name: string, columns: number): string {
  const { queryKeyNorm, headDim } = graph.spec;
  if (queryKeyNorm === undefined) return x;
  if (queryKeyNorm === 'all') return graph.norm(x, `${name}.weight`, columns);
  return graph.perToken(graph.norm(graph.perHead(x, headDim), `${name}.weight`, headDim), columns);
}

/** down(activation(gate(x)) · up(x)); Phi-3 keeps gate and up in one matrix. */
function writeFeedForward(graph: DecoderGraph, x: string, prefix: string): string {
  const { builder, spec, weights } = graph;
  const { intermediateSize: size, hiddenSize: d } = spec;
  const fused = `${prefix}.gate_up_proj.weight`;
  const [gate, up] = weights.has(fused)
    ? [0, size].map((first) => graph.linear(x, weights.rows(fused, 2 * size, d, first, size)))
    : ['gate', 'up'].map((part) => projected(graph, x, `${prefix}.${part}_proj`, size, d));
  const gated = builder.node('Mul', [activated(graph, gate!), up!]);
  return projected(graph, gated, `${prefix}.down_proj`, d, size);
}

function activated(graph: DecoderGraph, x: string): string {
  const { builder, spec } = graph;
  if (spec.activation === 'silu') return builder.node('Mul', [x, builder.node('Sigmoid', [x])]);
  return builder.node('Gelu', [x], { approximate: { string: spec.activation === 'gelu' ? 'none' : 'tanh' } });
}

/** A linear layer with the bias that its checkpoint has, if any. */
function projected(graph: DecoderGraph, x: string, name: string, rows: number, columns: number): string {
  const { weights } = graph;
  const bias = weights.optionalVector(`${name}.bias`, rows);
  return graph.linear(x, weights.matrix(`${name}.weight`, rows, columns), bias);
}

/** One layer of a decoder: attention and a gated feed-forward part, added to the residual stream. */
import { DataType } from '../../onnx/proto/data-type';
import type { AttributeValue } from '../../onnx/proto/graph-protos';
import type { DecoderGraph, Stream } from './graph';
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

/** @returns the stream after the layer */
export function writeLayer(
  graph: DecoderGraph,
  stream: Stream,
  index: number,
  kind: LayerKind,
  inputs: AttentionInputs,
): Stream {
  const { norms, hiddenSize: d, residualScale } = graph.spec;
  const nameOf = (name: string) => `model.layers.${index}.${name}`;
  const norm = (x: string, name: string) => graph.norm(x, nameOf(`${name}.weight`), d);
  const normOf = (of: Stream, name: string) => graph.normOf(of, nameOf(`${name}.weight`), d);
  const scaled = (part: string) => graph.scaled(part, residualScale);
  const attention = (x: string) => writeAttention(graph, x, index, kind, inputs);
  const feedForward = (x: string) => writeFeedForward(graph, x, nameOf('mlp'));
  switch (norms) {
    case 'before': {
      const { x, normed } = normOf(stream, 'input_layernorm');
      const middle = normOf({ x, added: scaled(attention(normed)) }, 'post_attention_layernorm');
      return { x: middle.x, added: scaled(feedForward(middle.normed)) };
    }
    case 'after': {
      const x = graph.whole(stream);
      const attended = norm(attention(x), 'post_attention_layernorm');
      const middle = graph.add(x, scaled(attended));
      return { x: middle, added: scaled(norm(feedForward(middle), 'post_feedforward_layernorm')) };
    }
    case 'both': {
      const { x, normed } = normOf(stream, 'input_layernorm');
      const attended = norm(attention(normed), 'post_attention_layernorm');
      const middle = normOf({ x, added: scaled(attended) }, 'pre_feedforward_layernorm');
      const fed = norm(feedForward(middle.normed), 'post_feedforward_layernorm');
      return { x: middle.x, added: scaled(fed) };
    }
    case 'parallel': {
      const { x, normed } = normOf(stream, 'input_layernorm');
      const middle = graph.add(x, scaled(attention(normed)));
      return { x: middle, added: scaled(feedForward(normed)) };
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
  const queryKeyValue = writeQueryKeyValue(graph, x, prefix);
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
    [...queryKeyValue, past('key'), past('value'), lengths, total, ...rotary],
    [attended, present('key'), present('value')],
    attributes,
  );
  return projected(graph, attended, `${prefix}.o_proj`, hiddenSize, heads * headDim);
}

/** [batch, sequence, heads · headDim] each, or all three side by side in the first. */
function writeQueryKeyValue(graph: DecoderGraph, x: string, prefix: string): [string, string, string] {
  const { heads, keyValueHeads, headDim, hiddenSize: d, queryKeyNorm } = graph.spec;
  const [q, kv] = [heads * headDim, keyValueHeads * headDim];
  const parts: Part[] = [
    ['q_proj', q],
    ['k_proj', kv],
    ['v_proj', kv],
  ];
  const projections = projectedTogether(graph, x, `${prefix}.qkv_proj`, prefix, parts, d);
  if (typeof projections === 'string' && !queryKeyNorm) return [projections, '', ''];
  const [query, key, value] = apart(graph, projections, parts);
  return [
    headNorm(graph, query!, `${prefix}.q_norm`, q),
    headNorm(graph, key!, `${prefix}.k_norm`, kv),
    value!,
  ];
}

/** Qwen3's and Gemma 3's norm of each head, OLMo 2's of all heads together. */
function headNorm(graph: DecoderGraph, x: string, name: string, columns: number): string {
  const { queryKeyNorm, headDim } = graph.spec;
  if (queryKeyNorm === undefined) return x;
  if (queryKeyNorm === 'all') return graph.norm(x, `${name}.weight`, columns);
  return graph.perToken(graph.norm(graph.perHead(x, headDim), `${name}.weight`, headDim), columns);
}

/** down(activation(gate(x)) · up(x)) */
function writeFeedForward(graph: DecoderGraph, x: string, prefix: string): string {
  const { intermediateSize: size, hiddenSize: d } = graph.spec;
  const parts: Part[] = [
    ['gate_proj', size],
    ['up_proj', size],
  ];
  const projections = projectedTogether(graph, x, `${prefix}.gate_up_proj`, prefix, parts, d);
  const [gate, up] = apart(graph, projections, parts);
  const gated = graph.builder.node('Mul', [activated(graph, gate!), up!]);
  return projected(graph, gated, `${prefix}.down_proj`, d, size);
}

function activated(graph: DecoderGraph, x: string): string {
  const { builder, spec } = graph;
  if (spec.activation === 'silu') return builder.node('Mul', [x, builder.node('Sigmoid', [x])]);
  return builder.node('Gelu', [x], { approximate: { string: spec.activation === 'gelu' ? 'none' : 'tanh' } });
}

/** A linear layer with the bias that its checkpoint has, if any. */
function projected(graph: DecoderGraph, x: string, name: string, rows: number, columns: number): string {
  const matrix = graph.weights.matrix(`${name}.weight`, rows, columns);
  return graph.linear(x, matrix, biasOf(graph, name, rows));
}

/** One that is not read is refused with all that nothing asked for. @param name of a layer's module */
function biasOf({ spec, weights }: DecoderGraph, name: string, rows: number): Float32Array | undefined {
  const isRead = name.includes('.self_attn.') ? spec.biases.attention : spec.biases.feedForward;
  return isRead ? weights.optionalVector(`${name}.bias`, rows) : undefined;
}

/** A linear layer of a module, and how many rows its matrix has. */
type Part = readonly [name: string, rows: number];

/**
 * Linear layers with one input: their outputs side by side where their matrices lie so, as those that were prepared do,
 * else each alone. One product of all costs less than several.
 * @param whole the name of the one that holds them all, as Phi-3 has it
 */
function projectedTogether(
  graph: DecoderGraph,
  x: string,
  whole: string,
  module: string,
  parts: readonly Part[],
  columns: number,
): string | readonly string[] {
  const { weights } = graph;
  const total = parts.reduce((sum, [, rows]) => sum + rows, 0);
  if (weights.has(`${whole}.weight`)) return projected(graph, x, whole, total, columns);
  const matrices = parts.map(([name, rows]) => weights.matrix(`${module}.${name}.weight`, rows, columns));
  const biases = parts.map(([name, rows]) => biasOf(graph, `${module}.${name}`, rows));
  const joined = weights.joined(matrices);
  if (!joined) return matrices.map((matrix, i) => graph.linear(x, matrix, biases[i]));
  if (biases.every((bias) => bias === undefined)) return graph.linear(x, joined);
  const bias = parts.flatMap(([, rows], i) => [...(biases[i] ?? new Float32Array(rows))]);
  return graph.linear(x, joined, Float32Array.from(bias));
}

function apart(
  { builder }: DecoderGraph,
  projections: string | readonly string[],
  parts: readonly Part[],
): readonly string[] {
  if (typeof projections !== 'string') return projections;
  return builder.columns(
    projections,
    parts.map(([, rows]) => rows),
  );
}

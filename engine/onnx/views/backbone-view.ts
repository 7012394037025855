/** The backbone view: the original graph, cut at the last hidden states; two of them for a merged decoder. */
import { isDeepStrictEqual } from 'node:util';
import { type Arithmetic, badInput, type Device } from '../../protocol';
import { DataType } from '../proto/data-type';
import { GraphBuilder } from '../proto/graph-builder';
import {
  type NodeInfo,
  type OnnxModel,
  outerNames,
  type TensorInfo,
  type ValueInfo,
} from '../proto/model-types';
import { findHead, type Head } from '../recognise/find-head';
import { longRope } from '../recognise/long-rope';
import type { OnnxFile } from '../source/onnx-file';
import { LayerProducts, whyNoneFast, widensForRows } from './layer-products';
import { canShareCache, writeUnreturned } from './shared-cache';

export const HIDDEN = 'slot_hidden';

/** inputs → `slot_hidden` [batch, sequence, d] float32 for all positions, present.* and, of some, `slot_unreturned` before them */
export function backboneView(
  file: OnnxFile,
  head: Head,
  arithmetic: Arithmetic,
  device: Device = 'cpu',
): Uint8Array {
  return view(file, file.model, head, arithmetic, device);
}

/**
 * The same of a merged decoder's first call, whose cache is empty; undefined for other models.
 * @throws EngineError `unsupported-head` where its hidden states are meant for another head
 */
export function firstCallView(
  file: OnnxFile,
  head: Head,
  arithmetic: Arithmetic,
  device: Device = 'cpu',
): Uint8Array | undefined {
  const { firstCall } = file.model;
  if (!firstCall) return undefined;
  const own = findHead(firstCall);
  if (isDeepStrictEqual(contents(file, own), contents(file, head)))
    return view(file, firstCall, own, arithmetic, device);
  throw badInput(
    'unsupported-head',
    'the branches of use_cache_branch end in different heads',
    'Export the model again with a newer version of optimum, whose graphs need no such branches.',
  );
}

/** A head without tensor names, which may differ between branches that hold the same constants. */
function contents(file: OnnxFile, { projection, tail, vocab }: Head): unknown {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (!(value instanceof Object)) return value;
    if ('payload' in value) return file.contents(value as TensorInfo);
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  };
  return plain([projection, tail, vocab]);
}

function view(
  file: OnnxFile,
  model: OnnxModel,
  head: Head,
  arithmetic: Arithmetic,
  device: Device,
): Uint8Array {
  const presents = presentOutputs(model);
  const rope = longRope(file, model);
  const builder = new GraphBuilder(model.opsets, model.irVersion, 'slot_');
  const products = new LayerProducts(builder, file, model, arithmetic, device);
  const inputsOf = (node: NodeInfo) => products.inputsOf(node);
  const nodes = neededNodes(model.nodes, backboneOutputs(model, head), inputsOf).filter(
    (node) => !rope || !node.outputs.includes(rope.condition),
  );
  const read = new Set(nodes.flatMap(inputsOf));
  for (const node of nodes) products.write(node);
  builder.node('Cast', [head.hidden], { to: { int: DataType.FLOAT } }, HIDDEN);
  for (const tensor of model.initializers.values()) {
    if (read.has(tensor.name)) file.addInitializer(builder, tensor);
  }
  for (const input of model.inputs) {
    if (read.has(input.name) && !model.initializers.has(input.name))
      builder.copiedInput(file.bytes(input.range));
  }
  if (rope) builder.input(rope.condition, DataType.BOOL, []);
  if (canShareCache(model)) writeUnreturned(builder);
  builder.output(HIDDEN, DataType.FLOAT, ['batch', 'sequence', head.hiddenSize]);
  for (const output of presents) builder.copiedOutput(file.bytes(output.range));
  for (const { range } of model.functions) builder.copiedFunction(file.bytes(range));
  return builder.finish();
}

/** Why there is no `fast` arithmetic for a model's layers; null where there is. */
export function whyNotFast(model: OnnxModel, head: Head): string | null {
  return whyNoneFast(backboneNodes(model, head));
}

/** Whether two rows of one token each are sooner one after the other. */
export function twoRowsApart(model: OnnxModel, head: Head, arithmetic: Arithmetic): boolean {
  return widensForRows(backboneNodes(model, head), model, arithmetic);
}

/**
 * Whether activations are quantised over all tokens of a call at once, so that each token's numbers depend on
 * which others are run with it.
 */
export function tokensInteract(model: OnnxModel, head: Head): boolean {
  return backboneNodes(model, head).some(({ opType }) => DYNAMIC.has(opType));
}

/** Operators that compute an activation's scale at run time. */
const DYNAMIC = new Set(['DynamicQuantizeLinear', 'DynamicQuantizeMatMul']);

function backboneNodes(model: OnnxModel, head: Head): NodeInfo[] {
  return neededNodes(model.nodes, backboneOutputs(model, head), (node) => [
    ...node.inputs,
    ...outerNames(node),
  ]);
}

function backboneOutputs(model: OnnxModel, head: Head): string[] {
  return [head.hidden, ...presentOutputs(model).map((output) => output.name)];
}

function presentOutputs(model: OnnxModel): ValueInfo[] {
  return model.outputs.filter((output) => output.name !== 'logits');
}

/** The nodes that `outputs` depend on, in their original (topological) order. */
function neededNodes(
  nodes: readonly NodeInfo[],
  outputs: readonly string[],
  inputsOf: (node: NodeInfo) => readonly string[],
): NodeInfo[] {
  const needed = new Set(outputs);
  const kept: NodeInfo[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    kept.push(node);
    for (const name of inputsOf(node)) needed.add(name);
  }
  return kept.reverse();
}

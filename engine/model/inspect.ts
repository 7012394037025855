/** A model's card without its weights: what the graph says of itself, and what running it will cost. */
import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { findPrepared, outlook } from '../checkpoint/prepare/prepare';
import type { Scheme } from '../checkpoint/prepare/scheme';
import type { ModelConfig } from '../config/config';
import { checkFetched } from '../files/fetched';
import { isFolder } from '../files/read';
import { dataTypeName } from '../onnx/proto/data-type';
import type { TensorInfo } from '../onnx/proto/model-types';
import { findHead, type Head, type TailOp } from '../onnx/recognise/find-head';
import type { Projection } from '../onnx/recognise/projection';
import type { OnnxFile } from '../onnx/source/onnx-file';
import { backboneView, firstCallView } from '../onnx/views/backbone-view';
import { planHead, plannedViews } from '../onnx/views/plan-head';
import { EngineError, type ModelCard, toFailure } from '../protocol';
import { checkTokenizer } from '../tokenizer/tokenizer';
import { ChatTemplate } from './chat-template';
import { costs } from './costs';
import { readModelFolder } from './folder';
import type { GraphSource } from './graph-source';
import { bytesOnDisk } from './graph-sources';
import { checkInputs } from './inputs';
import { KvLayout } from './kv-cache';
import { lossWords } from './loss-words';
import { dtypeSizes } from './sizes';

/** The files beside the ONNX file that a run reads. */
export const CONFIG_FILES = [
  'config.json',
  'genai_config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
] as const;

/**
 * The card of a folder. What cannot be run is told by its `refusal`.
 * @param prepared where prepared weights are kept, see `preparedFolder`
 * @throws EngineError where the folder is no model folder at all
 */
export function inspectFolder(
  folder: string,
  dtype: string | null,
  about: Pick<ModelCard, 'source' | 'model' | 'name'>,
  prepared?: string,
): ModelCard {
  const found = readModelFolder(folder, dtype, about.name);
  const weights = found.source.files;
  const missing = refusalOf(() => weights.forEach(checkFetched));
  const tokenizerRefusal = refusalOf(() => checkTokenizer(found));
  // A GGUF needs nothing that lies beside it.
  const configs = found.source.parts
    ? []
    : CONFIG_FILES.map((name) => join(folder, name)).filter((path) => existsSync(path));
  const files = [...weights, ...configs].map((path) => ({
    path: relative(baseOf(folder), path).replaceAll(sep, '/'),
    bytes: bytesOnDisk([path]),
    isHere: existsSync(path),
  }));
  const facts = inspectFile(found.source, found.config, sizeOf(files.slice(0, weights.length)), prepared);
  return {
    ...about,
    folder,
    family: found.config.model_type ?? null,
    dtype: found.dtype,
    dtypes: dtypeSizes(folder),
    contextLength: found.contextLength ?? null,
    hasChatTemplate: found.chatTemplate !== undefined,
    templateRefusal: ChatTemplate.of(found)?.refuses() ?? null,
    files,
    fetched: 0,
    ...facts,
    refusal: missing ?? facts.refusal ?? tokenizerRefusal,
  };
}

/** What a card's file names are relative to. */
export function baseOf(model: string): string {
  return isFolder(model) ? model : dirname(model);
}

/** Why `check` refuses; null where it does not. @throws what is no refusal */
function refusalOf(check: () => void): GraphFacts['refusal'] {
  try {
    check();
    return null;
  } catch (error) {
    return refusedFacts(error).refusal;
  }
}

/** What the graph alone tells. */
export type GraphFacts = Pick<
  ModelCard,
  'layers' | 'vocab' | 'hidden' | 'inputs' | 'projection' | 'chain' | 'memory' | 'step' | 'refusal'
>;

function inspectFile(
  source: GraphSource,
  config: ModelConfig,
  weightBytes: number,
  prepared: string | undefined,
): GraphFacts & Pick<ModelCard, 'preparation'> {
  let file: OnnxFile;
  let preparation: ModelCard['preparation'] = null;
  try {
    const outlook = outlookOf(source, prepared);
    file = source.open(outlook?.made);
    preparation = outlook?.preparation ?? null;
  } catch (error) {
    return { ...refusedFacts(error), preparation };
  }
  try {
    const bytes = preparation?.bytes ?? weightBytes;
    const facts = inspectGraph(file, config, bytes, (constant) => file.readFloats(constant)[0]);
    return { ...facts, preparation };
  } finally {
    file.close();
  }
}

/** Weights a second, by two threads of a processor of 2020. */
const PREPARED_A_SECOND = 1e8;

function outlookOf(source: GraphSource, prepared: string | undefined) {
  const preparation = source.preparation();
  if (!preparation) return undefined;
  const { checkpoint, scheme } = preparation;
  const expected = preparationOutlook(checkpoint, scheme);
  const found = prepared === undefined ? undefined : findPrepared(checkpoint, scheme, prepared);
  if (!found) return expected;
  const loss = found.loss ? lossWords(found.loss) : null;
  return { ...expected, preparation: { ...expected.preparation, seconds: 0, loss } };
}

/** What preparing a checkpoint will take, and where its weights will lie. */
export function preparationOutlook(checkpoint: Checkpoint, scheme: Scheme) {
  const made = outlook(checkpoint, scheme);
  const seconds = made.weights / PREPARED_A_SECOND;
  const preparation: NonNullable<ModelCard['preparation']> = {
    bytes: made.planned.bytes,
    seconds,
    loss: null,
  };
  return { made, preparation };
}

/** A constant of one element; undefined where it is not at hand. */
type ReadScalar = (constant: TensorInfo) => number | undefined;

/** @param weightBytes the ONNX file and its external data */
export function inspectGraph(
  file: OnnxFile,
  config: ModelConfig,
  weightBytes: number,
  readScalar: ReadScalar,
): GraphFacts {
  const { model } = file;
  const inputs = model.inputs.filter(({ name }) => !model.initializers.has(name));
  const facts = {
    layers: config.num_hidden_layers ?? null,
    inputs: inputs.map(({ name, elemType, dims }) => ({
      name,
      type: dataTypeName(elemType),
      dims: [...dims],
    })),
  };
  try {
    const head = findHead(model);
    const known = {
      ...facts,
      vocab: head.vocab,
      hidden: head.hiddenSize,
      projection: head.projection.operator,
      chain: chain(head, readScalar),
    };
    try {
      checkInputs(inputs);
      const kv = new KvLayout(model, config);
      buildViews(file, head);
      return { ...known, layers: kv.layers, ...costs(model, head, kv, weightBytes), refusal: null };
    } catch (error) {
      return { ...refusedFacts(error), ...known };
    }
  } catch (error) {
    return { ...refusedFacts(error), ...facts };
  }
}

/** Nothing known but why. @throws what is no refusal */
export function refusedFacts(error: unknown): GraphFacts {
  if (!(error instanceof EngineError)) throw error;
  return {
    layers: null,
    vocab: null,
    hidden: null,
    inputs: [],
    projection: null,
    chain: [],
    memory: null,
    step: null,
    refusal: toFailure(error),
  };
}

/** Everything that opening builds before it starts a session, so that what it would refuse is refused here. */
function buildViews(file: OnnxFile, head: Head): void {
  backboneView(file, head, 'exact');
  firstCallView(file, head, 'exact');
  for (const { build } of plannedViews(planHead(file, head))) build();
}

function chain({ projection, tail }: Head, readScalar: ReadScalar): string[] {
  return ['hidden', projectionLabel(projection), ...tail.map((op) => tailLabel(op, readScalar)), 'logits'];
}

function projectionLabel(projection: Projection): string {
  const { kind, operator, weight } = projection;
  if (kind === 'dense') return operator;
  return `${operator} ${kind === 'nbits' ? `${projection.bits}-bit` : dataTypeName(weight.dataType)}`;
}

function tailLabel(op: TailOp, readScalar: ReadScalar): string {
  if (op.op === 'Where') return 'Where mask';
  if (!('constant' in op)) return op.op;
  if (op.constant.dims.reduce((product, dim) => product * dim, 1) !== 1) return `${op.op} bias`;
  const value = readScalar(op.constant);
  return value === undefined ? op.op : `${op.op} ${Number(value.toPrecision(4))}`;
}

function sizeOf(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

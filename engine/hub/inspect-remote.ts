/** The card of a model that is on the hub alone: from its configs and the structure of its files, without weights. */
import type { ModelConfig } from '../config/config';
import { type GraphFacts, inspectGraph, refusedFacts } from '../model/inspect';
import { decodeFloats } from '../onnx/proto/float-data';
import type { TensorInfo } from '../onnx/proto/model-types';
import type { OnnxFile } from '../onnx/source/onnx-file';
import { EngineError, type ModelCard } from '../protocol';
import type { HubCache } from './cache';
import type { HubConnection } from './connection';
import { type HeaderFacts, inspectGguf, inspectSafetensors, type Told } from './inspect-checkpoint';
import { isHere } from './place';
import { readConfigs } from './remote-configs';
import { RemoteFile } from './remote-file';
import { openRemote } from './remote-files';
import { fileUrl, type Repo } from './repo';
import { type Parts, partsOf, readModelRepo, repoDtypes } from './repo-parts';

/**
 * Its verdict is that of the model's folder once it is here, as far as tokenizer.json and the weights leave it open.
 * @throws EngineError: not on the hub, not a model, or what is there cannot be read from afar
 */
export async function inspectRemote(
  hub: HubConnection,
  cache: HubCache,
  id: string,
  revision: string,
  asked: string | null,
): Promise<ModelCard> {
  const repo = await readModelRepo(hub, id, revision);
  const parts = partsOf(repo, asked);
  return {
    source: 'hub',
    model: id,
    name: id,
    folder: null,
    dtype: parts.dtype,
    dtypes: repoDtypes(repo),
    files: [...parts.weights, ...parts.configs].map((each) => ({
      path: each.path,
      bytes: each.bytes,
      isHere: isHere(cache, repo, each),
    })),
    ...(await toldOf(hub, cache, repo, parts)),
  };
}

/** What is read of its files. */
async function toldOf(hub: HubConnection, cache: HubCache, repo: Repo, parts: Parts): Promise<Told> {
  if (parts.format === 'gguf') return inspectGguf(hub, repo, parts);
  const [first] = parts.weights;
  const { config, template, fetched } = await readConfigs(hub, repo, first);
  const facts =
    parts.format === 'safetensors'
      ? await inspectSafetensors(hub, repo, parts, config)
      : await inspectOnnx(hub, cache, repo, parts, config);
  return {
    family: config.model_type ?? null,
    contextLength: config.max_position_embeddings ?? null,
    hasChatTemplate: template !== undefined,
    templateRefusal: template?.refuses() ?? null,
    ...facts,
    fetched: facts.fetched + fetched,
  };
}

async function inspectOnnx(
  hub: HubConnection,
  cache: HubCache,
  repo: Repo,
  { weights }: Parts,
  config: ModelConfig,
): Promise<HeaderFacts> {
  const [onnx] = weights;
  const file = new RemoteFile(hub, fileUrl(hub, repo, onnx.path), onnx.bytes);
  const facts = await inspectFile(file, cache, repo, weights, config);
  return { ...facts, preparation: null, fetched: file.fetched };
}

async function inspectFile(
  file: RemoteFile,
  cache: HubCache,
  repo: Repo,
  weights: Parts['weights'],
  config: ModelConfig,
): Promise<GraphFacts> {
  try {
    const model = await openRemote(file, cache, repo, weights);
    const bytes = weights.reduce((sum, each) => sum + each.bytes, 0);
    return await file.whenThere(() =>
      inspectGraph(model, config, bytes, (constant) => readScalar(file, model, constant)),
    );
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'failure') throw error;
    return refusedFacts(error);
  }
}

/** Constants come with the structure, except those that lie in another file. */
function readScalar(file: RemoteFile, model: OnnxFile, constant: TensorInfo): number | undefined {
  const { payload } = constant;
  if (payload.kind === 'external') return undefined;
  if (payload.kind !== 'inline') return model.readFloats(constant)[0];
  const { start, end } = payload.range;
  return decodeFloats(file.read(start, end - start), constant)[0];
}

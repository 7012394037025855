/** The card of a model that is on the hub alone: from its configs and the structure of its ONNX file, without weights. */
import type { ModelConfig } from '../config/config';
import { type GraphFacts, inspectGraph, refusedFacts } from '../model/inspect';
import { decodeFloats } from '../onnx/proto/float-data';
import type { TensorInfo } from '../onnx/proto/model-types';
import type { OnnxFile } from '../onnx/source/onnx-file';
import { EngineError, type ModelCard } from '../protocol';
import type { HubCache } from './cache';
import type { HubConnection } from './connection';
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
  const { dtype, weights, configs } = partsOf(repo, asked);
  const [onnx] = weights;
  const { config, template, fetched } = await readConfigs(hub, repo, onnx);
  const file = new RemoteFile(hub, fileUrl(hub, repo, onnx.path), onnx.bytes);
  const facts = await inspectFile(file, cache, repo, weights, config);
  return {
    source: 'hub',
    model: id,
    name: id,
    folder: null,
    family: config.model_type ?? null,
    preparation: null,
    dtype,
    dtypes: repoDtypes(repo),
    contextLength: config.max_position_embeddings ?? null,
    hasChatTemplate: template !== undefined,
    templateRefusal: template?.refuses() ?? null,
    files: [...weights, ...configs].map((each) => ({
      path: each.path,
      bytes: each.bytes,
      isHere: isHere(cache, repo, each),
    })),
    fetched: file.fetched + fetched,
    ...facts,
  };
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

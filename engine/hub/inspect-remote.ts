/** The card of a model that is on the hub alone: from its configs and the structure of its ONNX file, without weights. */
import { posix } from 'node:path';
import { ModelConfig } from '../model/config';
import { checkDecoderOnly } from '../model/folder';
import { type Graph, type GraphFacts, inspectGraph, refusedFacts } from '../model/inspect';
import { decodeFloats } from '../onnx/model-file';
import { readOnnxModel } from '../onnx/reader';
import type { OnnxModel } from '../onnx/structure';
import { type Range, WireReader } from '../onnx/wire';
import { badInput, EngineError, type ModelCard } from '../protocol';
import type { HubCache } from './cache';
import type { HubConnection } from './connection';
import { isHere } from './place';
import { RemoteFile } from './remote-file';
import { filesFor, fileUrl, type Repo, type RepoFile, readRepo, repoDtypes } from './repo';

/** onnx.proto: ModelProto.graph, and what of a GraphProto is looked at beyond its beginning. */
const GRAPH = 7;
const INITIALIZER = 5;
/** A tensor's name, type and shape stand before its elements; small tensors come whole. */
const TENSOR_HEAD = 2048;
const ENTRY_HEAD = 64 * 1024;

/** @throws EngineError: not on the hub, not a model, or what is there cannot be read from afar */
export async function inspectRemote(
  hub: HubConnection,
  cache: HubCache,
  id: string,
  revision: string,
  asked: string | null,
): Promise<ModelCard> {
  const repo = await readRepo(hub, id, revision);
  const { dtype, files } = filesFor(repo, asked);
  const onnx = files[0]!;
  const config = await readConfig(hub, repo, files, 'config.json');
  const tokenizerConfig = await readConfig(hub, repo, files, 'tokenizer_config.json');
  const parsed = ModelConfig.safeParse(config.json);
  if (!parsed.success) {
    throw badInput('no-config', `${id} has no usable config.json`, 'Choose another export of the model.');
  }
  checkDecoderOnly(parsed.data, id);
  const file = new RemoteFile(hub, fileUrl(hub, repo, onnx.path), onnx.bytes);
  const facts = await inspectFile(file, repo, onnx, files, parsed.data);
  return {
    source: 'hub',
    model: id,
    name: id,
    folder: null,
    family: parsed.data.model_type ?? null,
    dtype,
    dtypes: repoDtypes(repo),
    contextLength: parsed.data.max_position_embeddings ?? null,
    hasChatTemplate: hasTemplate(tokenizerConfig.json) || files.some(({ path }) => path.endsWith('.jinja')),
    files: files.map((each) => ({ path: each.path, bytes: each.bytes, isHere: isHere(cache, repo, each) })),
    fetched: file.fetched + config.bytes + tokenizerConfig.bytes,
    ...facts,
  };
}

async function inspectFile(
  file: RemoteFile,
  repo: Repo,
  onnx: RepoFile,
  files: readonly RepoFile[],
  config: ModelConfig,
): Promise<GraphFacts> {
  try {
    await fetchStructure(file);
    const model = await file.whenThere(() => readOnnxModel(file));
    const weights = files.filter(({ path }) => path.startsWith(onnx.path));
    checkData(model, repo, onnx, weights);
    const bytes = weights.reduce((sum, each) => sum + each.bytes, 0);
    // Constants are small and come with the structure, except those that lie in another file.
    return await file.whenThere(() => inspectGraph(graphOf(file, model), config, bytes, () => {}));
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'failure') throw error;
    return refusedFacts(error);
  }
}

function graphOf(file: RemoteFile, model: OnnxModel): Graph {
  return {
    model,
    readFloats(tensor) {
      const { payload } = tensor;
      if (payload.kind === 'number') return Float32Array.of(payload.value);
      if (payload.kind !== 'inline') return undefined;
      const { start, end } = payload.range;
      return decodeFloats(file.read(start, end - start), tensor);
    },
  };
}

/**
 * Fetches what the reader will look at: nodes, and the beginnings of tensors. Without this, each tensor that is
 * jumped over would make it begin anew.
 */
async function fetchStructure(file: RemoteFile): Promise<void> {
  const wire = new WireReader(file);
  const graphs = await file.whenThere(() =>
    [...wire.fields(wire.whole)].filter(({ number }) => number === GRAPH),
  );
  for (const graph of graphs) if (graph.wire === 'bytes') await fetchGraph(file, wire, graph.range);
}

async function fetchGraph(file: RemoteFile, wire: WireReader, { start, end }: Range): Promise<void> {
  for (let at = start; at < end; ) {
    const { value: field } = await file.whenThere(() => wire.fields({ start: at, end }).next());
    // A graph's fields are all messages or texts; what else is there is for the reader to judge.
    if (field?.wire !== 'bytes') return;
    const head = field.number === INITIALIZER ? TENSOR_HEAD : ENTRY_HEAD;
    await file.ensure(field.range.start, Math.min(field.range.end, field.range.start + head));
    at = field.range.end;
  }
}

/** @throws EngineError where weights lie in a file that would not be downloaded, or is too short */
function checkData(model: OnnxModel, repo: Repo, onnx: RepoFile, weights: readonly RepoFile[]): void {
  for (const { name, payload } of [...model.initializers.values(), ...model.nestedExternal]) {
    if (payload.kind !== 'external') continue;
    const path = posix.join(posix.dirname(onnx.path), payload.location);
    const file = weights.find((each) => each.path === path);
    if (file && payload.offset + (payload.length ?? 0) <= file.bytes) continue;
    throw badInput(
      file ? 'external-data-short' : 'external-data-missing',
      `${onnx.path} of ${repo.id} keeps tensor "${name}" in ${payload.location}, which ${file ? 'is too short' : 'is not there'}`,
      'Choose another dtype or another export of the model.',
    );
  }
}

async function readConfig(
  hub: HubConnection,
  repo: Repo,
  files: readonly RepoFile[],
  path: string,
): Promise<{ json: unknown; bytes: number }> {
  if (!files.some((file) => file.path === path)) return { json: undefined, bytes: 0 };
  const response = await hub.fetch(fileUrl(hub, repo, path));
  const text = await response.text();
  try {
    return { json: JSON.parse(text), bytes: Buffer.byteLength(text) };
  } catch {
    throw badInput('malformed-json', `${path} of ${repo.id} is not valid JSON`, 'Choose another export.');
  }
}

function hasTemplate(tokenizerConfig: unknown): boolean {
  return (
    typeof tokenizerConfig === 'object' && tokenizerConfig !== null && 'chat_template' in tokenizerConfig
  );
}

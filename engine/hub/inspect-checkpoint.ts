/** Checkpoints on the hub, judged by their headers alone: the decoder is written over files that are not here. */
import type { Checkpoint } from '../checkpoint/checkpoint';
import { MAX_POSITIONS } from '../checkpoint/decoder/families';
import { readHeader as readGgufHeader } from '../checkpoint/gguf/header';
import { checkpointOf, type GgufCheckpoint } from '../checkpoint/gguf/read';
import { joined } from '../checkpoint/gguf/split';
import { openCheckpoint } from '../checkpoint/open';
import { readHeader } from '../checkpoint/safetensors/header';
import { safetensorsOf } from '../checkpoint/safetensors/read';
import type { ModelConfig } from '../config/config';
import { ChatTemplate } from '../model/chat-template';
import { checkDecoderOnly } from '../model/folder';
import { ggufParts, ggufScheme } from '../model/gguf-source';
import { type GraphFacts, inspectGraph, preparationOutlook, refusedFacts } from '../model/inspect';
import { EngineError, type ModelCard } from '../protocol';
import { tokenizerSettings } from '../tokenizer/tokenizer-config';
import type { HubConnection } from './connection';
import { RemoteFile } from './remote-file';
import { fileUrl, type Repo, type RepoFile } from './repo';
import type { Parts } from './repo-parts';

/** What the structure of a model's files tells. */
export type HeaderFacts = GraphFacts & Pick<ModelCard, 'preparation' | 'fetched'>;

/** All that is read of a model's files. */
export type Told = HeaderFacts &
  Pick<ModelCard, 'family' | 'contextLength' | 'hasChatTemplate' | 'templateRefusal'>;

/** @throws EngineError where the hub cannot be read */
export async function inspectSafetensors(
  hub: HubConnection,
  repo: Repo,
  { weights }: Parts,
  config: ModelConfig,
): Promise<HeaderFacts & Pick<Told, 'contextLength'>> {
  const files = weights.filter(({ path }) => path.endsWith('.safetensors'));
  const remote = files.map((file) => remoteFile(hub, repo, file));
  const facts = await judged(remote, async () => {
    const headers = await Promise.all(
      remote.map((file, i) => file.whenThere(() => readHeader(file, files[i]!.path))),
    );
    return factsOf(safetensorsOf(config, headers, repo.id), repo, files);
  });
  return { ...facts, contextLength: boundedContext(config) };
}

/** @throws EngineError where the hub cannot be read, or the file is no decoder that says what it is */
export async function inspectGguf(hub: HubConnection, repo: Repo, { weights }: Parts): Promise<Told> {
  const files = [...weights].sort((a, b) => a.path.localeCompare(b.path));
  const remote = files.map((file) => remoteFile(hub, repo, file));
  const headers = await Promise.all(
    remote.map((file, i) => file.whenThere(() => readGgufHeader(file, files[i]!.path))),
  );
  const paths = files.map(({ path }) => path);
  const [first] = weights;
  const checkpoint = await remote[0]!.whenThere(() =>
    checkpointOf(joined(headers, paths), first.path, ({ file, offset, length }) =>
      remote[paths.indexOf(file)]!.read(offset, length),
    ),
  );
  const facts = await judged(remote, () => factsOf(checkpoint, repo, files));
  return { ...facts, ...about(checkpoint, first.path) };
}

function about(checkpoint: GgufCheckpoint, path: string): Omit<Told, keyof HeaderFacts> {
  const { config, tokenizer, chatTemplate } = ggufParts(checkpoint, path);
  checkDecoderOnly(config, path);
  const settings = tokenizerSettings(tokenizer).config;
  const template = chatTemplate === undefined ? undefined : new ChatTemplate(path, chatTemplate, settings);
  return {
    family: config.model_type ?? null,
    contextLength: boundedContext(config),
    hasChatTemplate: template !== undefined,
    templateRefusal: template?.refuses() ?? null,
  };
}

/** As a decoder is written for it. */
function boundedContext({ max_position_embeddings: positions = MAX_POSITIONS }: ModelConfig): number {
  return Math.min(positions, MAX_POSITIONS);
}

function remoteFile(hub: HubConnection, repo: Repo, file: RepoFile): RemoteFile {
  return new RemoteFile(hub, fileUrl(hub, repo, file.path), file.bytes);
}

/** Why it is refused, where it is. */
async function judged(
  files: readonly RemoteFile[],
  facts: () => Omit<HeaderFacts, 'fetched'> | Promise<Omit<HeaderFacts, 'fetched'>>,
): Promise<HeaderFacts> {
  const fetched = () => files.reduce((sum, file) => sum + file.fetched, 0);
  try {
    return { ...(await facts()), fetched: fetched() };
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'failure') throw error;
    return { ...refusedFacts(error), preparation: null, fetched: fetched() };
  }
}

function factsOf(
  checkpoint: Checkpoint,
  { id }: Repo,
  files: readonly RepoFile[],
): Omit<HeaderFacts, 'fetched'> {
  const scheme = checkpoint.format === 'gguf' ? ggufScheme(checkpoint) : undefined;
  const outlook = scheme && preparationOutlook(checkpoint, scheme);
  const file = openCheckpoint(checkpoint, id, outlook?.made, files);
  try {
    const bytes = outlook?.preparation.bytes ?? files.reduce((sum, each) => sum + each.bytes, 0);
    const facts = inspectGraph(file, checkpoint.config, bytes, (constant) => file.readFloats(constant)[0]);
    return { ...facts, preparation: outlook?.preparation ?? null };
  } finally {
    file.close();
  }
}

/** Folders whose files are there by name alone, or that hold no model: links that lead nowhere, pointers, adapters. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readModelFolder } from '../../engine/model/folder';
import { inspectFolder } from '../../engine/model/inspect';
import { openFiles } from '../../engine/model/model-head';
import { ReleaseStack } from '../../engine/onnx/runtime/release-stack';
import { EngineError, type Failure, toFailure } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { readFamily, writeFamily } from '../checkpoint/families';

const root = temporaryFolder();
let made = 0;

function checkpoint(): string {
  const folder = join(root, `checkpoint-${++made}`);
  writeFamily(folder, readFamily('llama'), { shards: 2 });
  return folder;
}

function pointerAt(path: string): string {
  writeFileSync(
    path,
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 538090408\n`,
  );
  return path;
}

const ABOUT = { source: 'folder', model: 'm', name: 'm' } as const;

/** What the card of a model says, or reading its folder does; opening it says the same. */
async function refusalOf(model: string) {
  const opening = openFiles(
    { folder: model, dtype: null, memorySaver: true, device: 'cpu' },
    new ReleaseStack(),
  );
  const refused: unknown = await opening.catch((error) => error);
  if (!(refused instanceof EngineError)) throw new Error(`opening ${model} was not refused`);
  let told: Failure | null;
  try {
    told = inspectFolder(model, null, ABOUT).refusal;
  } catch (error) {
    told = toFailure(error);
  }
  expect(told).toMatchObject({ code: refused.code, message: refused.message, hint: refused.hint });
  return refused;
}

const single = (folder: string) => {
  rmSync(join(folder, 'model.safetensors.index.json'));
  return join(folder, 'model.safetensors');
};

it.each<[string, () => string]>([
  ['safetensors', () => pointerAt(single(checkpoint()))],
  ['one shard', () => pointerAt(join(checkpoint(), 'model-00002-of-00002.safetensors'))],
  ['the index', () => pointerAt(join(checkpoint(), 'model.safetensors.index.json'))],
  ['the tokenizer', () => pointerAt(join(checkpoint(), 'tokenizer.json'))],
  ['a GGUF file', () => pointerAt(join(root, 'own-Q4_0.gguf'))],
  [
    'ONNX',
    () => pointerAt(join(writeDecoder(join(root, 'onnx-model'), { layers: 1 }).folder, 'onnx', 'model.onnx')),
  ],
])('a pointer of Git LFS in the place of %s is named as such', async (_, write) => {
  const path = write();
  const model = /^(.*?)(?:\/onnx)?\/[^/]*$/.exec(path.replaceAll('\\', '/'))![1]!;
  expect(await refusalOf(path.endsWith('.gguf') ? path : model)).toMatchObject({
    code: 'missing-file',
    message: expect.stringContaining('is a pointer of Git LFS: the file itself was not downloaded'),
    hint: expect.stringContaining('git lfs pull'),
  });
});

it.each<[string, (folder: string) => string]>([
  ['safetensors', single],
  ['one shard', (folder) => join(folder, 'model-00001-of-00002.safetensors')],
  ['a GGUF file', (folder) => join(folder, '..', 'linked.gguf')],
])('a link that leads nowhere in the place of %s is named with where it leads', async (_, place) => {
  const folder = checkpoint();
  const path = place(folder);
  rmSync(path, { force: true });
  symlinkSync(join('..', 'blobs', 'gone'), path);
  expect(await refusalOf(path.endsWith('.gguf') ? path : folder)).toMatchObject({
    code: 'missing-file',
    message: expect.stringMatching(/is a link to ..[/\\]blobs[/\\]gone, which is missing$/),
  });
});

it('a folder of folders names one of those that hold a model', () => {
  const snapshot = join(root, 'models--org--name', 'snapshots', 'abc');
  mkdirSync(join(snapshot, '..', '..', 'blobs'), { recursive: true });
  mkdirSync(join(snapshot, '..'));
  renameSync(checkpoint(), snapshot);
  expect(() => readModelFolder(join(root, 'models--org--name'), null)).toThrow(
    expect.objectContaining({ code: 'no-model', hint: expect.stringContaining(`such as ${snapshot}`) }),
  );
  expect(() => readModelFolder(join(root, 'models--org--name', 'blobs'), null)).toThrow(
    expect.objectContaining({ code: 'no-model', hint: expect.stringMatching(/^Give a folder in the onnx/) }),
  );
});

it.each([
  ['adapter_config.json', 'It holds an adapter alone: merge it into its base model first.'],
  ['pytorch_model-00001-of-00002.bin', 'get the model in safetensors'],
  ['consolidated.safetensors', 'consolidated.safetensors does not have the name'],
  ['notes.txt', 'Give a folder in the onnx-community layout'],
])('a folder with %s and no model says what to do about that', (name, hint) => {
  const folder = join(root, `with-${name}`);
  mkdirSync(folder);
  writeFileSync(join(folder, name), '{}');
  expect(() => readModelFolder(folder, null)).toThrow(
    expect.objectContaining({ code: 'no-model', hint: expect.stringContaining(hint) }),
  );
});

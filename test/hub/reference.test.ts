/** What is pasted where a model is asked for: paths as systems and shells write them, ONNX files, pages of the hub. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readReference } from '../../engine/hub/reference';
import { readHubAddress } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { openModel, testEngine } from '../../fixtures/test-engine';

const root = temporaryFolder();
const model = writeDecoder(join(root, 'my models', 'tiny'), { layers: 1 }).folder;
writeDecoder(model, { layers: 1, suffix: '_q4' });
const folderOf = (text: string) => readReference(text).model;

describe('a path', () => {
  it.each([
    ['as it is', model],
    ['with white space around it', `  ${model}\n`],
    ['in double quotes', `"${model}"`],
    ['in single quotes', `'${model}'`],
    ['as an address', pathToFileURL(model).href],
  ])('%s', (_, text) => expect(folderOf(text)).toBe(model));

  it('from the home folder', () => {
    expect(folderOf('~/models/x')).toBe(join(homedir(), 'models/x'));
    expect(folderOf('~')).toBe(homedir());
    expect(folderOf('~other/x')).toBe('~other/x');
  });

  it('that is there counts as it is, whatever it looks like', () => {
    const quoted = join(root, '"quoted".onnx');
    mkdirSync(quoted);
    expect(readReference(quoted)).toEqual({ model: quoted, dtype: null, revision: null });
  });

  it('of an ONNX file is its model, with those weights', () => {
    const file = (name: string) => readReference(join(model, 'onnx', name));
    expect(file('model.onnx')).toEqual({ model, dtype: 'fp32', revision: null });
    expect(file('model_q4.onnx')).toEqual({ model, dtype: 'q4', revision: null });
    expect(readReference(`"${join(root, 'flat', 'model_fp16.onnx')}"`)).toMatchObject({
      model: join(root, 'flat'),
      dtype: 'fp16',
    });
    expect(() => file('encoder.onnx')).toThrow(/encoder\.onnx is not a file of a model's weights/);
  });
});

describe('a file of weights', () => {
  it('of a checkpoint in safetensors is its folder', () => {
    for (const name of [
      'model.safetensors',
      'model-00001-of-00002.safetensors',
      'model.safetensors.index.json',
    ])
      expect(readReference(join(root, 'x', name))).toEqual({
        model: join(root, 'x'),
        dtype: null,
        revision: null,
      });
    expect(folderOf('model.safetensors')).toBe('.');
  });

  it('of a checkpoint beside ONNX files is not those', () => {
    expect(readReference(join(model, 'model.safetensors'))).toMatchObject({ model, dtype: 'safetensors' });
  });

  it('is not what an empty name means', () => {
    for (const text of ['', ' ', '\n'])
      expect(() => readReference(text)).toThrow('the name of the model is empty');
  });

  it('in GGUF is itself', () => {
    for (const path of [join(root, 'x-Q4_K_M.gguf'), `"${join(root, 'x.GGUF')}"`])
      expect(readReference(path)).toMatchObject({ model: path.replaceAll('"', ''), dtype: null });
  });

  it("of Ollama's is its name", () => {
    expect(readReference('ollama:tiny.onnx').model).toBe('ollama:tiny.onnx');
    expect(readReference(' ollama:llama3.2:1b\n')).toEqual({
      model: 'ollama:llama3.2:1b',
      dtype: null,
      revision: null,
    });
  });
});

describe('an address on the hub', () => {
  const PAGE = 'https://huggingface.co/some-org/SomeModel-1.5B';
  it.each([
    [PAGE, null, ''],
    [`${PAGE}/`, null, ''],
    [`${PAGE}?library=transformers.js#usage`, null, ''],
    [`${PAGE}/discussions/3`, null, ''],
    ['huggingface.co/some-org/SomeModel-1.5B', null, ''],
    ['hf.co/some-org/SomeModel-1.5B', null, ''],
    ['hf://some-org/SomeModel-1.5B', null, ''],
    [`${PAGE}/tree/main`, 'main', ''],
    [`${PAGE}/tree/refs%2Fpr%2F7/onnx`, 'refs/pr/7', 'onnx'],
    [`${PAGE}/resolve/v1.0/onnx/model_q4.onnx?download=true`, 'v1.0', 'onnx/model_q4.onnx'],
    ['http://mirror.test:8/some-org/SomeModel-1.5B', null, ''],
  ])('%s', (text, revision, path) => {
    expect(readHubAddress(text, 'http://mirror.test:8')).toEqual({
      id: 'some-org/SomeModel-1.5B',
      revision,
      path,
    });
  });

  it('is a hub id with its revision and weights', () => {
    expect(readReference(`${PAGE}/blob/v1/onnx/model_q4f16.onnx`)).toEqual({
      model: 'some-org/SomeModel-1.5B',
      dtype: 'q4f16',
      revision: 'v1',
    });
    // Whichever snapshot is here will do.
    expect(readReference(`${PAGE}/tree/main`).revision).toBeNull();
  });

  it.each([
    'https://huggingface.co/datasets/org/name',
    'https://huggingface.co/spaces/org/name',
    'https://huggingface.co/models',
    'https://huggingface.co/org/name/tree/..%2F..%2Fx',
    'https://huggingface.co/org%2Fname/x%ff',
    'https://huggingface.co/../../etc',
  ])('%s is refused', (text) => {
    expect(() => readReference(text)).toThrow(/is not the address of a model on the hub/);
  });

  it('is not what only looks like one', () => {
    expect(readHubAddress('some-org/name')).toBeNull();
    expect(readHubAddress('https://huggingface.co.evil.test/org/name')).toBeNull();
    expect(() => readReference('https://example.com/model')).toThrow(/neither a folder of this machine nor/);
  });
});

it('opens what is meant', async () => {
  const engine = testEngine();
  const opened = await openModel(engine, `'${join(model, 'onnx', 'model_q4.onnx')}'`);
  expect(opened).toMatchObject({ folder: model, id: 'tiny', dtype: 'q4' });
  const page = 'https://huggingface.co/some-org/absent/tree/v2';
  await expect(openModel(engine, page)).rejects.toMatchObject({
    code: 'not-cached',
    message: 'some-org/absent at v2 is neither a folder nor a model in the cache',
    hint: 'Download it in Models, or with: models pull some-org/absent --revision v2',
  });
});

/** The models of this machine: found in the cache and in folders, opened from there, gone without harm. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Engine } from '../../engine/api/engine';
import type { ModelEntry } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { otherTools } from '../../fixtures/other-tools';
import { one, temporaryFolder } from '../../fixtures/runs';
import { openModel, runEvents, testEngine } from '../../fixtures/test-engine';
import { readFamily, writeFamily } from '../checkpoint/families';
import { putInCache } from './cached';

const folder = temporaryFolder();
const cache = join(folder, 'hub');
const external = writeDecoder(join(folder, 'external'), { weights: 'split', tail: [{ op: 'cap', at: 30 }] });
const half = writeDecoder(join(folder, 'half'), { suffix: '_fp16', dtype: 'float16', vocab: 400 });

let engines = 0;
let engine: Engine;

beforeEach(() => {
  rmSync(cache, { recursive: true, force: true });
  vi.stubEnv('HF_HUB_CACHE', cache);
  for (const [name, value] of Object.entries(otherTools(join(folder, 'home')))) vi.stubEnv(name, value);
  engine = testEngine(join(folder, `data-${engines++}`));
});

async function entries(): Promise<Map<string, ModelEntry>> {
  const { models } = await engine.query('models.list', {});
  return new Map(models.map((entry) => [entry.name, entry]));
}

const inspect = (model: string | null, dtype: string | null = null) =>
  engine.query('models.inspect', { model, dtype, revision: null, onHub: false });

it('lists the starter where there is no cache at all', async () => {
  expect(existsSync(cache)).toBe(false);
  expect([...(await entries()).keys()]).toEqual(['starter']);
});

it('lists what other tools left in the cache, and opens it through its links', async () => {
  putInCache(cache, 'some-org/external', external.folder);
  mkdirSync(join(cache, '.locks'));
  mkdirSync(join(cache, 'datasets--some-org--data', 'snapshots'), { recursive: true });
  const weightless = putInCache(cache, 'some-org/pytorch', external.folder);
  rmSync(join(weightless, 'onnx'), { recursive: true });

  const list = await entries();
  expect([...list.keys()]).toEqual(['starter', 'some-org/external']);
  const data = ['', '_data', '_data_1', '_data_2'].map((end) => `${external.onnxPath}${end}`);
  expect(list.get('some-org/external')).toMatchObject({
    source: 'cache',
    model: 'some-org/external',
    family: 'qwen2',
    problem: null,
    dtypes: [{ dtype: 'fp32', bytes: data.reduce((sum, path) => sum + statSync(path).size, 0) }],
  });

  const events = await runEvents(engine, {
    model: { folder: 'some-org/external' },
    prompt: { kind: 'raw', text: 'one' },
    lanes: [{ name: 'slot', steps: 1 }],
    generation: { maxNewTokens: 2, ignoreEos: true },
  });
  expect(one(events, 'run.started').model.id).toBe('some-org/external');
  expect(one(events, 'lane.done').ids).toHaveLength(2);
});

it('takes each dtype from a snapshot that has it, the newest named one first', async () => {
  putInCache(cache, 'some-org/two', half.folder, 'a'.repeat(40));
  putInCache(cache, 'some-org/two', external.folder, 'b'.repeat(40));
  expect((await entries()).get('some-org/two')?.dtypes.map(({ dtype }) => dtype)).toEqual(['fp16', 'fp32']);
  const opened = async (dtype: string) => (await inspect('some-org/two', dtype)).vocab;
  expect([await opened('fp16'), await opened('fp32')]).toEqual([400, 384]);
});

it('says how to get a model that is not there', async () => {
  await expect(openModel(engine, 'some-org/absent')).rejects.toMatchObject({
    kind: 'input',
    code: 'not-cached',
    hint: 'Download it in Models, or with: models pull some-org/absent',
  });
});

it('describes a model as opening it does', async () => {
  const card = await inspect(external.folder);
  const opened = await openModel(engine, external.folder);
  expect(card).toMatchObject({
    source: 'folder',
    dtype: opened.dtype,
    layers: opened.layers,
    vocab: opened.vocab,
    hidden: opened.hidden,
    contextLength: opened.contextLength,
    projection: opened.projection,
    chain: ['hidden', 'MatMul(Transpose)', 'Div 30', 'Tanh', 'Mul 30', 'logits'],
    refusal: null,
    fetched: 0,
  });
  expect(card.inputs.slice(0, 2)).toEqual([
    { name: 'input_ids', type: 'int64', dims: ['batch_size', 'sequence_length'] },
    { name: 'attention_mask', type: 'int64', dims: ['batch_size', 'total_sequence_length'] },
  ]);
  // The starter's head of 4096·256 floats is read twice a step, and 256 rows of 4096 logits too.
  const starter = await inspect(null);
  expect(starter.step?.bytes).toBe(2 * 4 * (starter.vocab! * starter.hidden! + 256 * starter.vocab!));
});

it('tells what stands in the way, and keeps what it knows', async () => {
  const early = writeDecoder(join(folder, 'early'), { cache: false });
  const card = await inspect(early.folder);
  expect(card).toMatchObject({ vocab: 384, refusal: { code: 'no-kv-cache' }, memory: null });
});

it('keeps folders, says when one has moved, and forgets it', async () => {
  const { model } = await engine.query('models.addFolder', { folder: half.folder });
  expect(model).toMatchObject({ source: 'folder', name: 'half', dtypes: [{ dtype: 'fp16' }] });
  renameSync(half.folder, `${half.folder}-moved`);
  try {
    expect((await entries()).get('half')?.problem).toMatchObject({ code: 'folder-gone' });
  } finally {
    renameSync(`${half.folder}-moved`, half.folder);
  }
  expect((await entries()).get('half')?.problem).toBeNull();
  await engine.query('models.forgetFolder', { folder: half.folder });
  expect((await entries()).has('half')).toBe(false);
  expect(existsSync(half.onnxPath)).toBe(true);
});

it('refuses a folder that holds no model', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'readme.txt'), '');
  await expect(engine.query('models.addFolder', { folder: empty })).rejects.toMatchObject({
    code: 'no-model',
  });
  await expect(engine.query('models.addFolder', { folder: 'half' })).rejects.toMatchObject({ kind: 'input' });
});

it('deletes a cached model with what it frees, and nothing else', async () => {
  putInCache(cache, 'some-org/external', external.folder);
  putInCache(cache, 'some-org/other', half.folder);
  const { bytes } = (await entries()).get('some-org/external')!;
  const { freed } = await engine.query('models.remove', {
    id: 'some-org/external',
    dtype: null,
    revision: null,
  });
  expect(freed).toBe(bytes);
  expect([...(await entries()).keys()]).toEqual(['starter', 'some-org/other']);
});

it('deletes no checkpoint in the place of what is made of it', async () => {
  const checkpoint = join(folder, 'checkpoint');
  writeFamily(checkpoint, readFamily('llama'));
  putInCache(cache, 'some-org/checkpoint', checkpoint);
  const { dtypes } = (await entries()).get('some-org/checkpoint')!;
  expect(dtypes.map(({ dtype, madeOf }) => [dtype, madeOf])).toEqual([
    ['safetensors', undefined],
    ['safetensors_q4', 'safetensors'],
    ['safetensors_q8', 'safetensors'],
  ]);
  const remove = (dtype: string) =>
    engine.query('models.remove', { id: 'some-org/checkpoint', dtype, revision: null });
  await expect(remove('safetensors_q8')).rejects.toMatchObject({
    code: 'no-dtype',
    message: 'some-org/checkpoint has no files of safetensors_q8: that is made of its safetensors',
    hint: expect.stringContaining('models prepared'),
  });
  expect((await entries()).get('some-org/checkpoint')).toMatchObject({ dtypes });
  expect((await remove('safetensors')).freed).toBeGreaterThan(0);
  expect([...(await entries()).keys()]).toEqual(['starter']);
});

it('deletes one revision, and of its content what no other one links to', async () => {
  const [older, newer] = ['a'.repeat(40), 'b'.repeat(40)];
  const both = writeDecoder(join(folder, 'both'), { weights: 'external' });
  putInCache(cache, 'some-org/two', both.folder, older);
  const { size: config } = statSync(join(both.folder, 'config.json'));
  writeDecoder(both.folder, { suffix: '_fp16', dtype: 'float16' });
  putInCache(cache, 'some-org/two', both.folder, newer);
  const blobs = () => readdirSync(join(cache, 'models--some-org--two', 'blobs')).length;
  const remove = async (what: { dtype?: string; revision?: string }) =>
    (await engine.query('models.remove', { id: 'some-org/two', dtype: null, revision: null, ...what })).freed;

  const before = blobs();
  // Of the older one only config.json is its own.
  expect(await remove({ revision: older })).toBe(config);
  expect(blobs()).toBe(before - 1);
  expect((await inspect('some-org/two', 'fp32')).refusal).toBeNull();
  expect(await remove({ dtype: 'fp16' })).toBe(statSync(join(both.folder, 'onnx', 'model_fp16.onnx')).size);
  putInCache(cache, 'some-org/two', half.folder, older);
  const { bytes } = (await entries()).get('some-org/two')!;
  // `main` names the older one now, and the newer one goes by its commit.
  const freed = await remove({ revision: newer });
  expect(freed).toBeGreaterThan(statSync(`${both.onnxPath}_data`).size);
  expect((await entries()).get('some-org/two')).toMatchObject({
    bytes: bytes - freed,
    dtypes: [{ dtype: 'fp16' }],
  });
  await remove({ revision: 'main' });
  expect(existsSync(join(cache, 'models--some-org--two'))).toBe(false);
});

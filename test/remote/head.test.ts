/** The head of a model on the hub: fetched by its byte ranges alone, kept whole or not at all, and as good as the whole model's. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createEngine, type Engine } from '../../engine/api/engine';
import { readHeader } from '../../engine/checkpoint/safetensors/header';
import { HubConnection } from '../../engine/hub/connection';
import { fetchHead } from '../../engine/hub/head';
import { inspectFolder } from '../../engine/model/inspect';
import { ModelHead } from '../../engine/model/model-head';
import { FileSource } from '../../engine/onnx/source/file-source';
import { ModelSettings } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, temporaryFolder } from '../../fixtures/runs';
import { runEvents } from '../../fixtures/test-engine';
import { readFamily, writeFamily } from '../checkpoint/families';
import { HubServer } from '../hub/server';
import { FakeLlama, type FakeModel } from './fake';
import { servedFrom, shortRun } from './served';

const folder = temporaryFolder();
const whole = join(folder, 'untied');
const heads = join(folder, 'cache', 'heads');
let hub: HubServer;
let engine: Engine;
let server: FakeLlama;
let model: FakeModel;

beforeAll(async () => {
  writeFamily(whole, readFamily('llama-untied'), { shards: 3 });
  writeFamily(join(folder, 'tied'), readFamily('qwen2'));
  writeFamily(join(folder, 'odd'), readFamily('llama'));
  const weights = join(folder, 'odd', 'model.safetensors');
  const other = readFileSync(weights, 'latin1').replace(/(up_proj.weight":\{"dtype":")F32/, '$1I32');
  writeFileSync(weights, other, 'latin1');
  mkdirSync(join(folder, 'onnx'));
  writeDecoder(join(folder, 'onnx'), { d: 16, layers: 1 });
  model = await servedFrom(whole);
  const at = (name: string) => ({ folder: join(folder, name), lfsFrom: 1000 });
  hub = await HubServer.start(
    Object.fromEntries(['untied', 'tied', 'odd', 'onnx'].map((name) => [`some-org/${name}`, at(name)])),
  );
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
  vi.stubEnv('SLOT_STUDIO_CACHE', join(folder, 'cache'));
  engine = createEngine({ dataFolder: join(folder, 'data') });
  server = await FakeLlama.start(model);
});

afterEach(() => {
  hub.trouble = () => undefined;
  hub.asked.length = 0;
  rmSync(heads, { recursive: true, force: true });
});

afterAll(async () => {
  await engine.dispose();
  await hub.stop();
  await server.stop();
  vi.unstubAllEnvs();
});

/** `memorySaver` makes it another model than the one that is open. */
const open = (head: string, at = server.address, signal?: AbortSignal) =>
  engine.query('model.open', ModelSettings.parse({ folder: head, server: at }), signal);

const close = (at = server.address) => open(whole, at);

/** What lies there, without a word of anything half done. */
const kept = () => (existsSync(heads) ? readdirSync(heads) : []);

const isWeights = (url: string) => url.includes('.safetensors');

it('answers as the whole model’s head does, of which it asked for nothing else', async () => {
  const told: unknown[] = [];
  const unwatch = engine.watchPreparing((progress) => told.push(progress?.phase ?? null));
  const fetched = await runEvents(engine, shortRun('hub:some-org/untied', server.address));
  unwatch();
  const own = await runEvents(engine, shortRun(whole, server.address));
  expect(answerOf(fetched, 'slot')).toEqual(answerOf(own, 'slot'));
  expect(one(fetched, 'slot.done').finalLoss).toBe(one(own, 'slot.done').finalLoss);
  expect(one(fetched, 'run.started').model.id).toBe('some-org/untied');
  expect(new Set(told)).toEqual(new Set(['fetching', null]));
  expect(told.at(-1)).toBeNull();
  // The ranges of the two tensors, in whichever shard they lie, besides the shards' beginnings.
  const wanted = ['lm_head.weight', 'model.norm.weight'].map(rangeOf);
  const ranges = hub.asked.flatMap(({ side, url, range }) =>
    side === 'cdn' && isWeights(url) ? [range] : [],
  );
  expect(ranges.filter((range) => !range!.startsWith('bytes=0-')).sort()).toEqual(wanted.sort());
});

it('is kept: the hub is asked once', async () => {
  await open('hub:some-org/untied');
  await close();
  const before = hub.asked.length;
  expect(kept()).toEqual([expect.stringMatching(/^some-org--untied@[0-9a-f]{40}$/)]);
  expect((await open('hub:some-org/untied')).server?.message).toContain('were not compared');
  expect(hub.asked).toHaveLength(before);
  await close();
});

it('is the embedding of a model that ties both', async () => {
  const tied = join(folder, 'tied');
  const other = await FakeLlama.start(await servedFrom(tied));
  expect((await open('hub:some-org/tied', other.address)).server?.difference.head).toBeLessThan(1e-4);
  const fetched = join(heads, kept()[0]!);
  const bytes = readFileSync(join(fetched, 'head.safetensors'));
  const header = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString();
  expect(Object.keys(JSON.parse(header))).toEqual(['model.embed_tokens.weight', 'model.norm.weight']);
  // Filled up to whole words, as safetensors writes it, and no further.
  expect(header.length % 8).toBe(0);
  expect(header.length - header.trimEnd().length).toBeLessThan(8);
  await open(tied, other.address);
  await other.stop();
});

it('takes away what a process that is gone had begun, and leaves that of another', async () => {
  const host = hostname().replace(/[^\w-]/g, '_');
  const begun = [process.ppid, 2 ** 30].map((pid) => `some-org--untied@x.${host}~${pid}~1.incomplete`);
  for (const name of [...begun, 'some-org--other@x']) mkdirSync(join(heads, name), { recursive: true });
  await open('hub:some-org/untied');
  await close();
  expect(kept().sort()).toEqual([
    'some-org--other@x',
    expect.stringMatching(/^some-org--untied@[0-9a-f]{40}$/),
    begun[0],
  ]);
});

it('is refused where the whole model is, for what its layers are stored as', async () => {
  const own = new HubConnection();
  const fetching = { id: 'some-org/odd', folder: heads, onProgress: () => {} };
  const head = await fetchHead(own, fetching, new AbortController().signal);
  await own.close();
  const about = { source: 'folder', model: null, name: 'x' } as const;
  const refusalOf = (path: string) => inspectFolder(path, null, about).refusal?.message;
  expect(refusalOf(head)).toMatch(/up_proj\.weight" is stored as I32, which is not read/);
  expect(refusalOf(head)).toBe(refusalOf(join(folder, 'odd')));
});

it('is fetched by two at once without harm', async () => {
  const own = new HubConnection();
  const { signal } = new AbortController();
  const fetching = { id: 'some-org/untied', folder: heads, onProgress: () => {} };
  const [one, other] = await Promise.all([
    fetchHead(own, fetching, signal),
    fetchHead(own, fetching, signal),
  ]);
  await own.close();
  expect(one).toBe(other);
  expect(kept()).toEqual([basename(one)]);
});

it.each([
  ['a hub that sends the whole file', { ignoreRange: true }, 'no-ranges'],
  ['another range', { headers: { 'content-range': 'bytes 0-7/8' } }, 'no-ranges'],
  ['a body without an end', { endless: true }, 'no-ranges'],
] as const)('keeps nothing of %s', async (_name, trouble, code) => {
  hub.trouble = ({ side, url }) => (side === 'cdn' && isWeights(url) ? trouble : undefined);
  await expect(open('hub:some-org/untied')).rejects.toMatchObject({ code });
  expect(kept()).toEqual([]);
});

it('keeps nothing of tensors that come otherwise than their header says', async () => {
  hub.trouble = ({ side, url, range }) =>
    side === 'cdn' && isWeights(url) && !range!.startsWith('bytes=0-') ? { ignoreRange: true } : undefined;
  await expect(open('hub:some-org/untied')).rejects.toMatchObject({ code: 'no-ranges' });
  expect(kept()).toEqual([]);
});

it('stops when it is cancelled, and keeps nothing', async () => {
  const cancel = new AbortController();
  hub.trouble = ({ side, url, range }) => {
    if (side !== 'cdn' || !isWeights(url) || range!.startsWith('bytes=0-')) return undefined;
    cancel.abort(new Error('enough'));
    return { hang: true };
  };
  await expect(open('hub:some-org/untied', server.address, cancel.signal)).rejects.toThrow('enough');
  expect(kept()).toEqual([]);
});

it.each([
  ['hub:some-org/onnx', 'no-head'],
  ['hub:../..', 'bad-head'],
  ['hub:some-org/none', 'unauthorised'],
])('refuses %s', async (head, code) => {
  await expect(open(head)).rejects.toMatchObject({ code });
  expect(kept()).toEqual([]);
});

it('is no model by itself', async () => {
  await expect(
    engine.query('model.open', ModelSettings.parse({ folder: 'hub:some-org/untied' })),
  ).rejects.toMatchObject({ code: 'head-alone', hint: expect.stringContaining('server') });
});

it('has the whole model’s tokenizer, layers and head', async () => {
  await open('hub:some-org/untied');
  await close();
  const options = { dtype: null, memorySaver: true, device: 'cpu' } as const;
  const [fetched, own] = await Promise.all(
    [join(heads, kept()[0]!), whole].map((path) => ModelHead.openHead({ ...options, folder: path })),
  );
  const about = { source: 'folder', model: null, name: 'some-org/untied' } as const;
  expect(inspectFolder(join(heads, kept()[0]!), null, about)).toMatchObject({
    refusal: null,
    vocab: model.vocab,
  });
  expect(fetched!.layers).toBe(own!.layers);
  expect(fetched!.tokenizer.encode('Tom has 3 apples.', false)).toEqual(
    own!.tokenizer.encode('Tom has 3 apples.', false),
  );
  const states = Float32Array.from({ length: own!.head.hiddenSize }, (_, i) => Math.sin(i));
  expect(await fetched!.head.project(states)).toEqual(await own!.head.project(states));
  await Promise.all([fetched!.release(), own!.release()]);
});

/** Of a tensor, in its shard. */
function rangeOf(name: string): string {
  for (const file of readdirSync(whole).filter((path) => path.endsWith('.safetensors'))) {
    const source = new FileSource(join(whole, file));
    const found = readHeader(source, file).tensors.find((tensor) => tensor.name === name);
    source.close();
    if (found) return `bytes=${found.offset}-${found.offset + found.length - 1}`;
  }
  throw new Error(`there is no ${name}`);
}

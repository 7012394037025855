/** What is told of a model before its download is what is told of it after: every export kept here, and broken ones. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createEngine, type Engine } from '../../engine/api/engine';
import { onnxFiles } from '../../engine/model/onnx-files';
import { WireWriter } from '../../engine/onnx/proto/wire-writer';
import type { ModelCard } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import type { DecoderOptions } from '../../fixtures/options';
import { temporaryFolder } from '../../fixtures/runs';
import { FIXTURES } from '../exports/traces';
import { pullToEnd } from './pulls';
import { HubServer } from './server';

const folder = temporaryFolder();
const exported = readdirSync(FIXTURES).map((name) => ({ name, folder: join(FIXTURES, name) }));
const cases = exported.flatMap(({ name, folder }) =>
  [...onnxFiles(folder).keys()].map((dtype) => [name, dtype]),
);

/** A tail's bias [V] becomes a factor [V], which only the making of the views notices. */
const asFactor = (onnx: string) => {
  const at = onnx.lastIndexOf('"\u0003Add');
  return `${onnx.slice(0, at)}"\u0003Mul${onnx.slice(at + 5)}`;
};
const BROKEN: Record<string, [Partial<DecoderOptions>, (onnx: string) => string, string]> = {
  factor: [{ tail: [{ op: 'Add' }] }, asFactor, 'unsupported-head'],
  'no-cache': [{ cache: false }, (onnx) => onnx, 'no-kv-cache'],
  input: [{}, (onnx) => onnx.replaceAll('attention_mask', 'intention_mask'), 'unsupported-input'],
  short: [{ weights: 'external' }, (onnx) => onnx.replace(/(offset..)\d/g, '$19'), 'external-data-short'],
  outside: [
    { weights: 'external' },
    (onnx) => onnx.replace('model.onnx_data', '/odel.onnx_data'),
    'external-data-outside',
  ],
  size: [{}, (onnx) => onnx.replace('\u0008\u0080\u0003\u0008 ', '\u0008\u0081\u0003\u0008 '), 'wrong-size'],
};

/** A constant inside a node whose data lies in another file: a link in the cache, which a copied node cannot follow. */
function writeNested(folder: string): void {
  const tensor = (t: WireWriter) =>
    t
      .varint(1, 2)
      .varint(2, 1)
      .text(8, 'w')
      .message(13, (entry) => entry.text(1, 'location').text(2, 'model.onnx_data'))
      .varint(14, 1);
  const node = (n: WireWriter) =>
    n
      .text(2, 'y')
      .text(4, 'Constant')
      .message(5, (a) => a.text(1, 'value').message(5, tensor).varint(20, 4));
  const model = new WireWriter().varint(1, 8).message(7, (graph) => graph.message(1, node));
  writeFileSync(
    join(folder, 'onnx', 'model.onnx'),
    model.message(8, (opset) => opset.varint(2, 17)).finish(),
  );
  writeFileSync(join(folder, 'onnx', 'model.onnx_data'), new Uint8Array(8));
}

let server: HubServer;
let engine: Engine;

beforeAll(async () => {
  const repos: [string, { folder: string }][] = exported.map(({ name, folder }) => [
    `exported/${name}`,
    { folder },
  ]);
  for (const [name, [options, damage]] of Object.entries(BROKEN)) {
    const made = writeDecoder(join(folder, name), { layers: 1, ...options });
    writeFileSync(made.onnxPath, damage(readFileSync(made.onnxPath, 'latin1')), 'latin1');
    repos.push([`broken/${name}`, { folder: made.folder }]);
  }
  const nested = writeDecoder(join(folder, 'nested')).folder;
  writeNested(nested);
  repos.push(['broken/nested', { folder: nested }]);
  server = await HubServer.start(Object.fromEntries(repos));
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
  engine = createEngine({ dataFolder: join(folder, 'data') });
});
afterAll(async () => {
  await engine.dispose();
  await server.stop();
});

const inspect = (model: string, dtype: string | null, onHub: boolean) =>
  engine.query('models.inspect', { model, dtype, revision: null, onHub });

/** All but where it is, what of it is here, and the way out: what is here can be had again, what is not need not be. */
function told({ source, folder: where, fetched, files, dtypes, refusal, ...rest }: ModelCard, id: string) {
  const named = refusal && {
    code: refusal.code,
    message: refusal.message.replaceAll(where ? `${where}/` : `${id}/`, ''),
  };
  return { ...rest, refusal: named, files: files.map(({ path, bytes }) => `${path} ${bytes}`).sort() };
}

async function beforeAndAfter(id: string, dtype: string | null) {
  const before = await inspect(id, dtype, true);
  expect(before.source).toBe('hub');
  await pullToEnd(engine, { id, dtype });
  const after = await inspect(id, dtype, false);
  expect(after.source).toBe('cache');
  rmSync(join(folder, 'hub'), { recursive: true });
  return { before: told(before, id), after: told(after, id) };
}

it.each(cases)('%s, %s', async (name, dtype) => {
  const { before, after } = await beforeAndAfter(`exported/${name}`, dtype!);
  expect(before).toEqual(after);
});

it.each(Object.entries(BROKEN))('%s, which is broken', async (name, [, , code]) => {
  const { before, after } = await beforeAndAfter(`broken/${name}`, null);
  expect(after.refusal?.code).toBe(code);
  expect(before).toEqual(after);
});

it('a constant that could not be followed through the links of the cache', async () => {
  const { before, after } = await beforeAndAfter('broken/nested', null);
  expect(after.refusal?.code).toBe('external-data-linked');
  expect(before).toEqual(after);
});

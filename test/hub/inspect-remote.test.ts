/** A model on the hub is described as it will be once it is here, from a small part of its bytes. */
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createEngine, type Engine, STARTER_FOLDER } from '../../engine/api/engine';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { putInCache } from './cached';
import { HubServer } from './server';

const folder = temporaryFolder();
const capped = writeDecoder(join(folder, 'capped'), { weights: 'split', tail: [{ op: 'cap', at: 30 }] });
const cacheless = writeDecoder(join(folder, 'cacheless'), { cache: false });
const broken = writeDecoder(join(folder, 'broken'));
writeFileSync(broken.onnxPath, Buffer.alloc(5_000_000, 7));
const elsewhere = writeDecoder(join(folder, 'elsewhere'), { weights: 'external' });
renameSync(`${elsewhere.onnxPath}_data`, join(elsewhere.folder, 'onnx', 'weights.bin'));

let server: HubServer;
let engine: Engine;

beforeAll(async () => {
  const repos = Object.entries({ starter: STARTER_FOLDER, capped, cacheless, broken, elsewhere }).map(
    ([name, model]) => [`some-org/${name}`, { folder: typeof model === 'string' ? model : model.folder }],
  );
  server = await HubServer.start(Object.fromEntries(repos));
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
  engine = createEngine({ dataFolder: join(folder, 'data') });
});
afterAll(async () => {
  await engine.dispose();
  await server.stop();
});
beforeEach(() => {
  server.trouble = () => undefined;
  server.asked.length = 0;
});

const inspect = (model: string | null, onHub = false) =>
  engine.query('models.inspect', { model, dtype: null, revision: null, onHub });

it.each([
  ['some-org/starter', null],
  ['some-org/capped', capped.folder],
])('%s: the card that its folder has', async (id, local) => {
  const { source, folder: where, name, model, files, fetched, ...rest } = await inspect(id);
  const here = await inspect(local);
  expect(here).toMatchObject(rest);
  expect({ source, where, name, model }).toEqual({ source: 'hub', where: null, name: id, model: id });
  expect(
    files.map(({ path, bytes }) => ({ path, bytes })).sort((a, b) => a.path.localeCompare(b.path)),
  ).toEqual(
    here.files.map(({ path, bytes }) => ({ path, bytes })).sort((a, b) => a.path.localeCompare(b.path)),
  );
  expect(files.every(({ isHere }) => !isHere)).toBe(true);
  expect(fetched).toBe(server.served());
});

it("has the hub's card of a model that is here, on request", async () => {
  putInCache(join(folder, 'hub'), 'some-org/cacheless', capped.folder);
  expect(await inspect('some-org/cacheless')).toMatchObject({ source: 'cache', refusal: null });
  expect(await inspect('some-org/cacheless', true)).toMatchObject({
    source: 'hub',
    refusal: { code: 'no-kv-cache' },
  });
  rmSync(join(folder, 'hub'), { recursive: true });
});

it('has the revision that is asked for: from here where it is, from the hub where it is not', async () => {
  putInCache(join(folder, 'hub'), 'some-org/cacheless', capped.folder, 'b'.repeat(40));
  putInCache(join(folder, 'hub'), 'some-org/cacheless', broken.folder, 'c'.repeat(40));
  const at = (revision: string) =>
    engine.query('models.inspect', { model: 'some-org/cacheless', dtype: null, revision, onHub: false });
  expect(await at('b'.repeat(40))).toMatchObject({ source: 'cache', refusal: null });
  expect(await at('main')).toMatchObject({ source: 'cache', refusal: { code: 'malformed-onnx' } });
  expect(server.asked).toEqual([]);
  await expect(at('v9')).rejects.toMatchObject({ kind: 'input', code: 'no-revision' });
  rmSync(join(folder, 'hub'), { recursive: true });
  expect(await at('main')).toMatchObject({ source: 'hub', refusal: { code: 'no-kv-cache' } });
});

it.each([null, capped.folder])('knows that %s has no revision, nor a place on the hub', async (model) => {
  const asked = { model, dtype: null, revision: null, onHub: false };
  for (const more of [{ revision: 'main' }, { onHub: true }]) {
    await expect(engine.query('models.inspect', { ...asked, ...more })).rejects.toMatchObject({
      kind: 'input',
      code: 'not-on-hub',
    });
  }
});

it('reads a small part of weights that lie inside the ONNX file', async () => {
  const whole = statSync(join(STARTER_FOLDER, 'onnx', 'model.onnx')).size;
  await inspect('some-org/starter');
  expect(server.served('model.onnx')).toBeLessThan(0.15 * whole);
  expect(server.served('tokenizer.json')).toBe(0);
  // The endpoint is asked once where the file is; the CDN answers the rest.
  expect(server.asked.filter(({ side, url }) => side === 'hub' && url.endsWith('model.onnx'))).toHaveLength(
    1,
  );
});

it('goes back to the endpoint when the address that it gave has expired', async () => {
  server.trouble = ({ side }, before) => (side === 'cdn' && before === 1 ? { status: 403 } : undefined);
  expect(await inspect('some-org/starter')).toMatchObject({ refusal: null });
});

it('refuses before the download what would be refused after it', async () => {
  const { refusal } = await inspect('some-org/cacheless');
  expect(refusal).toMatchObject({ kind: 'input', code: 'no-kv-cache' });
  expect(refusal).toEqual((await inspect(cacheless.folder)).refusal);
});

it('refuses a file that is no ONNX model from its first bytes', async () => {
  expect((await inspect('some-org/broken')).refusal).toMatchObject({ code: 'malformed-onnx' });
  expect(server.served('model.onnx')).toBeLessThan(1_000_000);
});

it('refuses weights in a file that would not be downloaded', async () => {
  expect((await inspect('some-org/elsewhere')).refusal).toMatchObject({ code: 'external-data-missing' });
});

it('says that a server has no ranges', async () => {
  server.trouble = ({ side }) => (side === 'cdn' ? { ignoreRange: true } : undefined);
  await expect(inspect('some-org/starter')).rejects.toMatchObject({ kind: 'failure', code: 'no-ranges' });
});

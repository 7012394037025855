/** Checkpoints and GGUF files on the hub have the card that they will have here, from their headers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createEngine, type Engine } from '../../engine/api/engine';
import { temporaryFolder } from '../../fixtures/runs';
import { readFamily, writeFamily } from '../checkpoint/families';
import { writeConverted } from '../checkpoint/gguf/converted';
import { writeTyped } from '../checkpoint/gguf/typed';
import { HubServer } from './server';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

writeFamily(at('sharded'), readFamily('gemma2'), { shards: 3 });
for (const name of ['floats', 'blocks', 'other']) mkdirSync(at(name));
writeConverted(join(at('floats'), 'tiny-F32.gguf'), 'qwen3');
writeTyped(join(at('blocks'), 'tiny-Q4_K_M.gguf'), 'Q4_K');
writeFamily(at('other'), { ...readFamily('llama'), config: { model_type: 'mamba' } });
writeFamily(at('named'), readFamily('llama'));
writeFileSync(
  join(at('named'), 'config.json'),
  JSON.stringify({ ...readFamily('llama').config, num_hidden_layers: 1 }),
);

let server: HubServer;
let engine: Engine;

beforeAll(async () => {
  const names = ['sharded', 'floats', 'blocks', 'other', 'named'];
  server = await HubServer.start(
    Object.fromEntries(names.map((name) => [`some-org/${name}`, { folder: at(name) }])),
  );
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HUB_CACHE', at('hub'));
  engine = createEngine({ dataFolder: at('data') });
});
afterAll(async () => {
  await engine.dispose();
  await server.stop();
});

const inspect = (model: string) =>
  engine.query('models.inspect', { model, dtype: null, revision: null, onHub: false });

it.each(['sharded', 'floats', 'blocks', 'other', 'named'])('%s', async (name) => {
  const {
    source,
    folder: where,
    name: shown,
    model,
    files,
    fetched,
    dtypes,
    ...rest
  } = await inspect(`some-org/${name}`);
  const here = await inspect(at(name));
  expect(here).toMatchObject(rest);
  expect({ source, where, shown, model }).toEqual({
    source: 'hub',
    where: null,
    shown: `some-org/${name}`,
    model: `some-org/${name}`,
  });
  expect(here.dtypes).toEqual(expect.arrayContaining(dtypes));
});

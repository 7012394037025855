/** Checkpoints and GGUF files come from the hub as a run needs them, and no more of the repository. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeGguf } from '../../fixtures/gguf';
import { openModel } from '../../fixtures/test-engine';
import { readFamily, writeFamily } from '../checkpoint/families';
import { smallLlama } from '../checkpoint/gguf/small-llama';
import { Hosted, ID } from './hosted';

const hub = new Hosted();

/** What is often published beside the weights. */
const OTHERS = [
  'pytorch_model.bin',
  'adapter_model.safetensors',
  'model.safetensors.part',
  'mmproj-F16.gguf',
];

function repository(name: string): string {
  const folder = join(hub.folder, name);
  mkdirSync(folder, { recursive: true });
  for (const file of OTHERS) writeFileSync(join(folder, file), 'other');
  return folder;
}

it('brings all shards of a checkpoint, which then opens from the cache', async () => {
  const folder = repository('sharded');
  writeFamily(folder, readFamily('llama'), { shards: 2 });
  await hub.host({ folder });
  const done = await hub.pull();
  expect(done).toMatchObject({ state: 'done', problem: null });
  expect(done.files.map(({ path }) => path).sort()).toEqual([
    'config.json',
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'model.safetensors.index.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  expect((await openModel(hub.engine, ID)).dtype).toBe('safetensors');
});

it('brings the one GGUF file that is asked for, with all its parts', async () => {
  const folder = repository('quantised');
  const small = writeGguf(smallLlama());
  const files = ['tiny-Q8_0.gguf', 'tiny-Q4_K_M-00001-of-00002.gguf', 'tiny-Q4_K_M-00002-of-00002.gguf'];
  for (const file of files) writeFileSync(join(folder, file), small);
  await hub.host({ folder });
  const pulled = async (dtype: string | null) =>
    (await hub.pull({ dtype })).files.map(({ path }) => path).sort();
  expect(await pulled('Q4_K_M')).toEqual([files[1], files[2]]);
  expect(await pulled(null)).toEqual([files[0]]);
  expect(await hub.pull({ dtype: 'Q5_0' })).toMatchObject({
    problem: { code: 'no-dtype', hint: expect.stringMatching(/Q4_K_M.*Q8_0/) },
  });
});

/** SLOT over vLLM with the plugin: what the engine asks and what it makes of a real server's answers, whose figures are PyTorch's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ModelSettings } from '../../engine/protocol';
import { relativeDifference, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { allLosses, figures, readFamily, writeFamily } from '../checkpoint/families';
import { KEY, NEW_TOKENS, recordingOf } from './record-vllm';
import { Recording, Replay } from './recorded';

const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));

async function replayed(family: string) {
  const path = join(folder, family);
  writeFamily(path, readFamily(family));
  const recording = Recording.parse(JSON.parse(readFileSync(recordingOf(family), 'utf8')));
  const replay = await Replay.start(recording.run);
  engine.setServerKey(replay.address, KEY);
  return { path, replay };
}

// One with a plain head, and one that caps its logits: delta lies before the cap on the server as it does here.
it.each(['llama3', 'gemma2'])('%s has PyTorch’s figures, and the answers', async (family) => {
  const { path, replay } = await replayed(family);
  const found = await figures(engine, path, 'short', NEW_TOKENS, 'safetensors', replay.address);
  expect(replay.unknown).toEqual([]);
  const trace = readFamily(family).traces.short!;
  expect(found.ids).toEqual(trace.ids);
  expect(relativeDifference(found.losses, allLosses(trace))).toBeLessThan(1e-4);
  expect(relativeDifference(found.deltaNorms, trace.deltaNorms)).toBeLessThan(1e-3);
  expect(found.baseline).toEqual(trace.baseline.slice(0, NEW_TOKENS));
  expect(found.slot).toEqual(trace.slot.slice(0, NEW_TOKENS));
  await replay.stop();
});

it('says what it is, what it can do and how far it is from the weights', async () => {
  const { path, replay } = await replayed('llama3');
  const settings = ModelSettings.parse({ folder: path, dtype: 'safetensors', server: replay.address });
  const { server } = await engine.query('model.open', settings);
  expect(server).toMatchObject({
    engine: 'vLLM',
    version: '0.32.0',
    model: 'model',
    weights: 'float32',
    contextLength: 128,
    longestRead: 127,
    slots: 16,
    otherToken: null,
  });
  expect(server!.difference.hidden).toBeLessThan(1e-4);
  expect(server!.difference.head).toBeLessThan(1e-3);
  expect(server!.difference.kl).toBeGreaterThanOrEqual(0);
  await replay.stop();
});

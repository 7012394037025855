/** Exports that are whole but cannot be adapted or continued are refused with the reason. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { openModel, runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const engine = testEngine();

it('with no key-value cache to continue an answer with', async () => {
  const { folder: path } = writeDecoder(join(folder, 'cacheless'), { layers: 1, cache: false });
  await expect(openModel(engine, path)).rejects.toMatchObject({ kind: 'input', code: 'no-kv-cache' });
});

it('that drops positions before its final norm, as the first prompt shows', async () => {
  const { folder: path } = writeDecoder(join(folder, 'early'), { layers: 1, prune: 'early' });
  const events = await runEvents(engine, {
    model: { folder: path },
    prompt: { kind: 'raw', text: 'x y' },
    lanes: [{ name: 'slot', steps: 1 }],
  });
  expect(events.at(-1)).toMatchObject({ type: 'run.failed', kind: 'input', code: 'pruned-hidden' });
});

it('that asks for an input nobody knows', async () => {
  const { folder: path, onnxPath } = writeDecoder(join(folder, 'curious'), { layers: 1 });
  const bytes = readFileSync(onnxPath, 'latin1');
  writeFileSync(onnxPath, bytes.replaceAll('attention_mask', 'intention_mask'), 'latin1');
  await expect(openModel(engine, path)).rejects.toMatchObject({
    kind: 'input',
    code: 'unsupported-input',
    message: expect.stringContaining('"intention_mask"'),
  });
});

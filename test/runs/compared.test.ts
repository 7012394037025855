/** Two stored runs that are compared stay at hand: no step of either reads a file again. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { RunConfig } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';

it('answers both from memory, and reads a third anew', async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const { folder: model } = writeDecoder(join(folder, 'model'), { layers: 1 });
  const first = testEngine(data);
  const config = RunConfig.parse({
    model: { folder: model },
    prompt: { kind: 'raw', text: 'What is one and one?' },
    lanes: [{ name: 'slot', steps: 3 }],
    generation: { maxNewTokens: 1 },
  });
  for (const runId of ['a', 'b', 'c']) await first.run(runId, config, () => {}, true);

  const engine = createEngine({ dataFolder: data });
  const ask = async (runId: string, step: number) => [
    await engine.query('shift.read', { runId, lane: 'slot', step }),
    await engine.query('vocabulary.read', { runId, from: 0 }),
  ];
  const before = [await ask('a', 0), await ask('b', 0)];
  for (const runId of ['a', 'b']) rmSync(join(data, 'runs', runId, 'vectors.safetensors'));
  rmSync(join(data, 'vocabularies'), { recursive: true });
  for (const step of [1, 2, 0]) for (const runId of ['a', 'b']) await ask(runId, step);
  expect([await ask('a', 0), await ask('b', 0)]).toEqual(before);

  await engine.query('shift.read', { runId: 'c', lane: 'slot', step: 0 });
  await expect(ask('a', 0)).rejects.toMatchObject({ code: 'no-vectors' });
});

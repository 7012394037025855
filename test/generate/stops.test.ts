/** Stopping a lane concerns its own run, whatever else runs or waits. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RunConfig, type RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { one, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';

it('a lane stopped while its run waits does not write', async () => {
  const { folder: model } = writeDecoder(join(temporaryFolder(), 'model'));
  const engine = testEngine();
  const config = RunConfig.parse({
    model: { folder: model },
    prompt: { kind: 'raw', text: 'What is one and one?' },
    lanes: [
      { name: 'a', steps: 0 },
      { name: 'b', steps: 0 },
    ],
    generation: { maxNewTokens: 5, ignoreEos: true },
  });
  const waiting: RunEvent[] = [];
  const runs = [engine.run('first', config, () => {}), engine.run('second', config, (e) => waiting.push(e))];
  engine.stopLane('second', 'b');
  await Promise.all(runs);
  expect(one(waiting, 'lane.done', 'a')).toMatchObject({ reason: 'length', tokens: 5 });
  expect(one(waiting, 'lane.done', 'b')).toMatchObject({ reason: 'cancelled', tokens: 0 });
});

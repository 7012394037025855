/** A run goes on when its record cannot be written, and says so once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RunConfig, type RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { one, only, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';

it('answers, with one notice, where the data folder is no folder', async () => {
  const folder = temporaryFolder();
  const { folder: model } = writeDecoder(join(folder, 'model'));
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  const engine = testEngine(blocked);
  const events: RunEvent[] = [];
  const config = RunConfig.parse({
    model: { folder: model },
    prompt: { kind: 'raw', text: 'What is one and one?' },
    lanes: [{ name: 'slot', steps: 1 }],
    generation: { maxNewTokens: 3, ignoreEos: true },
  });
  await engine.run('blocked', config, (event) => events.push(event), true);
  expect(one(events, 'notice').code).toBe('not-kept');
  expect(only(events, 'token')).toHaveLength(3);
  expect(events.at(-1)?.type).toBe('run.done');
});

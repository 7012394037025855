/** longrope: an answer that began with the angles of short sequences ends where the others begin. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { one, runEvents, testEngine } from '../models/runs';
import { FIXTURES, PROMPT } from './traces';

const engine = testEngine();
const LAST_SHORT = 160;

it('ends there, and says why', async () => {
  const events = await runEvents(engine, {
    model: { folder: join(FIXTURES, 'genai-phi3-long') },
    prompt: { kind: 'raw', text: PROMPT },
    lanes: [{ name: 'baseline', steps: 0 }],
    generation: { maxNewTokens: 300, ignoreEos: true },
  });
  const { ids } = one(events, 'run.started').prompt;
  // The last token is chosen, and not run.
  expect(one(events, 'lane.done')).toMatchObject({ reason: 'length', tokens: LAST_SHORT + 1 - ids.length });
  expect(one(events, 'notice')).toMatchObject({
    code: 'context-limit',
    message: expect.stringMatching(/^beyond 160 tokens .*longrope.* room for 113 new tokens instead of 300$/),
  });
});

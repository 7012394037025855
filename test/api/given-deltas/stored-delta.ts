/** A stored run whose delta others take, on a model beside which lie one of another width and one of another head. */
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import { RunConfig, type RunConfigInput, type RunEvent } from '../../../engine/protocol';
import { writeDecoder } from '../../../fixtures/decoder';
import { temporaryFolder } from '../../../fixtures/runs';
import { testEngine } from '../../../fixtures/test-engine';

export type Lane = RunConfigInput['lanes'][number];

export const folder = temporaryFolder();
const { folder: model, options: made } = writeDecoder(join(folder, 'model'), {
  d: 48,
  logitSize: 2,
  seed: 6,
});
export const options = made;
export const { folder: other } = writeDecoder(join(folder, 'other'), { d: 32, logitSize: 2, seed: 6 });
export const { folder: stranger } = writeDecoder(join(folder, 'stranger'), { d: 48, logitSize: 2, seed: 7 });
export const engine = testEngine(join(folder, 'data'));

export const [SOURCE, SECOND] = ['Tom has 3 apples.', 'A train leaves at noon.'];
export const SETTINGS = { preset: 'transformers', steps: 3, lr: 0.2 } as const;

let runs = 0;
/** Keeps the run. */
export async function run(
  text: string,
  lanes: Lane[],
  of = model,
  id = `given-${++runs}`,
): Promise<{ id: string; events: RunEvent[] }> {
  const events: RunEvent[] = [];
  const config = RunConfig.parse({
    model: { folder: of },
    prompt: { kind: 'chat', messages: [{ role: 'user', content: text }] },
    lanes,
    generation: { maxNewTokens: 6, ignoreEos: true },
  });
  await engine.run(id, config, (event) => events.push(event), true);
  return { id, events };
}

export const given = (name: string, runId: string, step?: number): Lane => ({
  name,
  steps: 1,
  origin: {
    kind: 'given',
    terms: [{ factor: 1, source: { kind: 'run', runId, lane: 'slot', ...(step && { step }) } }],
  },
});

/** The run whose delta the others take. */
export const source = 'source';
beforeAll(async () => {
  await run(SOURCE, [{ name: 'slot', ...SETTINGS }], model, source);
});

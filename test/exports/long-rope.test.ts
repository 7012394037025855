/** longrope: an answer that began with the angles of short texts ends where the others begin, if the export has them. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { Model } from '../../engine/model/model';
import { largestDifference, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { FIXTURES, PROMPT } from './traces';

const engine = testEngine();
const folder = temporaryFolder();
const LAST_SHORT = 160;

/** optimum's export has one set of angles: those that were traced. */
function optimumExport(): string {
  const copy = join(folder, 'phi3');
  cpSync(join(FIXTURES, 'phi3'), copy, { recursive: true });
  const path = join(copy, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  const rope = { rope_scaling: { type: 'longrope' }, original_max_position_embeddings: 100 };
  writeFileSync(path, JSON.stringify({ ...config, ...rope }));
  return copy;
}

it('is missed, and that is said, in exports that keep their angles', async () => {
  const notices = async (maxNewTokens: number) => {
    const events = await runEvents(engine, {
      model: { folder: optimumExport() },
      prompt: { kind: 'raw', text: PROMPT },
      lanes: [{ name: 'baseline', steps: 0 }],
      generation: { maxNewTokens },
    });
    return only(events, 'notice').map(({ message }) => message);
  };
  expect(await notices(2)).toEqual([]);
  expect(await notices(100)).toEqual([expect.stringMatching(/^beyond 100 tokens this export differs/)]);
});

it('ends an answer where the angles change, and says why', async () => {
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

it.each([LAST_SHORT, LAST_SHORT + 1])('has the angles of the export itself at %i tokens', async (length) => {
  const path = join(FIXTURES, 'genai-phi3-long');
  const model = await Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });
  const ids = Array.from({ length }, (_, i) => 5 + ((7 * i) % 200));
  const { hidden } = await model.backbone.forward([ids], model.backbone.emptyCache(1), 0);
  const ours = await model.head.project(hidden.slice(-model.head.hiddenSize));
  const { vocab } = model.head;
  await model.release();

  const session = await InferenceSession.create(join(path, 'model.onnx'));
  const ones = new BigInt64Array(length).fill(1n);
  const feeds: Record<string, Tensor> = {
    input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, length]),
    attention_mask: new Tensor('int64', ones, [1, length]),
  };
  for (const input of session.inputMetadata) {
    if (!input.isTensor || input.name in feeds) continue;
    const shape = input.shape.map((dim, axis) => (axis === 0 ? 1 : typeof dim === 'number' ? dim : 0));
    feeds[input.name] = new Tensor('float32', new Float32Array(0), shape);
  }
  const { logits } = await session.run(feeds);
  await session.release();
  const theirs = (logits!.data as Float32Array).slice(-vocab);
  expect(largestDifference(ours, theirs)).toBeLessThan(1e-4);
});

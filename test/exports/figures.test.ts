/** Exports of every family through the real exporters: SLOT's figures and both answers are PyTorch's. */
import { describe, expect, it } from 'vitest';
import { largestDifference, one, only, relativeDifference, runEvents, testEngine } from '../models/runs';
import { type DtypeTrace, fixtures, PROMPT } from './traces';

const engine = testEngine();

async function figures(folder: string, dtype: string, expected: DtypeTrace) {
  const events = await runEvents(engine, {
    model: { folder, dtype },
    prompt: { kind: 'raw', text: PROMPT },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: expected.losses.length, lr: 0.1 },
    ],
    generation: { maxNewTokens: expected.baseline.length, ignoreEos: true },
    listLength: 20,
  });
  expect(one(events, 'run.started').prompt.ids).toEqual(expected.ids);
  const steps = only(events, 'slot.step');
  const [first] = only(events, 'token');
  return {
    losses: [...steps.map(({ loss }) => loss), one(events, 'slot.done').finalLoss],
    gradNorms: steps.map(({ gradNorm }) => gradNorm),
    deltaNorms: steps.map(({ deltaNorm }) => deltaNorm),
    top: first!.top,
    baseline: one(events, 'lane.done', 'baseline').ids,
    slot: one(events, 'lane.done', 'slot').ids,
  };
}

function logSoftmax(logits: readonly number[]): number[] {
  const max = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - max), 0);
  return logits.map((logit) => logit - max - Math.log(sum));
}

describe.each(fixtures())('$name', ({ folder, trace }) => {
  it.each(Object.entries(trace.dtypes))('%s', async (dtype, expected) => {
    const found = await figures(folder, dtype, expected);
    expect(relativeDifference(found.losses, [...expected.losses, expected.finalLoss])).toBeLessThan(1e-4);
    expect(relativeDifference(found.gradNorms, expected.gradNorms)).toBeLessThan(1e-3);
    expect(relativeDifference(found.deltaNorms, expected.deltaNorms)).toBeLessThan(1e-3);
    const logprobs = logSoftmax(expected.logits);
    expect(
      largestDifference(
        found.top.map(({ baseLogprob }) => baseLogprob),
        found.top.map(({ id }) => logprobs[id]!),
      ),
    ).toBeLessThan(1e-3);
    expect(found.baseline).toEqual(expected.baseline);
    expect(found.slot).toEqual(expected.slot);
  });
});

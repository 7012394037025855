/** Lanes that learn together from one prompt: each takes its own steps, and ends for itself alone. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { PromptObjective } from '../../engine/slot/objective';
import {
  NonFiniteStep,
  type OptimiserSettings,
  optimiseTogether,
  type TaskOutcome,
} from '../../engine/slot/optimise';
import { temporaryFolder } from '../../fixtures/runs';
import { goldenCase } from './golden';
import { openHead } from './heads';

const c = goldenCase('head-bias');
const folder = temporaryFolder();
let head: HeadRuntime;
beforeAll(async () => {
  head = await openHead(join(folder, 'head.onnx'), c);
});
afterAll(() => head.release());

const SETTINGS: OptimiserSettings = { preset: 'transformers', lr: 0.02, steps: 3 };

async function outcomesOf(all: readonly OptimiserSettings[]): Promise<TaskOutcome[]> {
  const whole = new PromptObjective(head, Float32Array.from(c.hidden), c.labels);
  const last = c.labels.length - 1;
  const fit = {
    weights: c.labels.map((_, i) => (i === last ? 0 : 1)),
    heldOut: c.labels.map((_, i) => (i === last ? 1 : 0)),
  };
  const tasks = all.map((settings) => ({ objective: settings.half ? whole.weighted(fit) : whole, settings }));
  const outcomes: TaskOutcome[] = [];
  for await (const outcome of optimiseTogether(head, tasks)) outcomes.push(outcome);
  return outcomes;
}

/** What each outcome was, and of which task: `step 0`, `failed`, … */
function told(outcomes: readonly TaskOutcome[]): [number, string][] {
  return outcomes.map((outcome) => [
    outcome.task,
    'result' in outcome
      ? `step ${outcome.result.step}`
      : 'failed' in outcome
        ? `failed ${outcome.failed.step}`
        : `stopped by ${outcome.stopped.by}`,
  ]);
}

describe('lanes together', () => {
  it('take as many steps as each is to take, with the numbers that each has alone', async () => {
    const all = [{ ...SETTINGS, steps: 1 }, SETTINGS, { ...SETTINGS, steps: 0 }];
    const outcomes = await outcomesOf(all);
    expect(told(outcomes)).toEqual([
      [0, 'step 0'],
      [1, 'step 0'],
      [1, 'step 1'],
      [1, 'step 2'],
    ]);
    const alone = await outcomesOf([SETTINGS]);
    const deltas = (of: readonly TaskOutcome[], task: number) =>
      of.flatMap((outcome) => (outcome.task === task && 'result' in outcome ? [outcome.result.delta] : []));
    expect(deltas(outcomes, 1)).toEqual(deltas(alone, 0));
  });

  it('go on where one of them has no finite loss any more', async () => {
    const outcomes = await outcomesOf([{ ...SETTINGS, lr: Number.POSITIVE_INFINITY }, SETTINGS]);
    expect(outcomes[0]).toEqual({ task: 0, failed: new NonFiniteStep(0) });
    expect(told(outcomes.slice(1))).toEqual([
      [1, 'step 0'],
      [1, 'step 1'],
      [1, 'step 2'],
    ]);
  });

  it('go on where one of them reaches its limit, whose last step is not taken', async () => {
    const outcomes = await outcomesOf([{ ...SETTINGS, klBudget: 1e-9 }, SETTINGS]);
    expect(told(outcomes)).toEqual([
      [0, 'stopped by kl'],
      [1, 'step 0'],
      [1, 'step 1'],
      [1, 'step 2'],
    ]);
  });

  it('are not stopped by what is no worse than before', async () => {
    const half = { seed: 1, stopsEarly: true };
    const still = { ...SETTINGS, lr: 0, half, klBudget: 0 };
    expect(told(await outcomesOf([still]))).toEqual([
      [0, 'step 0'],
      [0, 'step 1'],
      [0, 'step 2'],
    ]);
  });

  it('share the time of the steps that they take together', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const real = head.transposedProducts.bind(head);
    const product = vi.spyOn(head, 'transposedProducts').mockImplementation((rs) => {
      vi.advanceTimersByTime(30);
      return real(rs);
    });
    vi.advanceTimersByTime(1000);
    const outcomes = await outcomesOf([{ ...SETTINGS, steps: 1 }, SETTINGS, SETTINGS]);
    expect(outcomes.map((outcome) => 'result' in outcome && [outcome.task, outcome.result.ms])).toEqual([
      [0, 10],
      [1, 10],
      [2, 10],
      [1, 15],
      [2, 15],
      [1, 15],
      [2, 15],
    ]);
    product.mockRestore();
    vi.useRealTimers();
  });
});

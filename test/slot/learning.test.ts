/** Weighted losses, held-out halves, other optimisers and limits: what PyTorch says (test/reference/learning.py). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { summarisePulls } from '../../engine/analysis/pulls';
import type { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { LEARNING_FIELDS } from '../../engine/protocol';
import { inHalves } from '../../engine/slot/halves';
import { type Fit, PromptObjective } from '../../engine/slot/objective';
import { optimise, type SlotStepResult, type Stopped } from '../../engine/slot/optimise';
import { IGNORED } from '../../engine/slot/positions';
import { goldenCase, Numbers, readFixture } from './golden';
import { openHead } from './heads';

const Pulls = z.array(z.tuple([z.int(), z.number()]));
const Case = z.object({
  name: z.string(),
  of: z.string(),
  settings: z.strictObject({ ...LEARNING_FIELDS, steps: z.int() }),
  weights: Numbers,
  fit: Numbers,
  heldOut: Numbers.nullable(),
  stopped: z.object({ by: z.string(), value: z.number() }).nullable(),
  steps: z.array(
    z.object({
      loss: z.number(),
      heldOutLoss: z.number().nullable(),
      gradNorm: z.number(),
      deltaNorm: z.number(),
      kl: z.number(),
      finalLoss: z.number(),
      up: Pulls,
      down: Pulls,
    }),
  ),
});

const { cases } = z.object({ cases: z.array(Case).min(32) }).parse(readFixture('slot-learning.json'));

const folder = mkdtempSync(join(tmpdir(), 'slot-learning-'));
afterAll(() => rmSync(folder, { recursive: true }));

const opened = new Map<string, Promise<HeadRuntime>>();
afterAll(async () => {
  for (const head of opened.values()) await (await head).release();
});

function open(name: string): Promise<HeadRuntime> {
  const head = opened.get(name) ?? openHead(join(folder, `${name}.onnx`), goldenCase(name));
  opened.set(name, head);
  return head;
}

function expectClose(actual: number | undefined, expected: number, tolerance: number): void {
  expect(Math.abs(actual! - expected)).toBeLessThanOrEqual(tolerance * Math.max(1e-2, Math.abs(expected)));
}

const text = { text: (id: number) => String(id) } as Parameters<typeof summarisePulls>[1];

describe.each(cases)('$name', (expected) => {
  const { of, settings, weights, steps, stopped } = expected;
  const c = goldenCase(of);
  const counting = weights.map((weight, i) => (c.labels[i] === IGNORED ? 0 : weight));
  const fit: Fit = settings.half ? inHalves(counting, settings.half.seed) : { weights };

  /** @param step checked against what PyTorch says of it */
  function expectStep(step: SlotStepResult, said: (typeof steps)[number], isAffine: boolean): void {
    expectClose(step.loss, said.loss, 2e-6);
    expectClose(step.after.loss, said.finalLoss, 2e-6);
    expectClose(step.gradNorm, said.gradNorm, 1e-4);
    expectClose(step.deltaNorm, said.deltaNorm, 2e-5);
    if (said.heldOutLoss === null) expect(step.heldOutLoss).toBeUndefined();
    else expectClose(step.heldOutLoss, said.heldOutLoss, 2e-6);
    if (isAffine || settings.klBudget !== undefined) expectClose(step.kl, said.kl, 1e-4);
    else expect(step.kl).toBeUndefined();
    const pulls = summarisePulls(step.residual, text, said.up.length);
    for (const side of ['up', 'down'] as const)
      for (const [at, [id, residual]] of said[side].entries()) {
        expectClose(step.residual[id], residual, 1e-4);
        // Equal ones may come in another order.
        if (Math.abs(residual) > 1e-6) expectClose(pulls[side][at]?.residual, residual, 1e-4);
      }
  }

  it('follows PyTorch', async () => {
    const head = await open(of);
    // Small blocks with too little room to keep them all must give the same numbers.
    for (const budget of [undefined, { blockBytes: 4 * c.V * 3, keptBytes: 4 * c.V * 3 }]) {
      const whole = new PromptObjective(head, Float32Array.from(c.hidden), c.labels, undefined, budget);
      const objective = whole.weighted(fit);
      for (const [i, weight] of expected.fit.entries()) expect(objective.weights[i]).toBeCloseTo(weight, 12);
      for (const [i, weight] of (expected.heldOut ?? []).entries())
        expect(objective.heldOut![i]).toBeCloseTo(weight, 12);
      const stops: Stopped[] = [];
      const taken: SlotStepResult[] = [];
      for await (const step of optimise(head, objective, settings, (stop) => stops.push(stop)))
        taken.push(step);
      expect(taken).toHaveLength(steps.length);
      for (const [i, step] of taken.entries()) expectStep(step, steps[i]!, head.isAffine);
      expect(stops.map(({ by }) => by)).toEqual(stopped ? [stopped.by] : []);
      if (stopped) expectClose(stops[0]!.value, stopped.value, 1e-5);
    }
  });
});

it('shares the logits of a prompt between weights', async () => {
  const c = goldenCase('head-bias');
  const head = await open(c.name);
  const computed: number[] = [];
  const whole = new PromptObjective(head, Float32Array.from(c.hidden), c.labels, (done) =>
    computed.push(done),
  );
  const before = await whole.atZero();
  const passes = computed.length;
  const last = c.labels.length - 1;
  const weighted = whole.weighted({ weights: c.labels.map((_, i) => (i === last ? 3 : 0)) });
  const only = await weighted.atZero();
  expect(computed).toHaveLength(passes);
  expect(only.loss).toBeCloseTo(before.positionLoss[last]!, 12);
  // Told for all positions all the same.
  expect([...only.positionLoss]).toEqual([...before.positionLoss]);
});

it('refuses what are no weights', async () => {
  const c = goldenCase('head-bias');
  const head = await open(c.name);
  const whole = new PromptObjective(head, Float32Array.from(c.hidden), c.labels);
  const at = (weight: number) => () =>
    whole.weighted({ weights: c.labels.map((_, i) => (i === 0 ? weight : 1)) });
  for (const weight of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    expect(at(weight)).toThrow('negative or no finite');
  expect(() => whole.weighted({ weights: [1] })).toThrow('1 weights for 11 targets');
});

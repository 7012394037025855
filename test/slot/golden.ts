/** The heads and traces that PyTorch left in test/fixtures/slot-golden.json. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const Numbers = z.array(z.number());

const GoldenCase = z.object({
  name: z.string(),
  n: z.int(),
  d: z.int(),
  V: z.int(),
  steps: z.int(),
  lr: z.number(),
  variant: z.enum(['transformers', 'vllm']),
  scale: z.number(),
  softcap: z.number().nullable(),
  hidden: Numbers,
  weight: Numbers,
  bias: Numbers.nullable(),
  labels: z.array(z.int()),
  trace: z.array(z.object({ loss: z.number(), gradNorm: z.number(), deltaNorm: z.number(), delta: Numbers })),
  finalLoss: z.number(),
  positionLossBefore: z.array(z.number().nullable()),
  positionLossAfter: z.array(z.number().nullable()),
  lastPositionShift: Numbers,
});
export type GoldenCase = z.infer<typeof GoldenCase>;

/** A fixture's JSON. */
export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));
}

export const { cases: GOLDEN } = z
  .object({ cases: z.array(GoldenCase).min(11) })
  .parse(readFixture('slot-golden.json'));

export function goldenCase(name: string): GoldenCase {
  const found = GOLDEN.find((each) => each.name === name);
  if (!found) throw new Error(`no golden case is named ${name}`);
  return found;
}

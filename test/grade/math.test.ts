/** Mathematical equivalence, held to math-verify's verdicts: a floor of agreement, and nothing taken that it refuses. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { judge } from '../../engine/grade/math/judge';
import { lines } from './fixtures';

const Pair = z.object({
  gold: z.string(),
  pred: z.string(),
  right: z.boolean(),
  goldText: z.string().optional(),
  predText: z.string().optional(),
});

interface Outcome {
  readonly agreed: number;
  readonly total: number;
  readonly falseAccepts: string[];
}

function compare(pairs: readonly (readonly [gold: string, answer: string, right: boolean])[]): Outcome {
  let agreed = 0;
  const falseAccepts: string[] = [];
  for (const [gold, answer, right] of pairs) {
    const { verdict } = judge(gold, answer, 'anywhere');
    if (verdict === (right ? 'right' : 'wrong')) agreed++;
    else if (verdict === 'right') falseAccepts.push(`${gold} | ${answer}`);
  }
  return { agreed, total: pairs.length, falseAccepts };
}

const tests = lines('math-verify-tests.jsonl', Pair);

it("agrees with math-verify on its own tests' answers in 95 of 100, and takes none that it refuses", () => {
  const { agreed, total, falseAccepts } = compare(tests.map(({ gold, pred, right }) => [gold, pred, right]));
  expect(falseAccepts).toEqual([]);
  expect(total).toBe(131);
  expect(agreed).toBeGreaterThanOrEqual(126);
});

it('and on the texts that hold them', () => {
  const whole = tests.filter(({ predText }) => predText !== undefined);
  const { agreed, falseAccepts } = compare(
    whole.map(({ goldText, predText, right }) => [goldText!, predText!, right]),
  );
  expect(falseAccepts).toEqual([]);
  expect(whole.length).toBe(107);
  expect(agreed).toBeGreaterThanOrEqual(103);
});

const Own = z.union([
  z.tuple([z.string(), z.string(), z.boolean()]),
  z.tuple([z.string(), z.string(), z.literal(false), z.literal('right')]),
]);
const own = lines('math-verify-own.jsonl', Own);

it('agrees with math-verify on other answers in 97 of 100, and takes none that it refuses', () => {
  const { agreed, total, falseAccepts } = compare(
    own.flatMap(([gold, answer, right, mark]) =>
      mark === undefined ? [[gold, answer, right] as const] : [],
    ),
  );
  expect(falseAccepts).toEqual([]);
  expect(agreed).toBeGreaterThanOrEqual(0.97 * total);
});

it('reads notations that math-verify does not', () => {
  const refused = own.filter((line) => line[3] === 'right');
  expect(refused.length).toBeGreaterThan(30);
  for (const [gold, answer] of refused) {
    expect([gold, answer, judge(gold, answer, 'anywhere').verdict]).toEqual([gold, answer, 'right']);
  }
});

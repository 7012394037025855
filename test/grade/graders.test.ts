/** All graders by name, through the thread that mathematics and patterns run in. */
import { afterAll, describe, expect, it } from 'vitest';
import { createGraders } from '../../engine/grade/graders';
import { GRADERS, type GraderName } from '../../engine/protocol';

const graders = createGraders();
afterAll(() => graders.close());

const GOLDS: Readonly<Record<GraderName, readonly [gold: string, answer: string]>> = {
  paper: ['18', 'so 18'],
  number: ['1,234', 'so $1234'],
  math: ['$\\frac{1}{2}$', 'so \\boxed{0.5}'],
  boxed: ['\\frac{1}{2}', 'so \\boxed{0.5}, not 7'],
  letter: ['(B)', 'The answer is B.'],
  exact: ['yes', ' yes'],
  regex: ['7', 'x = 7'],
  'gsm8k-strict': ['18', '#### 18'],
  'gsm8k-flexible': ['18', 'so 18'],
  'gsm8k-cot-strict': ['18', 'The answer is 18.'],
  minerva: ['\\frac{1}{2}', 'Final Answer: The final answer is $0.5$. I hope it is correct.'],
  'gpqa-strict': ['(B)', 'The answer is (B).'],
  'gpqa-flexible': ['(B)', 'so (B)'],
  aime: ['25', '\\boxed{25}'],
};

it.each(GRADERS.map(({ name }) => name))(
  '%s knows right from wrong, and a gold answer given back to it',
  async (name) => {
    const [gold, answer] = GOLDS[name];
    const extras = { choices: ['a', 'b'], ...(name === 'regex' && { pattern: 'x = (\\w)' }) };
    expect(await graders.grade(name, { gold, answer, ...extras })).toMatchObject({ verdict: 'right' });
    const other = name === 'letter' || name.startsWith('gpqa') ? '(A)' : '9';
    expect(await graders.grade(name, { gold: other, answer, ...extras })).toMatchObject({ verdict: 'wrong' });
    expect(await graders.grade(name, { gold, answer: 'hm', ...extras })).toMatchObject({ verdict: 'wrong' });
    expect(await graders.goldRejected(name, { gold, ...extras })).toBe(false);
  },
);

it.each<[GraderName, string]>([
  ['paper', '1,234'],
  ['number', 'Monday'],
  ['math', '$\\unknown{'.repeat(2)],
  ['letter', 'perhaps'],
])('%s rejects the gold answer %s', async (name, gold) => {
  expect(await graders.goldRejected(name, { gold })).toBe(gold !== '$\\unknown{$\\unknown{');
});

it('refuses a pattern that is none, and none', async () => {
  const request = { gold: '7', answer: '7' };
  await expect(graders.grade('regex', request)).rejects.toMatchObject({ code: 'pattern', kind: 'input' });
  await expect(graders.grade('regex', { ...request, pattern: '(' })).rejects.toMatchObject({
    code: 'pattern',
  });
});

describe('what takes too long', () => {
  const hasty = createGraders({ timeoutMs: 400 });
  afterAll(() => hasty.close());
  const ENDLESS = { gold: '7', answer: `${'a'.repeat(60)}!`, pattern: '(a+)+$' };

  it('is undecided with its reason, and the next comparison gets a fresh thread', async () => {
    const slow = hasty.grade('regex', ENDLESS);
    const next = hasty.grade('math', { gold: '7', answer: '\\boxed{7.0}' });
    expect(await slow).toEqual({
      extracted: null,
      verdict: 'undecided',
      reason: expect.stringMatching(/more than 0\.4 s/),
    });
    expect(await next).toEqual({ extracted: '7.0', verdict: 'right' });
  });

  it('ends when nobody waits for it any longer, or it is closed', async () => {
    const patient = createGraders({ timeoutMs: 600_000 });
    await patient.grade('math', { gold: '7', answer: '7' });
    const controller = new AbortController();
    const slow = patient.grade('regex', ENDLESS, controller.signal);
    const waiting = patient.grade('regex', ENDLESS, controller.signal);
    controller.abort(new Error('no longer'));
    await expect(slow).rejects.toThrow('no longer');
    await expect(waiting).rejects.toThrow('no longer');
    const last = patient.grade('regex', ENDLESS);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await patient.close();
    expect(await last).toMatchObject({ verdict: 'undecided' });
  });
});

it('is undecided about a number that no memory holds', async () => {
  const { verdict } = await graders.grade('math', { gold: '5', answer: '\\boxed{\\text{x}9^{9^{9^{9}}}}' });
  expect(verdict).not.toBe('right');
});

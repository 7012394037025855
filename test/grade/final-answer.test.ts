/** What an answer comes to without a gold answer: boxed, else a number, else its text, equal where they mean the same. */
import { expect, it } from 'vitest';
import { finalAnswer } from '../../engine/grade/final-answer';

it.each([
  ['3 + 5 = 8. The answer is 8.', '8', 'number'],
  ['so we get \\boxed{8}.', '8', 'boxed'],
  ['\\boxed{ \\frac{1}{2} } is what 3 people get', '0.5', 'boxed'],
  ['\\boxed{x^2  + 1}', 'x^2 + 1', 'boxed'],
  ['She earns $1,234.50 in all.', '1234.5', 'number'],
  ['It is 2/6 of the cake.', '1/3', 'number'],
  ['About 50% of them.', '50 %', 'number'],
  ['minus: -0.25', '-0.25', 'number'],
  ['1e3', '1000', 'number'],
  ['  Yes, she does. ', 'Yes, she does.', 'text'],
  ['', '', 'text'],
])('%j comes to %j', (text, answer, by) => {
  expect(finalAnswer(text)).toEqual({ text: answer, by });
});

it('of equal numbers is the same text, however they are written', () => {
  const texts = ['the answer is 1,000', '#### 1000', '\\boxed{1000.0}', '1000.00 apples'];
  expect(new Set(texts.map((text) => finalAnswer(text).text))).toEqual(new Set(['1000']));
});

it('takes no time over an answer that goes in circles', () => {
  expect(finalAnswer('\\boxed{'.repeat(20_000)).by).toBe('text');
  expect(finalAnswer('the answer is '.repeat(20_000)).by).toBe('text');
});

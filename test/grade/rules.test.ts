/** math-verify's rules, which a gold answer and an answer may not exchange; and where nothing is decided. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../engine/grade/math/judge';

const verdict = (gold: string, answer: string) => judge(gold, answer, 'anywhere').verdict;

describe('the gold answer decides the form', () => {
  it.each([
    ['$x>2$', '$(2,\\infty)$', 'right'],
    ['$(2,\\infty)$', '$x>2$', 'wrong'],
    ['$12$', '$3\\times4=12$', 'right'],
    ['$3\\times4=12$', '$12$', 'wrong'],
    ['$x=5$', '$5$', 'right'],
    ['$5$', '$y=5$', 'right'],
    ['$x=5$', '$y=5$', 'wrong'],
    ['$1,2$', '$(2,1)$', 'right'],
    ['$(2,1)$', '$1,2$', 'wrong'],
    ['$x=1,y=2$', '$y=2,x=1$', 'right'],
  ])('%s | %s is %s', (gold, answer, expected) => {
    expect(verdict(gold, answer)).toBe(expected);
  });
});

describe('decimals are rounded to 6 places, beside other than whole numbers', () => {
  it.each([
    ['$\\frac13$', '$0.333333$', 'right'],
    ['$\\frac13$', '$0.33333$', 'wrong'],
    ['$5$', '$4.9999999$', 'wrong'],
    ['$5$', '$5.00$', 'right'],
    ['$\\sqrt2$', '$1.414214$', 'right'],
    ['$\\sqrt2$', '$\\frac{1414214}{1000000}$', 'wrong'],
  ])('%s | %s is %s', (gold, answer, expected) => {
    expect(verdict(gold, answer)).toBe(expected);
  });
});

describe('nothing near is the same', () => {
  it.each([
    ['$10^{20}+1$', '$10^{20}$'],
    ['$2^{100}$', '$1267650600228229401496703205377$'],
    ['$\\sqrt{10^{20}+1}$', '$10^{10}$'],
    ['$\\sqrt{x^2}$', '$x$'],
    ['$\\sqrt{x}\\sqrt{y}$', '$\\sqrt{xy}$'],
    ['$\\log x^2$', '$2\\log x$'],
    ['$x+10^{-12}$', '$x$'],
    ['$[1,2]$', '$[1,2)$'],
    ['$(-\\infty,-1)\\cup(3,\\infty)$', '$(-\\infty,3)\\cup(-1,\\infty)$'],
    ['$204_5$', '$204_6$'],
    ['$\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$', '$\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}$'],
    ['$2x+3y=6$', '$2x+3y=7$'],
    ['$x>2$', '$-x>-2$'],
    ['$12$', '$3$ and $4$'],
    ['$1,2,3$', '$1,2$'],
  ])('%s | %s', (gold, answer) => {
    expect(verdict(gold, answer)).toBe('wrong');
  });
});

it.each([
  ['9', '9%', 'right'],
  ['$0.125$', '$12.5\\%$', 'right'],
  ['$12.5\\%$', '$12.5$', 'wrong'],
  ['\\$32', '32 dollars', 'right'],
  ['25 cm', '$25\\text{ cm}^2$', 'right'],
  ['$1,234,567$', '$1{,}234{,}567$', 'right'],
  ['1000.99', '1000,99', 'right'],
  ['$1,2$', '$1.2$', 'wrong'],
])('percent, currency, units, thousands: %s | %s is %s', (gold, answer, expected) => {
  expect(verdict(gold, answer)).toBe(expected);
});

it('looks into a box first, then at what is announced, then at what comes last', () => {
  const completion = 'I try $3$. The answer is $4$. It follows that \\boxed{5} is right, and $6$ is not.';
  expect(judge('5', completion, 'anywhere').extracted).toBe('5');
  expect(judge('5', completion.replace('\\boxed{5}', '$5$'), 'anywhere').extracted).toBe('4');
  expect(judge('5', 'First 3, then 7 eggs', 'anywhere').extracted).toBe('7');
  expect(judge('1,2', '\\boxed{1} and \\boxed{2}', 'anywhere').verdict).toBe('right');
  expect(judge('5', 'no box', 'box')).toEqual({ extracted: null, verdict: 'wrong' });
  expect(judge('5', '', 'anywhere')).toEqual({ extracted: null, verdict: 'wrong' });
});

it.each([
  ['$x=5$', '$2x=10$'],
  ['$x<-1 \\text{ or } x>3$', '$(-\\infty,-1)\\cup(3,\\infty)$'],
  ['$55$', '$\\sum_{k=1}^{10} k$'],
  ['$\\unknown{x}$', '$5$'],
  ['', '$5$'],
])('says that it is undecided, and why: %s | %s', (gold, answer) => {
  const { verdict: told, reason } = judge(gold, answer, 'anywhere');
  expect([told, typeof reason]).toEqual(['undecided', 'string']);
});

it('takes the same text as right though it does not understand it', () => {
  expect(verdict('$\\unknown{x} + 1$', '$\\unknown{x}+1$')).toBe('right');
});

it.each([
  `\\boxed{${'('.repeat(5_000)}}`,
  `\\boxed{${'{'.repeat(2_000)}1${'}'.repeat(2_000)}}`,
  '\\boxed{'.repeat(2_000),
  '$'.repeat(999),
])('survives what no one writes', (answer) => {
  expect(['wrong', 'undecided']).toContain(verdict('5', answer));
});

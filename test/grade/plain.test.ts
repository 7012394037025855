/** Numbers, letters and forms as people and models write them. */
import { describe, expect, it } from 'vitest';
import { gradeFormat } from '../../engine/grade/format';
import { gradeLetter } from '../../engine/grade/letter';
import { gradeNumber } from '../../engine/grade/number';
import { gradeAsPaper } from '../../engine/grade/paper';
import { gradeByPattern, gradeExactly } from '../../engine/grade/plain';
import { textLines } from './fixtures';

describe('a number', () => {
  it.each([
    ['18', 'She makes $18 every day.'],
    ['18', '18'],
    ['18', 'so 9 × 2 = 18.'],
    ['1234', 'It is 1,234 in all'],
    ['1234', 'It is \\$1{,}234.'],
    ['1234', 'It is 1\u202f234 km'],
    ['1,234', '1234.00'],
    ['-3', 'The answer is -3.'],
    ['-3', 'that leaves minus 3'],
    ['-3', '\\boxed{−3}'],
    ['0.75', 'which is 3/4'],
    ['0.75', '\\frac{3}{4}'],
    ['1.5', 'about 1 1/2'],
    ['20', '20%'],
    ['0.2', '20 percent'],
    ['1500', '1.5 \\times 10^{3}'],
    ['1500', '1.5e3'],
    ['18', '18 eggs in 2 hours'],
    ['18', 'She counts.\nThe answer is 18 eggs in 2 hours.'],
    ['18', '<think>2 hours</think><answer>9 * 2 = 18 dollars</answer>'],
    ['18', '#### 18'],
  ])('%s is right in %s', (gold, answer) => {
    expect([answer, gradeNumber(gold, answer).verdict]).toEqual([answer, 'right']);
  });

  it.each([
    ['3', '-3'],
    ['-3', '10-3'],
    ['234', '1,234'],
    ['18', '1.8'],
    ['18', '180'],
    ['18', '18 or 19'],
    ['18', 'eighteen'],
    ['18', ''],
    ['5', '5/0'],
  ])('%s is wrong in %s', (gold, answer) => {
    expect([answer, gradeNumber(gold, answer).verdict]).toEqual([answer, 'wrong']);
  });

  it('of a gold answer without one is undecided', () => {
    expect(gradeNumber('Monday', '5').verdict).toBe('undecided');
  });
});

it("has the reference's defects in full, and the number's grader none of them", () => {
  const golds = textLines('gsm8k-golds.txt');
  const rejected = (form: (gold: string) => string, grade: typeof gradeNumber) =>
    golds.filter((gold) => grade(gold, form(gold)).verdict !== 'right').length;
  const echo = (gold: string) => gold;
  const thousands = (gold: string) => Number(gold.replaceAll(',', '')).toLocaleString('en');
  const inTwoHours = (gold: string) => `${gold} items in 2 hours`;
  expect(golds).toHaveLength(1319);
  // What the reference's Python says of the same answers.
  expect([echo, thousands, inTwoHours].map((form) => rejected(form, gradeAsPaper))).toEqual([16, 133, 1282]);
  expect([echo, thousands, inTwoHours].map((form) => rejected(form, gradeNumber))).toEqual([0, 0, 0]);
  expect(gradeAsPaper('3', '-3').verdict).toBe('right');
});

describe('a letter', () => {
  const choices = ['5 eV', '50 eV', 'Nothing of it', 'A field'];
  it.each([
    ['B', 'B'],
    ['(B)', 'The answer is (B).'],
    ['B', '**B**'],
    ['B', 'A is tempting, but the correct answer is B.'],
    ['B', '(A) is wrong, so it is (B)'],
    ['B', '\\boxed{\\text{(B)}}'],
    ['B', '<answer>B) 50 eV</answer>'],
    ['B', 'Answer: B'],
    ['B', 'It must be 50 eV.'],
    ['50 eV', 'B'],
    ['D', 'A field'],
    ['B', 'I weigh all of it.\n\nB'],
  ])('%s is right in %s', (gold, answer) => {
    expect([answer, gradeLetter(gold, answer, choices).verdict]).toEqual([answer, 'right']);
  });

  it.each([
    ['B', 'A'],
    ['A', 'A field is what remains'],
    ['B', 'The answer is a matter of taste'],
    ['B', ''],
    ['B', 'Z'],
  ])('%s is wrong in %s', (gold, answer) => {
    expect([answer, gradeLetter(gold, answer, choices).verdict]).toEqual([answer, 'wrong']);
  });

  it('of a gold answer that names none is undecided', () => {
    expect(gradeLetter('perhaps', 'B', choices).verdict).toBe('undecided');
  });
});

it('compares the whole answer, or what a pattern takes last', () => {
  expect(gradeExactly('Yes', ' Yes\n').verdict).toBe('right');
  expect(gradeExactly('Yes', 'yes').verdict).toBe('wrong');
  expect(gradeByPattern('7', 'x=3, x=7', 'x=(\\d)')).toEqual({ extracted: '7', verdict: 'right' });
  expect(gradeByPattern('7', 'x=3, y=7', '(?:x=(\\d)|y=(\\d))')).toEqual({
    extracted: '7',
    verdict: 'right',
  });
  expect(gradeByPattern('7', '3 7', '\\d')).toEqual({ extracted: '7', verdict: 'right' });
  expect(gradeByPattern('7', 'none', '\\d')).toEqual({ extracted: null, verdict: 'wrong' });
});

it.each([
  ['<think>a</think><answer>b</answer>', true, true],
  ['<think>a\nb</think><answer>\n5\n</answer>', true, true],
  ['<think>a</think><answer>b</answer>\n', true, true],
  ['<think>a</think><answer>b</answer>\n\n', false, true],
  ['\n<think>a</think>\n\n<answer>b</answer>', false, true],
  ['<think>a</think> and <answer>b</answer>', false, false],
  ['<think>a</think><answer>b</answer> done', false, false],
  ['Well. <think>a</think><answer>b</answer>', false, false],
  ['<think>a</think><answer>b', false, false],
  ['<think></think><answer></answer>', true, true],
  ['<think></answer>', false, false],
])('the form of %j is strict %s, lenient %s', (answer, strict, lenient) => {
  expect(gradeFormat(answer)).toEqual({ strict, lenient });
});

it('knows the form of an answer that repeats its tags without end', () => {
  expect(gradeFormat(`<think>${'</think><answer>'.repeat(100_000)}`).strict).toBe(false);
});

it.each([
  'the answer is long '.repeat(5_000),
  '#### '.repeat(15_000),
  '<answer>'.repeat(10_000),
  '\\boxed{'.repeat(8_000),
  `answer${' '.repeat(60_000)}`,
  `${' '.repeat(60_000)}5`,
  'answer: = = '.repeat(6_000),
])('comes to an end with an answer that loops: %.20s', (answer) => {
  expect(gradeNumber('7', answer).verdict).toBe('wrong');
  expect(gradeLetter('B', answer, ['one', 'two']).verdict).toBe('wrong');
});

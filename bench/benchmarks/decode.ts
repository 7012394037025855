/** Tokens a second once an answer has begun: one lane, two lanes that have diverged, and transformers.js. */
import { ratio } from '../measure';
import type { BenchModel } from '../models/models';
import { atLeast, figure, type Row } from '../report';
import { type Answers, pace } from './answers';

export function decodeRows({ name }: BenchModel, answers: Answers): Row[] {
  const theirs = answers.theirs.map((answered) => 1000 / pace(answered));
  const one = answers.baseline.map((answered) => 1000 / pace(answered));
  const two = answers.two.map((answered) => 1000 / pace(answered, 2));
  const ours = figure('tokens/s', one);
  const targets = name === 'starter' ? [] : [atLeast(1), atLeast(1.7)];
  return [
    {
      what: `${name}: one lane over transformers.js`,
      figure: { ...ratio(one, theirs), unit: '×' },
      target: targets[0],
      measured: { ours, 'transformers.js': figure('tokens/s', theirs) },
    },
    {
      what: `${name}: two diverged lanes together over one`,
      figure: { ...ratio(two, one), unit: '×' },
      target: targets[1],
      measured: { two: figure('tokens/s', two), one: ours },
    },
  ];
}

/** Tokens a second once an answer has begun: one lane, two lanes that have diverged, and transformers.js. */
import { ratio } from '../measure';
import { type BenchModel, isLarge } from '../models/models';
import { atLeast, figure, type Row, type Target } from '../report';
import { type Answers, pace } from './answers';

export function decodeRows(model: BenchModel, answers: Answers): Row[] {
  const { name } = model;
  const theirs = answers.theirs.map((answered) => 1000 / pace(answered));
  const one = answers.baseline.map((answered) => 1000 / pace(answered));
  const two = answers.two.map((answered) => 1000 / pace(answered, 2));
  const ours = figure('tokens/s', one);
  const targets: Target[] = isLarge(model) ? [atLeast(1), atLeast(1.7)] : [];
  // Of a vocabulary of 49,152 both distributions and their lists weigh most.
  if (name === 'SmolLM2') targets.push(atLeast(0.95));
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

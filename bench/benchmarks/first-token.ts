/** Milliseconds from the request to the first token of its answer. */

import type { Answered } from '../contenders/side';
import { ratio } from '../measure';
import { type BenchModel, isLarge } from '../models/models';
import { atLeast, atMost, figure, type Row } from '../report';
import { type Answers, SLOT_STEPS } from './answers';

export function firstTokenRows(model: BenchModel, answers: Answers): Row[] {
  const first = (answered: readonly Answered[]) => answered.map(({ tokens }) => tokens[0]!);
  const [theirs, baseline, slot] = [first(answers.theirs), first(answers.baseline), first(answers.slot)];
  const peer = figure('ms', theirs);
  // Nobody waits for a model of 14 MB.
  const { name } = model;
  const targets = !isLarge(model) ? [] : [atLeast(1.4), atMost(1.25)];
  return [
    {
      what: `${name}: times sooner than transformers.js, baseline`,
      figure: { ...ratio(theirs, baseline), unit: '×' },
      target: targets[0],
      measured: { ours: figure('ms', baseline), 'transformers.js': peer },
    },
    {
      what: `${name}: with ${SLOT_STEPS} SLOT steps, over transformers.js's baseline`,
      figure: { ...ratio(slot, theirs), unit: '×' },
      target: targets[1],
      measured: { ours: figure('ms', slot), 'transformers.js': peer },
    },
  ];
}

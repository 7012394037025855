/**
 * The reference's own grader (maple-research-lab/SLOT, eval_only_slot.py), defects and all: the last decimal, fraction
 * or integer of the whole completion, compared by math-verify with gold and answer exchanged.
 */
import type { Grade } from '../protocol/grading';
import { arithmetic } from './math/extract';
import { sameLiterals, scalar } from './math/literal';

/** Python's \d are the digits of every script. */
const NUMBER = /\p{Nd}+\.\p{Nd}+|\p{Nd}+\/\p{Nd}+|\p{Nd}+/gu;

export function gradeAsPaper(gold: string, answer: string): Grade {
  const extracted = answer.match(NUMBER)?.at(-1);
  if (extracted === undefined) return { extracted: null, verdict: 'wrong' };
  const [wanted] = arithmetic(gold);
  if (wanted === undefined) return { extracted, verdict: 'wrong' };
  const told = sameLiterals(scalar(extracted), scalar(wanted));
  // math-verify evaluates arithmetic; the gold answers of the reference's data are numbers alone.
  if (told === undefined && !isFraction(extracted)) {
    return { extracted, verdict: 'undecided', reason: 'the gold answer is no number' };
  }
  return { extracted, verdict: told ? 'right' : 'wrong' };
}

/** One over 0 equals nothing. */
function isFraction(text: string): boolean {
  return text.includes('/');
}

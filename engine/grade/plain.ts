/** Graders by text alone: the whole answer, and a pattern of the user's own. */

import type { Grade } from '../protocol/grading';
import { compilePattern } from '../protocol/token-query';

export function gradeExactly(gold: string, answer: string): Grade {
  return graded(answer.trim(), gold.trim());
}

/** The last match's first group that took part, or the match. @throws SyntaxError for no pattern */
export function gradeByPattern(gold: string, answer: string, pattern: string): Grade {
  const expression = new RegExp(compilePattern({ pattern }), 'gu');
  let last: RegExpExecArray | undefined;
  for (const match of answer.matchAll(expression)) last = match;
  if (!last) return { extracted: null, verdict: 'wrong' };
  const extracted = last.slice(1).find((group) => group !== undefined) ?? last[0];
  return graded(extracted.trim(), gold.trim());
}

function graded(extracted: string, wanted: string): Grade {
  return { extracted, verdict: extracted === wanted ? 'right' : 'wrong' };
}

/** Answers judged on their own, without a model or a data set. */
import { createGraders } from '../grade/graders';
import type { Grade, GradeRequest, GraderName } from '../protocol';

/**
 * Judges one after the other, in order.
 * @throws EngineError `pattern` where `regex` has none, or one that is no regular expression
 */
export async function* gradePairs(
  grader: GraderName,
  pairs: readonly GradeRequest[],
  signal?: AbortSignal,
): AsyncGenerator<Grade, void> {
  const graders = createGraders();
  try {
    for (const pair of pairs) yield await graders.grade(grader, pair, signal);
  } finally {
    await graders.close();
  }
}

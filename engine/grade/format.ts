/** Whether a completion has the form that the reference's system prompt asks for. */
import type { FormatGrade } from '../protocol/grading';

const OPEN = '<think>';
const BETWEEN = '</think><answer>';
const CLOSE = '</answer>';

/**
 * `strict` is the reference's `^<think>.*?</think><answer>.*?</answer>$` in Python, the dot matching newlines: one
 * newline may follow the end, and nothing may stand between the tags. `lenient` allows white space in front, between
 * the tags and at the end.
 */
export function gradeFormat(answer: string): FormatGrade {
  const strict = hasForm(answer.replace(/\n$/, ''));
  return { strict, lenient: strict || hasForm(answer.trim().replace(/<\/think>\s+<answer>/g, BETWEEN)) };
}

/** As the expression matches, in linear time: models loop, and may repeat a tag many thousand times. */
function hasForm(text: string): boolean {
  if (!text.startsWith(OPEN) || !text.endsWith(CLOSE)) return false;
  const between = text.indexOf(BETWEEN, OPEN.length);
  return between >= 0 && between + BETWEEN.length <= text.length - CLOSE.length;
}

/**
 * lm-evaluation-harness' filters and exact_match, as its task files set them (0.4.13): gsm8k, gsm8k_cot, the gpqa
 * chains of thought, and what minerva_math takes of an answer. Python's dot stops at \n alone.
 */
import type { Grade } from '../protocol/grading';

const NUMBER_AFTER_HASHES = /#### (-?[0-9.,]+)/;
const LAST_NUMBER = /(-?[$0-9.,]{2,})|(-?[0-9]+)/g;
const NUMBER_AFTER_ANSWER = /The answer is (-?[0-9.,]+)[^\n]/;

export function gradeGsm8kStrict(gold: string, answer: string): Grade {
  return gsm8k(gold, NUMBER_AFTER_HASHES.exec(answer)?.[1]);
}

export function gradeGsm8kFlexible(gold: string, answer: string): Grade {
  return gsm8k(gold, answer.match(LAST_NUMBER)?.at(-1));
}

export function gradeGsm8kCotStrict(gold: string, answer: string): Grade {
  return gsm8k(gold, NUMBER_AFTER_ANSWER.exec(answer)?.[1]);
}

function gsm8k(gold: string, extracted: string | undefined): Grade {
  return compared(gold, extracted, (text) =>
    text
      .replaceAll(',', '')
      .replaceAll('$', '')
      .replace(/^.*#### /s, '')
      .replace(/\.(?=\n?$)/, '')
      .toLowerCase(),
  );
}

const AFTER_ANSWER = /(?<=The answer is )[^\n]*(?=[^\n])/;

export function gradeGpqaStrict(gold: string, answer: string): Grade {
  return compared(gold, AFTER_ANSWER.exec(answer)?.[0].trim(), withoutPunctuation);
}

const LETTER = /\([A-Z]\)/g;

/** The last letter in brackets; else the last choice whose text is written; else the last letter after a colon. */
export function gradeGpqaFlexible(gold: string, answer: string, choices: readonly string[]): Grade {
  const letter =
    answer.match(LETTER)?.at(-1) ?? choiceWritten(answer, choices) ?? letterAfterColon(answer, choices);
  return compared(gold, letter, withoutPunctuation);
}

function choiceWritten(answer: string, choices: readonly string[]): string | undefined {
  const texts = choices.map((choice) => simplified(choice.trim()));
  // The longest first, so that no choice hides another that begins with it.
  const alternatives = texts.toSorted((a, b) => b.length - a.length).map(escaped);
  if (alternatives.length === 0) return undefined;
  const match = simplified(answer)
    .match(new RegExp(alternatives.join('|'), 'gu'))
    ?.at(-1)
    ?.trim();
  // Python's dictionary keeps the last of equal choices. What is no choice, such as one cut by strip, stays as it is.
  const place = match === undefined ? -1 : texts.lastIndexOf(match);
  return place < 0 ? match || undefined : letterOf(place);
}

function letterAfterColon(answer: string, choices: readonly string[]): string | undefined {
  if (choices.length === 0) return undefined;
  const letters = choices.map((_, place) => String.fromCharCode(65 + place)).join('|');
  const match = [...answer.matchAll(new RegExp(`:\\s*(${letters})`, 'g'))].at(-1)?.[1];
  return match === undefined ? undefined : `(${match})`;
}

function letterOf(place: number): string {
  return `(${String.fromCharCode(65 + place)})`;
}

function simplified(text: string): string {
  return text.toLowerCase().replace(/\p{P}/gu, '');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/g;

function withoutPunctuation(text: string): string {
  return text.toLowerCase().replace(ASCII_PUNCTUATION, '');
}

/** No match is the text "[invalid]", which is no gold answer. */
function compared(gold: string, extracted: string | undefined, simplify: (text: string) => string): Grade {
  if (extracted === undefined) return { extracted: null, verdict: 'wrong' };
  return { extracted, verdict: simplify(extracted) === simplify(gold) ? 'right' : 'wrong' };
}

const MINERVA_END = 'I hope it is correct.';
const MINERVA = /Final Answer: The final answer is([^\n]*?)[^\n] I hope it is correct[^\n]/;

/** What is compared by mathematical equivalence; undefined where the sentence is not there. */
export function minervaAnswer(answer: string): string | undefined {
  return MINERVA.exec(answer + MINERVA_END)?.[1]?.trim();
}

/** The letter of a multiple choice, however an answer names it. */
import type { Grade } from '../protocol/grading';
import { lastBoxes } from './math/extract';

/** (B), **B**, \text{(B)}, B. */
const MARKED = String.raw`(?:\\(?:text|textbf|mathrm|mathbf)\s*\{|[(*$[{"'\s])*(?<letter>[A-Za-z])(?![\w'’])`;
const ANNOUNCED = new RegExp(
  String.raw`(?:answer|option|choice)\s*(?:is|:|=|would be|must be)?\s*:?\s*(?:option|choice|letter)?\s*:?${MARKED}`,
  'gi',
);
const ALONE = new RegExp(String.raw`^\W*${MARKED}\s*(?:[).\]}*"'$:]|$)`);
const BRACKETED = /\((?<letter>[A-Z])\)|\*\*(?<bold>[A-Z])[.)]?\*\*/g;
const LINE = /^\(?(?<letter>[A-Z])\)?[.):]?$/;

export function gradeLetter(gold: string, answer: string, choices: readonly string[]): Grade {
  const extracted = letterIn(answer, choices);
  if (extracted === undefined) return { extracted: null, verdict: 'wrong' };
  const wanted = letterIn(gold, choices);
  if (wanted === undefined)
    return { extracted, verdict: 'undecided', reason: 'the gold answer names no choice' };
  return { extracted, verdict: wanted === extracted ? 'right' : 'wrong' };
}

/** Boxed, tagged or alone; else announced; else the last in brackets; else the choice whose text comes last. */
function letterIn(text: string, choices: readonly string[]): string | undefined {
  const valid = (letter: string | undefined) =>
    letter !== undefined && (choices.length === 0 || place(letter) < choices.length)
      ? letter.toUpperCase()
      : undefined;
  for (const part of [lastBoxes(text), tagged(text), text]) {
    if (part === undefined) continue;
    const trimmed = part.trim();
    const alone = trimmed.length <= MAX_ALONE ? ALONE.exec(trimmed)?.groups?.letter : undefined;
    const found = exactChoice(part, choices) ?? valid(alone);
    if (found !== undefined) return found;
  }
  // One space at a time: runs of them would be tried in every way.
  const announced = [...text.replace(/\s+/g, ' ').matchAll(ANNOUNCED)]
    .map(({ groups }) => valid(capital(groups?.letter)))
    .filter(defined);
  const bracketed = [...text.matchAll(BRACKETED)]
    .map(({ groups }) => valid(groups?.letter ?? groups?.bold))
    .filter(defined);
  return (
    announced.at(-1) ??
    bracketed.at(-1) ??
    valid(LINE.exec(lastLine(text))?.groups?.letter) ??
    lastChoice(text, choices)
  );
}

/** A letter with its bracket, and no sentence that begins with "A". */
const MAX_ALONE = 24;

function place(letter: string): number {
  return letter.toUpperCase().charCodeAt(0) - 65;
}

/** In a sentence "a" is a word. */
function capital(letter: string | undefined): string | undefined {
  return letter !== undefined && /[A-Z]/.test(letter) ? letter : undefined;
}

function defined(letter: string | undefined): letter is string {
  return letter !== undefined;
}

function tagged(text: string): string | undefined {
  const start = text.lastIndexOf('<answer>');
  return start < 0 ? undefined : text.slice(start + '<answer>'.length).split('</answer>', 1)[0];
}

function lastLine(text: string): string {
  const trimmed = text.trim();
  return trimmed.slice(trimmed.lastIndexOf('\n') + 1).trim();
}

function exactChoice(text: string, choices: readonly string[]): string | undefined {
  const found = choices.findIndex((choice) => choice.trim() !== '' && plain(choice) === plain(text));
  return found < 0 ? undefined : String.fromCharCode(65 + found);
}

function lastChoice(text: string, choices: readonly string[]): string | undefined {
  const whole = plain(text);
  const ends = choices.map((choice) =>
    plain(choice) === '' ? -1 : whole.lastIndexOf(plain(choice)) + plain(choice).length,
  );
  const last = Math.max(...ends);
  const named = choices.flatMap((choice, index) =>
    whole.includes(plain(choice)) && ends[index] === last ? [index] : [],
  );
  // Two that end at one place: the longer holds the other.
  const [found] = named.toSorted((a, b) => plain(choices[b]!).length - plain(choices[a]!).length);
  return found === undefined || last < 0 ? undefined : String.fromCharCode(65 + found);
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[\s$.]+/g, ' ')
    .trim();
}

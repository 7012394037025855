/** One answer beside its gold answer: found, read and compared. */
import type { Grade } from '../../protocol/grading';
import { isRight } from './compare';
import { candidates, lastBoxes } from './extract';
import { understand } from './meaning';
import { normalise } from './normalise';
import { read } from './read';
import type { Value } from './value';

/** Where the answer is looked for: anywhere, in a box alone, or the text is the answer. */
export type Place = 'anywhere' | 'box' | 'whole';

/** Bounds what a hostile completion can cost before the time limit does. */
const MAX_CANDIDATES = 20;

export function judge(gold: string, answer: string, place: Place): Grade {
  const wanted = goldAnswer(gold);
  const found = find(answer, place, wanted);
  if (!found) return { extracted: null, verdict: 'wrong' };
  const extracted = found.tex.trim();
  const right = find(wanted, 'anywhere', answer);
  if (!right) return undecided(extracted, 'the gold answer is empty');
  if (sameText(right.tex, extracted)) return { extracted, verdict: 'right' };
  const told = isRight(right.value, found.value);
  if (told !== undefined) return { extracted, verdict: told ? 'right' : 'wrong' };
  return undecided(extracted, `whether it is ${right.tex.trim().slice(0, 200)} cannot be told`);
}

function undecided(extracted: string, reason: string): Grade {
  return { extracted, verdict: 'undecided', reason };
}

/** GSM8K's solutions end with the answer alone. */
function goldAnswer(gold: string): string {
  return gold.split('####').at(-1)!.trim();
}

interface Found {
  readonly tex: string;
  readonly value: Value;
}

/** The first that is understood; else the first, whose verdict will be open unless it is the gold's own text. */
function find(text: string, place: Place, other: string): Found | undefined {
  let first: Found | undefined;
  let tried = 0;
  for (const tex of places(text, place, other)) {
    if (tex.trim() === '') continue;
    const found = { tex, value: read(tex) };
    if (isUnderstood(found.value)) return found;
    first ??= found;
    if (++tried === MAX_CANDIDATES) break;
  }
  return first;
}

function* places(text: string, place: Place, other: string): Generator<string> {
  if (place === 'whole') yield text;
  else if (place === 'anywhere') yield* candidates(text, other);
  else {
    const boxed = lastBoxes(text);
    if (boxed !== undefined) yield boxed;
  }
}

function isUnderstood(value: Value): boolean {
  switch (value.kind) {
    case 'scalar':
      return understand(value) !== undefined;
    case 'words':
      return value.text !== '';
    case 'set':
    case 'tuple':
      return value.items.every(isUnderstood);
    case 'interval':
      return isUnderstood(value.from) && isUnderstood(value.to);
    case 'union':
    case 'intersection':
    case 'difference':
      return value.parts.every(isUnderstood);
    case 'relation':
      return value.sides.every(isUnderstood);
    case 'matrix':
      return value.rows.flat().every(isUnderstood);
  }
}

function sameText(gold: string, answer: string): boolean {
  const [g, a] = [gold, answer].map((tex) => normalise(tex).replace(/(?<!\d) | (?!\d)/g, ''));
  return g !== '' && g === a;
}

/** Prompts of a wanted length, each with another beginning, so that no cache knows any part of them. */
import type { BenchModel } from './models';

/** Characters that the random models' tokenizer never joins. */
const SEPARATE = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** About one token each to the starter's tokenizer. */
const WORDS = ['Tom', 'Sara', 'apples', 'boxes', 'pencils', 'has', 'buys', 'more', 'left', 'day', 'each'];

let written = 0;

/** @returns text of `tokens` tokens (of about as many, in words) */
export function prompt(model: Pick<BenchModel, 'name'>, tokens: number): string {
  const pieces = model.name === 'starter' ? WORDS : [...SEPARATE];
  const joint = model.name === 'starter' ? ' ' : '';
  let number = written++;
  const text: string[] = [];
  for (let i = 0; i < tokens; i++) {
    text.push(pieces[number % pieces.length]!);
    // Any walk will do that differs from prompt to prompt from the first piece on.
    number = i < 3 ? Math.floor(number / pieces.length) + 7 * i + 1 : number * 31 + 17;
    number %= 1_000_003;
  }
  return text.join(joint);
}

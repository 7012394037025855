/** Where two answers part, cut at the tokens around it. */

export interface ParsedAnswer {
  readonly same: string;
  /** The token in which the first difference lies; empty where the answer ends before it. */
  readonly token: string;
  readonly rest: string;
}

export interface Difference {
  /** Null where the answers are the same. */
  readonly at: { readonly a: number; readonly b: number } | null;
  readonly a: ParsedAnswer;
  readonly b: ParsedAnswer;
}

/**
 * By text, so that tokenizers may differ.
 * @param a @param b texts of the tokens
 */
export function firstDifference(a: readonly string[], b: readonly string[]): Difference {
  const left = a.join('');
  const right = b.join('');
  if (left === right) {
    const whole = { same: left, token: '', rest: '' };
    return { at: null, a: whole, b: whole };
  }
  let common = 0;
  while (common < left.length && left[common] === right[common]) common++;
  const [placeA, cutA] = cut(a, common);
  const [placeB, cutB] = cut(b, common);
  return { at: { a: placeA, b: placeB }, a: cutA, b: cutB };
}

function cut(tokens: readonly string[], common: number): [number, ParsedAnswer] {
  let before = 0;
  let place = 0;
  for (const token of tokens) {
    if (before + token.length > common) break;
    before += token.length;
    place += 1;
  }
  return [
    place,
    {
      same: tokens.slice(0, place).join(''),
      token: tokens[place] ?? '',
      rest: tokens.slice(place + 1).join(''),
    },
  ];
}

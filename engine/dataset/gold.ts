/** The gold answer within what a data set gives as an answer or a solution. */

/** GSM8K's mark before the number. */
export const GSM8K_MARK = '####';

/** What follows the last `mark`; undefined where it is missing, or nothing follows. */
export function goldAfter(answer: string, mark: string): string | undefined {
  const at = answer.lastIndexOf(mark);
  const gold = at < 0 ? '' : answer.slice(at + mark.length).trim();
  return gold === '' ? undefined : gold;
}

/** What the last \boxed or \fbox of a LaTeX text encloses, its braces balanced; undefined where there is none. */
export function lastBoxed(text: string): string | undefined {
  const start = Math.max(text.lastIndexOf('\\boxed'), text.lastIndexOf('\\fbox'));
  if (start < 0) return undefined;
  const after = text.slice(start).replace(/^\\[a-z]+\s*/, '');
  // \boxed 5$ is TeX for one token.
  if (!after.startsWith('{')) return /^[^\s$\\{}]/.exec(after)?.[0];
  let depth = 0;
  for (let at = 0; at < after.length; at++) {
    if (after[at] === '\\') at++;
    else if (after[at] === '{') depth++;
    else if (after[at] === '}' && --depth === 0) return after.slice(1, at).trim() || undefined;
  }
  return undefined;
}

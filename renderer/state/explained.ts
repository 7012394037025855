/** Tokens whose shift is to be explained: as the user writes them, and as a run has them. */

/** As many as a run explains. */
export const MAX_EXPLAINED = 20;

/**
 * By commas, a comma itself behind a backslash; as the charts write them: middle dots at the front are spaces, ↵ is a
 * line's end, ⇥ a tab. Nothing where none is named.
 */
export function readExplained(text: string): { explain?: string[] } {
  const tokens = [...text.matchAll(/(?:\\.|[^,\\])+/gsu)].map(([part]) => unwritten(part.trim()));
  const named = tokens.filter((token) => token !== '');
  return named.length === 0 ? {} : { explain: named };
}

export function writeExplained(tokens: readonly string[]): string {
  return tokens.map(written).join(', ');
}

const SIGNS = { '\n': '↵', '\t': '⇥' } as const;

function written(token: string): string {
  const shown = token.replace(/[\\,]/g, '\\$&').replaceAll('\n', SIGNS['\n']).replaceAll('\t', SIGNS['\t']);
  return shown.replace(/^ +/, (spaces) => '·'.repeat(spaces.length));
}

function unwritten(part: string): string {
  const token = part
    .replaceAll(SIGNS['\n'], '\n')
    .replaceAll(SIGNS['\t'], '\t')
    .replace(/\\([\\,])/g, '$1');
  return token.replace(/^·+/, (dots) => ' '.repeat(dots.length));
}

/** Tokens whose shift is to be explained: as the user writes them, and as a run has them. */

/** By commas; a middle dot at the front is a space, as the charts write it. Nothing where none is named. */
export function readExplained(text: string): { explain?: string[] } {
  const tokens = text
    .split(',')
    .map((part) => part.trim().replace(/^·/, ' '))
    .filter((part) => part !== '');
  return tokens.length === 0 ? {} : { explain: tokens };
}

export function writeExplained(tokens: readonly string[]): string {
  return tokens.map((token) => token.replace(/^ /, '·')).join(', ');
}

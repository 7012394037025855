/** Text from models and files, made safe for a terminal. */

/** Escapes control characters (line breaks and tabs aside) and those that change the direction of text. */
export function visible(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One token on one line: line breaks and tabs escaped too, spaces marked. */
export function visibleToken(token: string): string {
  return visible(token).replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll(' ', '·');
}

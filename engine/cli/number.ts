/** A number as it is written in an option; not a number where nothing is: Number('') would be 0. */
export function number(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** Figures as the sentences under a table write them. */

/** A difference of accuracies: "+8.6 points". */
export function points(difference: number): string {
  return `${signed(difference)} points`;
}

/** "+8.6", "−0.4", "0.0". */
export function signed(difference: number): string {
  const size = Math.abs(100 * difference).toFixed(1);
  if (Number(size) === 0) return size;
  return `${difference < 0 ? '−' : '+'}${size}`;
}

/** A share: "31 %", "2.5 %". */
export function percent(share: number): string {
  const hundredths = 100 * share;
  return `${Number(hundredths.toFixed(hundredths < 10 ? 1 : 0))} %`;
}

/** "p = .031", on the right side of .05 however close it lies. */
export function probability(p: number): string {
  if (p < 1e-4) return 'p < .0001';
  let digits = 2;
  while (Number(p.toPrecision(digits)) < ALPHA !== p < ALPHA) digits += 1;
  const text = p.toPrecision(digits);
  return `p = ${Number(text) === 1 ? '1' : text.replace(/^0/, '')}`;
}

/** What counts as significant: p below it. */
export const ALPHA = 0.05;

/** 1,319 */
export function count(n: number): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** "1 problem", "24 problems" */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** "a, b and c"; "a, b, c and 4 more" beyond `most`. */
export function list(parts: readonly string[], most = 5): string {
  const named = parts.length > most ? [...parts.slice(0, most), `${parts.length - most} more`] : parts;
  if (named.length < 2) return named.join('');
  return `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}

/** Numbers as the window writes them: signs always shown where they carry meaning, minus as −. */

/** What the digits would round to nothing is written with two significant ones, below 0.0001 with an exponent. */
export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return written().replaceAll('-', '−').replace('e+', 'e');

  function written(): string {
    if (size >= 1e6) return value.toExponential(2);
    if (size === 0 || size >= 10 ** -digits) return value.toFixed(digits);
    return size < 1e-4 ? value.toExponential(1) : value.toPrecision(2);
  }
}

export function signed(value: number, digits = 3): string {
  return value > 0 ? `+${number(value, digits)}` : number(value, digits);
}

/** A share of probability in per cent. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.01) return '<0.01 %';
  return `${value.toFixed(value < 10 ? 2 : 1)} %`;
}

/** A difference of two shares, in percentage points. */
export function points(difference: number): string {
  return signed(difference * 100, 3);
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Coarse, as an estimate is: `8 s`, `3 min`, `2 h 10 min`. */
export function timeLeft(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A message as a sentence. Names of files and fields at its head stay as they are. */
export function sentence(message: string): string {
  const text = message.replace(
    /^(the|an?|this|there|no|not|cannot|it|lines?) /,
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
  return /[.!?…:]$/.test(text) ? text : `${text}.`;
}

/** Made once: setting it up takes longer than many frames. */
const GROUPING = new Intl.NumberFormat('en');

/** Digits in groups of three. */
export function grouped(amount: number): string {
  return GROUPING.format(amount);
}

export function count(amount: number, noun: string): string {
  return `${grouped(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

/** A name as it stands within a sentence; the sign Δ stays what it is. */
export function withinSentence(name: string): string {
  return name.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

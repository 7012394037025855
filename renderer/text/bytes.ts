/** Sizes and times of downloads, as file managers and the hub write them: decimal units. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Three digits that mean something: `87 B`, `3.40 MB`, `1.24 GB`. */
export function bytes(amount: number): string {
  let value = amount;
  let unit = 0;
  // What would be written as 1000 belongs to the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Coarse, as an estimate is: `8 s`, `3 min`, `2 h 10 min`. */
export function timeLeft(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

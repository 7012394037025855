/** How long the Electron that this app carries is supported: Electron mends its newest three major versions. */

const MAJORS = 3;
/** A major comes every eight weeks. */
const CADENCE_DAYS = 8 * 7;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface Support {
  isSupported: boolean;
  /** One line that says what to do, if anything. */
  words: string;
}

/**
 * @param installed the version that the lock file has
 * @param published every version on the registry, with its date
 */
export function electronSupport(installed: string, published: Readonly<Record<string, string>>): Support {
  const stable = Object.keys(published).filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  const newest = Math.max(...stable.map(majorOf));
  const major = majorOf(installed);
  const left = major + MAJORS - 1 - newest;
  if (left < 0) {
    return {
      isSupported: false,
      words: `Electron ${installed} is no longer supported: the newest is ${newest}, mended are ${newest - MAJORS + 1} and later. Update the electron package.`,
    };
  }
  const patch = stable
    .filter((version) => majorOf(version) === major)
    .sort(byVersion)
    .at(-1);
  const isBehind = patch !== undefined && byVersion(installed, patch) < 0;
  const since = Date.parse(published[`${newest}.0.0`] ?? '');
  const until = new Date(since + (left + 1) * CADENCE_DAYS * DAY_MS);
  const end = Number.isNaN(since) ? '' : `, until about ${until.toISOString().slice(0, 10)}`;
  const update = isBehind ? `; ${patch} mends more than it` : '';
  return { isSupported: true, words: `Electron ${installed} is supported${end}${update}.` };
}

const majorOf = (version: string) => Number.parseInt(version, 10);

function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  return left!.map((part, i) => part - right![i]!).find((difference) => difference !== 0) ?? 0;
}

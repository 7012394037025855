/** The command line's notation of given deltas: `--delta a=RUN/slot@3 --lanes 'baseline,given@0.5*a-0.5*b'`. */
import type { GivenDelta, GivenOrigin, GivenSource } from './given';
import { RunId } from './limits';

export const GIVEN_NOTATION = 'given@a, given@2*a-0.5*b, given@mean:a+b, given@centred:a';
export const SOURCE_NOTATION = 'RUN[/LANE][@STEP] or FILE.safetensors[#TENSOR][@STEP]';

/** What is left out is the first lane or tensor that has a delta, and its last step. */
export type WrittenSource =
  | { readonly kind: 'run'; readonly runId: string; readonly lane?: string; readonly step?: number }
  | { readonly kind: 'file'; readonly path: string; readonly tensor?: string; readonly step?: number };

/** `NAME=SOURCE`. */
export function readSource(
  text: string,
): { name: string; source: WrittenSource } | { readonly problem: string } {
  const [, name, written = ''] = /^([A-Za-z]\w*)=(.+)$/s.exec(text) ?? [];
  if (name === undefined) return { problem: `it is not NAME=${SOURCE_NOTATION}` };
  const { whole, step } = stepIn(written);
  const [, path, tensor] = /^(.*\.safetensors)(?:#(.+))?$/is.exec(whole) ?? [];
  if (path !== undefined)
    return { name, source: { kind: 'file', path, ...(tensor === undefined ? {} : { tensor }), ...step } };
  const source = readRunSource(written);
  return source ? { name, source } : { problem: `"${written}" is not ${SOURCE_NOTATION}` };
}

/** `RUN[/LANE][@STEP]`; undefined where it is not. */
export function readRunSource(written: string): Extract<WrittenSource, { kind: 'run' }> | undefined {
  const { whole, step } = stepIn(written);
  const [, runId = '', lane] = /^([^/]*)(?:\/(.+))?$/s.exec(whole) ?? [];
  if (!RunId.safeParse(runId).success) return undefined;
  return { kind: 'run', runId, ...(lane === undefined ? {} : { lane }), ...step };
}

function stepIn(written: string): { whole: string; step: { step?: number } } {
  const [, whole = written, digits] = /^(.*)@(\d{1,4})$/s.exec(written) ?? [];
  return { whole, step: digits === undefined ? {} : { step: Number(digits) } };
}

/**
 * What stands after `given@`.
 * @param named the deltas of `--delta`
 */
export function readGiven(
  text: string,
  named: ReadonlyMap<string, GivenDelta>,
): GivenOrigin | { readonly problem: string } {
  const [, words = '', sum = ''] = /^((?:[a-z]+:)*)(.*)$/s.exec(text) ?? [];
  const wanted = words.split(':').slice(0, -1);
  const unknown = wanted.find((word) => word !== 'mean' && word !== 'centred');
  if (unknown !== undefined) return { problem: `"${unknown}:" is neither mean: nor centred:` };
  const written = sum.match(/[+-]?[^+-]+/g) ?? [];
  if (written.length === 0 || written.join('') !== sum) return { problem: `it is none of ${GIVEN_NOTATION}` };
  const terms: GivenOrigin['terms'] = [];
  for (const part of written) {
    const [, sign, factor = '1', name = ''] = /^([+-]?)(?:([\d.]+)\*)?([A-Za-z]\w*)$/.exec(part.trim()) ?? [];
    const given = named.get(name);
    if (sign === undefined) return { problem: `"${part}" is not FACTOR*NAME` };
    if (!given) return { problem: `no delta is named "${name}": give --delta ${name}=${SOURCE_NOTATION}` };
    const size = wanted.includes('mean') ? Number(factor) / written.length : Number(factor);
    terms.push({ ...given, factor: sign === '-' ? -size : size });
  }
  return { kind: 'given', terms, centred: wanted.includes('centred') };
}

/** The deltas that lanes are made of, each named once. */
export class NamedSources {
  private readonly names = new Map<string, string>();

  /** What stands after `given@`. */
  notationOf({ terms, centred }: GivenOrigin): string {
    const written = terms.map(({ factor, source }, i) => {
      const sign = factor < 0 ? '-' : i > 0 ? '+' : '';
      const size = Math.abs(factor);
      return `${sign}${size === 1 ? '' : `${decimal(size)}*`}${this.nameOf(source)}`;
    });
    return `${centred ? 'centred:' : ''}${written.join('')}`;
  }

  /** What stands after each `--delta`. */
  get options(): string[] {
    return [...this.names].map(([source, name]) => `${name}=${source}`);
  }

  private nameOf(source: GivenSource): string {
    const step = source.step === undefined ? '' : `@${source.step}`;
    const place =
      source.kind === 'run' ? `${source.runId}/${source.lane}` : `${source.file}#${source.tensor}`;
    const name = this.names.get(place + step) ?? `d${this.names.size + 1}`;
    this.names.set(place + step, name);
    return name;
  }
}

/** Without an exponent, whose sign would be read as a sum's. */
function decimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}

/** A delta that is not learned by the run that uses it: of stored runs or of files, added up. */
import { z } from 'zod';
import { Count, Name, RunId } from './limits';

/** Numbers of a delta: more than any model's hidden state has. */
export const MAX_DELTA = 2 ** 17;
/** Characters of base64 that so many float32 take. */
const MAX_VALUES = Math.ceil((MAX_DELTA * Float32Array.BYTES_PER_ELEMENT) / 3) * 4;
/** Tokens whose shift says with which head a delta was learned. */
export const MAX_WITNESSES = 32;
/** Deltas that one lane adds up. */
export const MAX_TERMS = 32;

/** Updates of delta; left out it is the last. */
const Step = z.int().min(1).max(1000).optional();

/** Where a delta was learned, so that it can be found again. */
export const GivenSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), runId: RunId, lane: z.string().min(1).max(80), step: Step }),
  /** A tensor [T, d], a row for each step, or [d]. */
  z.strictObject({ kind: z.literal('file'), file: Name, tensor: Name, step: Step }),
]);
export type GivenSource = z.infer<typeof GivenSource>;

/** The numbers themselves: a run with them can be repeated where its sources are gone. */
export const GivenVector = z.strictObject({
  /** float32 [d], little-endian, in base64. */
  values: z.base64().min(4).max(MAX_VALUES),
  /** Of these bytes, in hexadecimal. */
  sha256: z
    .string()
    .max(64)
    .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
  /** Rows of the head that it was learned with; left out where its source does not say. */
  vocab: Count.optional(),
  /** That head's shift, in logits, of tokens evenly spread over the vocabulary: token i·vocab/length, rounded down. */
  witness: z.array(z.number()).max(MAX_WITNESSES).optional(),
});
export type GivenVector = z.infer<typeof GivenVector>;

export const GivenDelta = z.strictObject({
  source: GivenSource,
  /** The engine looks it up when a run starts without it. */
  vector: GivenVector.optional(),
});
export type GivenDelta = z.infer<typeof GivenDelta>;

const Term = GivenDelta.extend({ factor: z.number().min(-100).max(100) });

export const GivenOrigin = z.strictObject({
  kind: z.literal('given'),
  /** Σ factor·delta. */
  terms: z.array(Term).min(1).max(MAX_TERMS),
  /** Whether the part that moves the mean logit is taken out, see `withoutMeanShift`. */
  centred: z.boolean().default(false),
});
export type GivenOrigin = z.infer<typeof GivenOrigin>;

/** "slot of run 0f3a9c21 after step 3". */
export function describeSource(source: GivenSource): string {
  const step = source.step === undefined ? '' : ` after step ${source.step}`;
  return source.kind === 'run'
    ? `${source.lane} of run ${source.runId.slice(0, 8)}${step}`
    : `${source.tensor} of ${source.file}${step}`;
}

/** "0.5 × slot of run 0f3a9c21 − 0.5 × slot of run 77ab0c12, centred". */
export function describeGiven({ terms, centred }: GivenOrigin): string {
  const written = terms.map(({ factor, source }, i) => {
    const sign = factor < 0 ? '− ' : i > 0 ? '+ ' : '';
    const size = Math.abs(factor);
    return `${sign}${size === 1 ? '' : `${Number(size.toPrecision(6))} × `}${describeSource(source)}`;
  });
  return `${written.join(' ')}${centred ? ', centred' : ''}`;
}

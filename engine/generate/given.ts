/** Deltas that were learned before: decoded, held to the head that they are to act on, and added up. */
import { createHash } from 'node:crypto';
import type { HeadRuntime } from '../onnx/runtime/head-runtime';
import {
  badInput,
  describeSource,
  type EvaluationLane,
  type GivenDelta,
  type GivenOrigin,
  type GivenVector,
  type LaneSettings,
  MAX_WITNESSES,
} from '../protocol';
import { combined, norm, withoutMeanShift } from '../slot/controls';

/**
 * By how much of its norm a witness may differ. Weights of another precision move shifts by up to a tenth or so; an
 * unrelated head's shifts differ by more than the shifts are.
 */
const MAX_DIFFERENCE = 0.5;

/** @param shift [V] logits, by the head that delta was learned with; undefined where that is not known */
export function encodeVector(
  delta: Float32Array,
  shift: Float32Array | undefined,
  vocab = shift?.length,
): GivenVector {
  const bytes = Buffer.from(delta.buffer, delta.byteOffset, delta.byteLength);
  return {
    values: bytes.toString('base64'),
    sha256: hashOf(bytes),
    ...(vocab === undefined ? {} : { vocab }),
    ...(shift === undefined ? {} : { witness: witnessOf(shift) }),
  };
}

/**
 * Σ factor·delta of an origin's terms, centred where it says so.
 * @param lane for messages @returns [d]
 * @throws EngineError `given-delta` where a delta is missing, damaged, or of another size or head
 */
export async function givenDelta(
  head: HeadRuntime,
  lane: string,
  origin: GivenOrigin,
): Promise<Float32Array> {
  const terms: { factor: number; delta: Float32Array }[] = [];
  for (const { factor, ...given } of origin.terms)
    terms.push({ factor, delta: await checkedDelta(head, lane, given) });
  const delta = combined(terms);
  if (!delta.every(Number.isFinite)) throw unfit(lane, 'the sum is no finite number', 'Use smaller factors.');
  return origin.centred ? centredDelta(head, delta) : delta;
}

type Lane = Pick<LaneSettings | EvaluationLane, 'name' | 'steps' | 'origin'>;

/** By lane, of those whose delta is given. @throws EngineError `given-delta` */
export async function givenDeltas(
  head: HeadRuntime,
  lanes: readonly Lane[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const given = new Map<string, Float32Array>();
  for (const { name, steps, origin } of lanes)
    if (origin.kind === 'given' && steps > 0) given.set(name, await givenDelta(head, name, origin));
  return given;
}

/** See `withoutMeanShift`. @returns [d] */
export async function centredDelta(head: HeadRuntime, delta: Float32Array): Promise<Float32Array> {
  const meanRow = await head.transposedProduct(new Float32Array(head.vocab).fill(1 / head.vocab));
  return withoutMeanShift(delta, meanRow);
}

async function checkedDelta(
  head: HeadRuntime,
  lane: string,
  { source, vector }: GivenDelta,
): Promise<Float32Array> {
  const of = describeSource(source);
  if (!vector) throw unfit(lane, `${of} has not been looked up`, 'Choose the delta again.');
  const bytes = Buffer.from(vector.values, 'base64');
  if (hashOf(bytes) !== vector.sha256 || bytes.length % Float32Array.BYTES_PER_ELEMENT !== 0)
    throw unfit(lane, `${of} is damaged: its hash is another one`, 'Choose the delta again.');
  const delta = new Float32Array(Uint8Array.from(bytes).buffer);
  if (!delta.every(Number.isFinite)) throw unfit(lane, `${of} holds numbers that are not finite`, OTHER);
  const { vocab = head.vocab } = vector;
  if (delta.length !== head.hiddenSize || vocab !== head.vocab) {
    const own = vector.vocab === undefined ? '' : `, learned with a head [${vector.vocab}, ${delta.length}]`;
    const why = `${of} is [${delta.length}]${own}; the model's head is [${head.vocab}, ${head.hiddenSize}]`;
    throw unfit(lane, why, OTHER);
  }
  if (!(await isSameHead(head, delta, vector.witness)))
    throw unfit(
      lane,
      `${of} was learned with another head of the same shape [${head.vocab}, ${head.hiddenSize}]`,
      OTHER,
    );
  return delta;
}

const OTHER = 'Choose a delta that was learned with this model.';

/** Whether delta shifts logits here as it did where it was learned. */
async function isSameHead(
  head: HeadRuntime,
  delta: Float32Array,
  there: readonly number[] | undefined,
): Promise<boolean> {
  if (!there) return true;
  const b = await head.projectDelta(delta);
  const here = witnessOf(b, there.length).map((value) => value * head.logitScale);
  const apart = norm(here.map((value, i) => value - there[i]!));
  return apart <= MAX_DIFFERENCE * Math.max(norm(here), norm(there));
}

/** The same of a delta [d] with its whole shift [V], in logits; true where that is not known. */
export function isOfHead(
  head: HeadRuntime,
  delta: Float32Array,
  shift: Float32Array | undefined,
): Promise<boolean> {
  return isSameHead(head, delta, shift && witnessOf(shift));
}

/** @param shift [V] */
function witnessOf(shift: Float32Array, count = Math.min(MAX_WITNESSES, shift.length)): number[] {
  return Array.from({ length: count }, (_, i) => shift[Math.floor((i * shift.length) / count)]!);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unfit(lane: string, why: string, hint: string) {
  return badInput('given-delta', `lane "${lane}": ${why}`, hint);
}

/** Lanes without delta that draw at the temperature which gives the baseline SLOT's mean entropy: mere sharpening. */
import type { ReadTokens } from '../model/prefix-cache';
import { isSlot, type LaneSettings, learningKey } from '../protocol';
import { matchedTemperature, meanEntropy } from '../slot/controls';
import { NonFiniteStep } from '../slot/optimise';
import type { DecodedLane, DecodeLane, DecodeOptions } from './decode';
import type { Adapting } from './lane-report';
import type { LanguageModel } from './language-model';
import type { RunContext } from './run-context';
import type { Shift } from './shift';

/** Hidden states that are projected together. */
const ROWS = 16;

/** Whose entropy a lane's temperature is matched to. */
export interface TemperatureMatching {
  readonly lane: DecodeLane;
  /** The run's own SLOT lane of the same settings, or one that answers unseen. */
  readonly slot: { readonly name: string } | { readonly unseen: DecodeLane };
}

export function drawsAtTemperature({ steps, origin }: LaneSettings): boolean {
  return steps > 0 && origin.kind === 'temperature';
}

/**
 * @param none zeros
 * @returns undefined where the lane failed, which is reported, and where a greedy run has no use for it
 */
export async function planMatching(
  settings: LaneSettings,
  lanes: readonly LaneSettings[],
  none: Shift,
  { model, objective, deltas, context }: Adapting,
): Promise<TemperatureMatching | undefined> {
  const { name, steps, forcedPrefix } = settings;
  const lane = { name, ...none, forcedPrefix };
  const isGreedy = context.config.generation.temperature === 0;
  if (isGreedy) {
    const message = `no temperature changes a greedy answer: "${name}" writes what the baseline does, unless the run draws (temperature above 0)`;
    context.emit({ type: 'notice', code: 'greedy-temperature', lane: name, message });
  }
  const twin = lanes.find(
    (other) =>
      isSlot(other) &&
      other.steps === steps &&
      learningKey(other) === learningKey(settings) &&
      other.forcedPrefix.join() === forcedPrefix.join(),
  );
  if (twin) return { lane, slot: { name: twin.name } };
  if (isGreedy) return undefined;
  if (objective.targetCount === 0) return { lane, slot: { unseen: lane } };
  try {
    const delta = await deltas.after(settings);
    const b = await model.head.projectDelta(delta);
    return { lane, slot: { unseen: { name, delta, b, forcedPrefix } } };
  } catch (error) {
    if (!(error instanceof NonFiniteStep)) throw error;
    tellUnmatched(name, context);
    return undefined;
  }
}

/**
 * @param answers of the run's lanes so far
 * @returns what the lane is to draw at, which is reported; undefined where SLOT wrote nothing, which fails a lane that
 * has not answered yet
 * @throws the signal's reason
 */
export async function matchTemperature(
  model: LanguageModel,
  sequence: ReadTokens,
  { lane, slot }: TemperatureMatching,
  answers: ReadonlyMap<string, DecodedLane>,
  options: DecodeOptions,
  context: RunContext,
): Promise<number | undefined> {
  const { emit, signal } = context;
  const written =
    'name' in slot
      ? answers.get(slot.name)
      : await answerUnseen(model, sequence, slot.unseen, options, signal);
  const hidden = written?.hidden.slice(lane.forcedPrefix.length) ?? [];
  if (!written || hidden.length === 0) {
    if (!answers.has(lane.name)) tellUnmatched(lane.name, context);
    return undefined;
  }
  // A greedy run draws at no temperature: the distributions are matched as they are.
  const drawn = options.generation.temperature || 1;
  const rows = (b: Float32Array) => logprobs(model, hidden, b, signal);
  const { entropy } = await meanEntropy(rows(written.b), drawn);
  const match = await matchedTemperature(() => rows(lane.b), entropy);
  const { temperature, isReached } = match;
  const baseEntropy = match.entropy;
  const positions = hidden.length;
  emit({
    type: 'lane.temperature',
    lane: lane.name,
    temperature,
    entropy,
    baseEntropy,
    isReached,
    positions,
  });
  return temperature;
}

/** SLOT's answer where the run has no lane for it. */
async function answerUnseen(
  model: LanguageModel,
  sequence: ReadTokens,
  lane: DecodeLane,
  options: DecodeOptions,
  signal: AbortSignal,
): Promise<DecodedLane | undefined> {
  for await (const event of model.decode(sequence, [lane], { ...options, listLength: 1 })) {
    signal.throwIfAborted();
    if (event.type === 'ended') return event.answer;
  }
  return undefined;
}

/** [V] log-probabilities at each hidden state [d], under b [V]. */
async function* logprobs(
  { head }: LanguageModel,
  hidden: readonly Float32Array[],
  b: Float32Array,
  signal: AbortSignal,
): AsyncGenerator<Float32Array, void> {
  const { vocab, hiddenSize } = head;
  for (let start = 0; start < hidden.length; start += ROWS) {
    const block = hidden.slice(start, start + ROWS);
    const states = new Float32Array(block.length * hiddenSize);
    for (const [row, state] of block.entries()) states.set(state, row * hiddenSize);
    const z = await head.projectDecoded(states);
    for (const row of block.keys()) {
      signal.throwIfAborted();
      yield (await head.distribution(z.subarray(row * vocab, (row + 1) * vocab), b)).logprobs;
    }
  }
}

function tellUnmatched(lane: string, { emit }: RunContext): void {
  const message = 'SLOT wrote nothing with these settings whose entropy could be matched';
  const hint = 'Lower lr, take fewer steps, or remove this lane.';
  emit({ type: 'lane.failed', lane, code: 'no-match', message, hint });
}

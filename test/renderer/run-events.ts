/** A whole run written out by hand, for tests of everything that draws from events. */
import type { RunConfig, RunEvent, SlotStep, TokenEvent } from '../../engine/protocol';
import { RunConfig as RunConfigSchema, SCHEMA_VERSION } from '../../engine/protocol';

export const RUN_ID = 'run-1';

export const CONFIG: RunConfig = RunConfigSchema.parse({
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'Two and two?' }] },
  lanes: [
    { name: 'baseline', steps: 0 },
    { name: 'slot', steps: 2, lr: 0.1 },
  ],
  generation: { maxNewTokens: 8 },
});

export const STARTED: RunEvent = {
  type: 'run.started',
  v: SCHEMA_VERSION,
  runId: RUN_ID,
  at: '2025-06-01T12:00:00.000Z',
  model: { id: 'starter', dtype: 'fp32', projection: 'Gemm', vocab: 100, hidden: 8 },
  config: CONFIG,
  prompt: { text: 'Two and two?', ids: [4, 5, 6], tokens: ['Two', ' and', ' two?'] },
};

export function slotStep(step: number, loss: number, lane = 'slot'): SlotStep {
  const scale = step + 1;
  const moved = (id: number, token: string, shift: number, massMoved: number) => ({
    id,
    token,
    shift: shift * scale,
    massMoved: massMoved * scale,
  });
  return {
    type: 'slot.step',
    lane,
    step,
    loss,
    gradNorm: 1 / scale,
    deltaNorm: 0.5 * scale,
    ms: 3,
    boosted: [moved(1, ' think', 2, 0.01), moved(2, ' so', 1, 0.002)],
    suppressed: [moved(3, '4', -3, -0.02), moved(4, '\n', -1, -0.001)],
    gained: [moved(2, ' so', 1, 0.03)],
    lost: [moved(3, '4', -3, -0.04)],
    shiftMean: 0.5 * scale,
    groups: [{ name: 'digits', meanShift: -1 * scale, massMoved: -0.05 * scale }],
  };
}

export function token(lane: string, index: number, id: number, text: string): TokenEvent {
  return {
    type: 'token',
    lane,
    index,
    id,
    text,
    logprob: -0.1,
    baseLogprob: -0.2,
    rank: 0,
    baseRank: 1,
    entropy: 0.3,
    baseEntropy: 0.4,
    kl: 0.01,
    top: [{ id, token: text, logprob: -0.1, baseLogprob: -0.2 }],
  };
}

export function laneDone(
  lane: string,
  text: string,
  ids: number[],
  reason: 'eos' | 'length' | 'cancelled' = 'eos',
): RunEvent {
  return { type: 'lane.done', lane, text, ids, reason, tokens: ids.length, ms: 20 };
}

export const COMPLETE_RUN: readonly RunEvent[] = [
  STARTED,
  { type: 'notice', code: 'context-limit', message: 'the context leaves room for 8 tokens' },
  { type: 'prompt.progress', tokens: 2, total: 3 },
  { type: 'prompt.prefilled', tokens: 3, reused: 0, ms: 5 },
  slotStep(0, 3),
  slotStep(1, 2.5),
  {
    type: 'slot.done',
    lane: 'slot',
    steps: 2,
    initialLoss: 3,
    finalLoss: 2.25,
    deltaNorm: 1,
    ms: 6,
    positionLoss: { before: [3.5, 2.5], after: [2.5, 2] },
  },
  token('baseline', 0, 10, 'It'),
  token('slot', 0, 10, 'It'),
  token('baseline', 1, 11, ' is'),
  token('slot', 1, 12, ' must'),
  token('slot', 2, 13, ' be'),
  laneDone('baseline', 'It is', [10, 11]),
  laneDone('slot', 'It must be', [10, 12, 13], 'length'),
  { type: 'run.done', ms: { load: 0, prefill: 5, slot: 6, decode: 20 } },
];

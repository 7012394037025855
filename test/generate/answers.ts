/** Requests for answers, and what the same lanes write alone, by the decoder that a run uses. */
import {
  type AnswerOptions,
  type AnswerRequest,
  answerAll,
  type FinishedAnswer,
} from '../../engine/generate/answers';
import { decode } from '../../engine/generate/decode';
import { prefill } from '../../engine/generate/prefill';
import type { Model } from '../../engine/model/model';
import type { Sequence } from '../../engine/model/prefix-cache';
import { GenerationSettings } from '../../engine/protocol';

export function readPrompt(model: Model, ids: readonly number[]): Promise<Sequence> {
  return prefill(model, ids, () => {});
}

/** W·delta of a delta that a seed decides. @param size its largest component */
export async function shift({ head }: Model, size: number, seed = 1): Promise<Float32Array> {
  if (size === 0) return new Float32Array(head.vocab);
  const delta = Float32Array.from(
    { length: head.hiddenSize },
    (_, i) => size * Math.sin(seed * 12.9898 + 78.233 * i),
  );
  return head.projectDelta(delta);
}

export function request(
  key: string,
  prompt: Sequence,
  b: Float32Array,
  generation: Partial<GenerationSettings> = {},
): AnswerRequest {
  // What decodes here adds b alone.
  const delta = new Float32Array(0);
  return {
    key,
    prompt,
    delta,
    b,
    generation: GenerationSettings.parse({ ignoreEos: true, ...generation }),
  };
}

/** One problem after the other to the end. @returns the answers by key, and how many forward passes they took */
export async function answers(
  model: Model,
  problems: readonly (readonly AnswerRequest[])[],
  { rows = 4, signal = new AbortController().signal, ...options }: Partial<AnswerOptions> = {},
): Promise<{ found: Map<string, FinishedAnswer>; passes: number }> {
  const waiting = [...problems];
  const found = new Map<string, FinishedAnswer>();
  let passes = 0;
  for await (const event of answerAll(model, async () => waiting.shift(), { rows, signal, ...options })) {
    if (event === 'tick') passes++;
    else found.set(event.key, event);
  }
  return { found, passes };
}

/** What a run's decoder says of a lane alone. */
export async function decodeAlone(model: Model, { prompt, delta, b, generation }: AnswerRequest) {
  const lane = { name: 'alone', delta, b, forcedPrefix: [] };
  const options = { generation, listLength: 1, isStopped: () => false, signal: new AbortController().signal };
  const entropies: number[] = [];
  for await (const event of decode(model, prompt, [lane], options)) {
    if (event.type === 'token') entropies.push(event.entropy);
    if (event.type === 'ended') return { ...event.answer, entropies };
  }
  throw new Error('the lane did not end');
}

/** What a lane writes alone in a run. */
export async function alone(model: Model, lane: AnswerRequest): Promise<readonly number[]> {
  return (await decodeAlone(model, lane)).ids;
}

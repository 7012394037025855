/** All lanes' answers, token by token. */

import type { RunEvent, StopReason } from '../protocol';
import type { AdaptedPrompt } from './adapt-prompt';
import { clock } from './clock';
import type { DecodedLane, DecodeEvent } from './decode';
import { interleave } from './interleave';
import type { LanguageModel } from './language-model';
import type { RunContext } from './run-context';
import { drawSamples, type SampledLane, samplesOf, tellSample } from './samples';
import { matchTemperature } from './temperature';

/** All lanes together, then those that follow what SLOT has written, then further samples of each. */
export async function answerPrompts(
  model: LanguageModel,
  prompts: readonly AdaptedPrompt[],
  context: RunContext,
): Promise<void> {
  const lanes = prompts.flatMap((prompt) => prompt.lanes.map(({ name }) => name));
  const decoders = prompts.map((prompt) => model.decode(prompt.sequence, prompt.lanes, prompt.options));
  const answers = new Map<string, DecodedLane>();
  await decodeLanes(model, interleave(decoders), lanes, answers, context);
  const asked = prompts.flatMap(({ sequence, lanes: together, options: { generation } }) =>
    together.map((lane): SampledLane => ({ lane, prompt: sequence, generation })),
  );
  for (const { sequence, matchings, options } of prompts) {
    for (const matching of matchings) {
      const temperature = await matchTemperature(model, sequence, matching, answers, options, context);
      if (temperature === undefined || options.generation.temperature === 0) continue;
      const generation = { ...options.generation, temperature };
      const decoder = model.decode(sequence, [matching.lane], { ...options, generation });
      await decodeLanes(model, decoder, [matching.lane.name], answers, context);
      asked.push({ lane: matching.lane, prompt: sequence, generation });
    }
  }
  const answered = asked.filter(({ lane }) => answers.has(lane.name));
  if (samplesOf(context) > 1) await drawSamples(model, answered, context);
}

/** @param answers is given what each lane has written, but for those that failed */
async function decodeLanes(
  model: LanguageModel,
  events: AsyncIterable<DecodeEvent>,
  lanes: readonly string[],
  answers: Map<string, DecodedLane>,
  context: RunContext,
): Promise<void> {
  const { emit, signal, record } = context;
  const written = new Map<string, number[]>(lanes.map((lane) => [lane, []]));
  const drafts = new Map<string, string>();
  const decodeClock = clock();
  const finish = (lane: string, reason: StopReason, cut?: string) => {
    const ids = written.get(lane) ?? [];
    // Of a draft that was cancelled its text is all there is.
    const text = cut ?? (ids.length > 0 ? model.tokenizer.decode(ids) : (drafts.get(lane) ?? ''));
    emit({ type: 'lane.done', lane, text, ids, reason, tokens: ids.length, ms: decodeClock() });
    if (samplesOf(context) > 1) tellSample(context, lane, 0, text, ids.length, reason);
    written.delete(lane);
  };
  try {
    for await (const event of events) {
      switch (event.type) {
        case 'token':
          written.get(event.lane)?.push(event.id);
          emit(event);
          break;
        case 'draft':
          drafts.set(event.lane, event.text);
          emit({ type: 'lane.draft', lane: event.lane, text: event.text });
          break;
        case 'ended':
          answers.set(event.answer.lane, event.answer);
          record.answer(event.answer);
          finish(event.answer.lane, event.reason, event.text);
          break;
        default:
          emit(failedLane(event));
          written.delete(event.lane);
      }
      signal.throwIfAborted();
    }
  } catch (error) {
    if (signal.aborted) for (const lane of written.keys()) finish(lane, 'cancelled');
    throw error;
  }
}

function failedLane(event: Extract<DecodeEvent, { type: 'failed' | 'not-finite' }>): RunEvent {
  const { lane } = event;
  if (event.type === 'failed') {
    const { code, message, hint } = event.error;
    return { type: 'lane.failed', lane, code, message, hint };
  }
  const message = `the logits of token ${event.index + 1} are not finite numbers`;
  const hint = 'Lower lr, take fewer steps, or try the float32 weights.';
  return { type: 'lane.failed', lane, code: 'not-finite', message, hint };
}

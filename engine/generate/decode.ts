/**
 * Decodes the lanes of one prompt in lockstep. Lanes that have written the same tokens share one row of the
 * batch; a row splits when its lanes choose differently. All rows are equally long, so nothing is padded.
 */
import type { Model } from '../model/model';
import { cacheOf, type ReadTokens, type Sequence } from '../model/prefix-cache';
import type { EngineError, GenerationSettings, StopReason, TokenEvent } from '../protocol';
import { TextStream } from '../tokenizer/tokenizer';
import { answerEnd } from './answer-end';
import { NextToken, shiftOf } from './next-token';
import { type Row, RowRunner } from './rows';
import { chooseToken } from './sampling';
import type { Shift } from './shift';
import { StopTexts } from './stop-texts';
import { tokenEvent } from './token-event';

export interface DecodeLane extends Shift {
  readonly name: string;
  /** Ids that the answer begins with, whatever the model would choose. */
  readonly forcedPrefix: readonly number[];
}

/** What a lane has written. */
export interface DecodedLane {
  readonly lane: string;
  readonly ids: readonly number[];
  /** [V] what the lane added to z. */
  readonly b: Float32Array;
  /** [d] for each token: the last hidden state that it was chosen from. */
  readonly hidden: readonly Float32Array[];
}

export type DecodeEvent =
  | TokenEvent
  /** With its text, where that is cut before what stopped it. */
  | {
      readonly type: 'ended';
      readonly reason: StopReason;
      readonly answer: DecodedLane;
      readonly text?: string | undefined;
    }
  | { readonly type: 'not-finite'; readonly lane: string; readonly index: number }
  /** Of an answer whose distributions are told when it has ended: its text so far. */
  | { readonly type: 'draft'; readonly lane: string; readonly text: string }
  | { readonly type: 'failed'; readonly lane: string; readonly error: EngineError };

export interface DecodeOptions {
  readonly generation: GenerationSettings;
  readonly listLength: number;
  /** Whether tokens say how probable a draw of them was. */
  readonly tellsDrawn?: boolean;
  /** Asked before every token: whether the user has stopped this lane. */
  readonly isStopped: (lane: string) => boolean;
  readonly signal: AbortSignal;
}

interface LaneState extends DecodeLane {
  /** Of z; undefined for the baseline. */
  readonly shift: Float32Array | undefined;
  readonly ids: number[];
  readonly hidden: Float32Array[];
  readonly text: TextStream;
  readonly stops: StopTexts;
}

export async function* decode(
  model: Model,
  prompt: ReadTokens,
  lanes: readonly DecodeLane[],
  options: DecodeOptions,
): AsyncGenerator<DecodeEvent, void> {
  const { head } = model;
  const d = head.hiddenSize;
  const runner = new RowRunner(model);
  const first = lanes.map((lane) => begun(lane, model, options));
  let rows: readonly Row<LaneState>[] = [
    { lanes: first, cache: cacheOf(prompt), at: 0, length: prompt.ids.length },
  ];
  let hidden: Float32Array = prompt.hidden.slice(-d);

  for (let index = 0; ; index++) {
    const z = await head.projectDecoded(hidden);
    const next: Row<LaneState>[] = [];
    for (const [at, row] of rows.entries()) {
      const zOfRow = z.subarray(at * head.vocab, (at + 1) * head.vocab);
      const nextToken = new NextToken(head, zOfRow, options.listLength);
      const together = new Map<number, LaneState[]>();
      for (const lane of row.lanes) {
        if (options.isStopped(lane.name)) {
          yield ended(lane, 'cancelled');
          continue;
        }
        const both = await nextToken.under(lane.shift);
        // One logit that is NaN or infinite makes every log-probability NaN.
        if (Number.isNaN(both.logprobs[0]! + both.baseLogprobs[0]!)) {
          yield { type: 'not-finite', lane: lane.name, index };
          continue;
        }
        const id =
          lane.forcedPrefix[index] ?? chooseToken(both.logprobs, options.generation, index, both.top[0]);
        lane.ids.push(id);
        lane.hidden.push(hidden.slice(at * d, (at + 1) * d));
        const event = tokenEvent(lane, index, id, both, model.tokenizer, options);
        yield event;
        const cut = lane.stops.push(event.text);
        const reason = answerEnd({ ...lane, isCut: cut !== undefined }, model.stopIds, options.generation);
        if (reason === undefined) together.set(id, [...(together.get(id) ?? []), lane]);
        else {
          remember(model, prompt, lane, row.cache.select([row.at]));
          yield ended(lane, reason, reason === 'stop' ? cut : undefined);
        }
      }
      for (const group of together.values()) next.push({ ...row, lanes: group });
    }
    if (next.length === 0) return;
    ({ hidden, rows } = await runner.step(next));
  }
}

function begun(lane: DecodeLane, { tokenizer }: Model, { generation }: DecodeOptions): LaneState {
  const text = new TextStream(tokenizer);
  const stops = new StopTexts(generation.stops);
  return { ...lane, shift: shiftOf(lane.b), ids: [], hidden: [], text, stops };
}

function ended({ name, ids, b, hidden }: LaneState, reason: StopReason, cut?: string): DecodeEvent {
  return { type: 'ended', reason, answer: { lane: name, ids, b, hidden }, text: cut };
}

/** Keeps prompt and answer for the conversation's next turn; the last token has not been run. */
function remember(
  model: Model,
  prompt: ReadTokens,
  { ids, hidden }: LaneState,
  cache: Sequence['cache'],
): void {
  const d = model.head.hiddenSize;
  const run = ids.slice(0, -1);
  const states = new Float32Array((prompt.ids.length + run.length) * d);
  states.set(prompt.hidden);
  // hidden[0] is the prompt's last position.
  run.forEach((_, i) => {
    states.set(hidden[i + 1]!, (prompt.ids.length + i) * d);
  });
  model.prefixes.add({ ids: [...prompt.ids, ...run], hidden: states, cache });
}

/**
 * Decodes all lanes in lockstep. Lanes that have written the same tokens share one row of the batch; a row
 * splits when its lanes choose differently. All rows are equally long, so nothing is padded.
 */
import { largest, rank } from '../analysis/select';
import type { Model } from '../model/model';
import { TextStream } from '../model/tokenizer';
import type { Distributions } from '../onnx/head-runtime';
import type { GenerationSettings, TokenEvent } from '../protocol';
import type { Prefill } from './prefill';
import { chooseToken } from './sampling';

export interface DecodeLane {
  readonly name: string;
  /** [V] b = W·delta; zeros for the baseline. */
  readonly b: Float32Array;
}

export type DecodeEvent =
  | TokenEvent
  | {
      readonly type: 'ended';
      readonly lane: string;
      readonly reason: 'eos' | 'length';
      readonly ids: readonly number[];
    }
  | { readonly type: 'not-finite'; readonly lane: string; readonly index: number };

interface LaneState extends DecodeLane {
  readonly ids: number[];
  readonly text: TextStream;
}

/** Lanes that have written the same tokens so far. */
interface Row {
  readonly lanes: readonly LaneState[];
  /** The row of the last forward pass that these lanes continue. */
  readonly source: number;
}

export async function* decode(
  model: Model,
  prompt: { readonly length: number } & Prefill,
  lanes: readonly DecodeLane[],
  settings: GenerationSettings,
  listLength: number,
): AsyncGenerator<DecodeEvent, void> {
  const { head, backbone, tokenizer } = model;
  const d = head.hiddenSize;
  let rows: Row[] = [
    { source: 0, lanes: lanes.map((lane) => ({ ...lane, ids: [], text: new TextStream(tokenizer) })) },
  ];
  let hidden = prompt.hidden.subarray((prompt.length - 1) * d);
  let cache = prompt.cache;

  for (let index = 0; ; index++) {
    const z = await head.project(hidden);
    const next: Row[] = [];
    for (const [source, row] of rows.entries()) {
      const byToken = new Map<number, LaneState[]>();
      for (const lane of row.lanes) {
        const both = await head.distributions(
          z.subarray(source * head.vocab, (source + 1) * head.vocab),
          lane.b,
        );
        if (!Number.isFinite(both.entropy + both.baseEntropy)) {
          yield { type: 'not-finite', lane: lane.name, index };
          continue;
        }
        const id = chooseToken(both.logprobs, settings, index);
        lane.ids.push(id);
        const stops = model.stopIds.includes(id) && !settings.ignoreEos;
        yield tokenEvent(lane, index, id, both, model, listLength);
        if (stops) yield { type: 'ended', lane: lane.name, reason: 'eos', ids: lane.ids };
        else if (lane.ids.length === settings.maxNewTokens) {
          yield { type: 'ended', lane: lane.name, reason: 'length', ids: lane.ids };
        } else byToken.set(id, [...(byToken.get(id) ?? []), lane]);
      }
      for (const together of byToken.values()) next.push({ source, lanes: together });
    }
    if (next.length === 0) return;
    rows = next;
    const forward = await backbone.forward(
      rows.map((row) => [row.lanes[0]!.ids.at(-1)!]),
      cache.select(rows.map((row) => row.source)),
      prompt.length + index,
    );
    ({ hidden, cache } = forward);
  }
}

function tokenEvent(
  lane: LaneState,
  index: number,
  id: number,
  both: Distributions,
  { tokenizer }: Model,
  listLength: number,
): TokenEvent {
  const { logprobs, baseLogprobs, entropy, baseEntropy, kl } = both;
  const likelier = logprobs.map((logprob, i) => Math.max(logprob, baseLogprobs[i]!));
  const top = largest(likelier, listLength).sort((a, b) => logprobs[b]! - logprobs[a]!);
  return {
    type: 'token',
    lane: lane.name,
    index,
    id,
    text: lane.text.push(id),
    logprob: logprobs[id]!,
    baseLogprob: baseLogprobs[id]!,
    rank: rank(logprobs, id),
    baseRank: rank(baseLogprobs, id),
    entropy,
    baseEntropy,
    kl,
    top: top.map((i) => ({
      id: i,
      token: tokenizer.text(i),
      logprob: logprobs[i]!,
      baseLogprob: baseLogprobs[i]!,
    })),
  };
}

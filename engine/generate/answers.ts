/**
 * Answers of many problems for evaluation: no events, no lists, only what was written. Requests of one prompt share a
 * row of the batch as long as they have written the same tokens.
 */
import type { Model } from '../model/model';
import { AnswerLane, type AnswerRequest, type FinishedAnswer } from './answer-lane';
import { chooseToken } from './sampling';

export type { AnswerEnd, AnswerRequest, FinishedAnswer } from './answer-lane';

interface AnswerOptions {
  /** How many rows to keep busy. */
  readonly rows: number;
  /** Looked at between two forward passes. */
  readonly signal: AbortSignal;
  /** Whether answers bring the hidden states that their tokens were chosen from. */
  readonly keepHidden?: boolean;
}

/** Lanes that have written the same tokens so far, and the batch row that they continue. */
interface Row {
  readonly lanes: readonly AnswerLane[];
  readonly source: number;
}

/**
 * Yields each answer as soon as it ends, and 'tick' after every forward pass, so that the caller may give its turn to
 * other work on the same model before it goes on.
 * @param next the requests of one more problem, whenever there is room; undefined when there are no more
 * @throws the signal's reason once it is aborted
 */
export async function* answerAll(
  model: Model,
  next: () => Promise<readonly AnswerRequest[] | undefined>,
  options: AnswerOptions,
): AsyncGenerator<FinishedAnswer | 'tick', void> {
  for (;;) {
    options.signal.throwIfAborted();
    const requests = await next();
    if (!requests) return;
    const prompts = new Set(requests.map(({ prompt }) => prompt));
    for (const prompt of prompts) {
      const own = requests.filter((request) => request.prompt === prompt);
      yield* answerPrompt(model, own, options);
    }
  }
}

async function* answerPrompt(
  model: Model,
  requests: readonly AnswerRequest[],
  { signal, keepHidden = false }: AnswerOptions,
): AsyncGenerator<FinishedAnswer | 'tick', void> {
  const { head, backbone } = model;
  const d = head.hiddenSize;
  const { prompt } = requests[0]!;
  const lanes = requests.map((request) => new AnswerLane(model, request, keepHidden));
  for (const lane of lanes) if (lane.isFull) yield lane.finish('length');
  let rows: Row[] = [{ source: 0, lanes: lanes.filter((lane) => !lane.isFull) }];
  let hidden: Float32Array = prompt.hidden.slice(-d);
  let cache = prompt.cache;
  for (let index = 0; ; index++) {
    const z = await head.projectApart(hidden);
    const going: Row[] = [];
    for (const [at, row] of rows.entries()) {
      const together = new Map<number, AnswerLane[]>();
      const own = hidden.subarray(at * d, (at + 1) * d);
      for (const lane of row.lanes) {
        const { b, generation } = lane.request;
        const both = await head.distributions(z.subarray(at * head.vocab, (at + 1) * head.vocab), b);
        const finite = !Number.isNaN(both.logprobs[0]! + both.baseLogprobs[0]!);
        const id = finite ? chooseToken(both.logprobs, generation, index) : undefined;
        const finished = id === undefined ? lane.finish('not-finite') : lane.add(id, both.entropy, own);
        if (finished) yield finished;
        else together.set(id!, [...(together.get(id!) ?? []), lane]);
      }
      for (const group of together.values()) going.push({ source: at, lanes: group });
    }
    if (going.length === 0) return;
    rows = going;
    signal.throwIfAborted();
    ({ hidden, cache } = await backbone.forward(
      rows.map((row) => [row.lanes[0]!.ids.at(-1)!]),
      cache.select(rows.map((row) => row.source)),
      prompt.ids.length + index,
    ));
    yield 'tick';
  }
}

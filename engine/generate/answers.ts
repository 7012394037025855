/**
 * Answers of many problems for evaluation: no events, no lists, only what was written. Lanes of one prompt share a row
 * as long as they have written the same tokens, rows of all problems share a batch, and where answers end, the next
 * problem's begin.
 */
import type { Model } from '../model/model';
import { cacheOf } from '../model/prefix-cache';
import type { Distribution } from '../onnx/runtime/head-runtime';
import { AnswerLane, type AnswerRequest, type AnswerToken, type FinishedAnswer } from './answer-lane';
import { type Row, RowRunner, type Stepped } from './rows';
import { chooseToken } from './sampling';

export type { AnswerEnd, AnswerRequest, AnswerToken, FinishedAnswer } from './answer-lane';

export interface AnswerOptions {
  /**
   * How many rows to keep busy. More lanes begin while there are fewer, but no more than twice as many at a time: those
   * of one prompt need a row each once they have written different tokens.
   */
  readonly rows: number;
  /** Looked at between two forward passes. */
  readonly signal: AbortSignal;
  /** Whether answers bring the hidden states that their tokens were chosen from. */
  readonly keepHidden?: boolean;
  /** Asked before every token, by the answer's key: whether it ends here, as cancelled. */
  readonly isStopped?: (key: string) => boolean;
  /** Told of each token as it is written, by the answer's key. */
  readonly onToken?: (key: string, token: AnswerToken) => void;
}

/**
 * Yields each answer as soon as it ends, and 'tick' after every forward pass, so that the caller may give its turn to
 * other work on the same model before it goes on. A lane writes what it writes alone in a run, up to what the size of a
 * batch does to the model's numbers (`Model.batching`).
 * @param next the requests of one more problem, whenever there is room; undefined when there are no more
 * @throws the signal's reason once it is aborted
 */
export async function* answerAll(
  model: Model,
  next: () => Promise<readonly AnswerRequest[] | undefined>,
  options: AnswerOptions,
): AsyncGenerator<FinishedAnswer | 'tick', void> {
  const { rows: wanted, signal } = options;
  const runner = new RowRunner(model);
  const waiting: AnswerRequest[] = [];
  let rows: Row<AnswerLane>[] = [];
  for (let more = true; ; ) {
    while (roomFor(rows, wanted) > 0) {
      if (waiting.length === 0) {
        if (!more) break;
        signal.throwIfAborted();
        const requests = await next();
        more = requests !== undefined;
        waiting.push(...(requests ?? []));
      }
      rows.push(...(yield* begin(model, waiting.splice(0, roomFor(rows, wanted)), options)));
    }
    if (rows.length === 0) return;
    const going: Row<AnswerLane>[] = [];
    for (const batch of await runner.batches(rows)) {
      signal.throwIfAborted();
      const stepped = await runner.step(batch);
      yield 'tick';
      going.push(...(yield* write(model, stepped, options)));
    }
    rows = going;
  }
}

/** How many lanes may begin; none where it is not above 0. */
function roomFor(rows: readonly Row<AnswerLane>[], wanted: number): number {
  const lanes = rows.reduce((sum, row) => sum + row.lanes.length, 0);
  return rows.length < wanted ? 2 * wanted - lanes : 0;
}

/** The first token of each lane, which the prompt's last hidden state tells. */
async function* begin(
  model: Model,
  requests: readonly AnswerRequest[],
  options: AnswerOptions,
): AsyncGenerator<FinishedAnswer, Row<AnswerLane>[]> {
  const rows: Row<AnswerLane>[] = [];
  for (const prompt of new Set(requests.map((request) => request.prompt))) {
    const own = requests.filter((request) => request.prompt === prompt);
    const lanes = own.map((request) => new AnswerLane(model, request, options.keepHidden ?? false));
    for (const lane of lanes) if (lane.isFull) yield lane.finish('length');
    const row = {
      lanes: lanes.filter((lane) => !lane.isFull),
      cache: cacheOf(prompt),
      at: 0,
      length: prompt.ids.length,
    };
    const hidden = prompt.hidden.slice(-model.head.hiddenSize);
    rows.push(...(yield* write(model, { rows: [row], hidden }, options)));
  }
  return rows;
}

/** One token for each lane. @returns the rows that go on: a row for each token that its lanes chose */
async function* write(
  model: Model,
  { rows, hidden }: Stepped<AnswerLane>,
  { onToken, isStopped }: AnswerOptions,
): AsyncGenerator<FinishedAnswer, Row<AnswerLane>[]> {
  const { hiddenSize: d, vocab } = model.head;
  const going: Row<AnswerLane>[] = [];
  const z = await model.head.projectDecoded(hidden);
  for (const [i, row] of rows.entries()) {
    const together = new Map<number, AnswerLane[]>();
    const chooser = new Chooser(model, z.subarray(i * vocab, (i + 1) * vocab), onToken);
    for (const lane of row.lanes) {
      if (isStopped?.(lane.key)) {
        yield lane.finish('cancelled');
        continue;
      }
      const { id, entropy } = await chooser.choose(lane);
      const finished = Number.isNaN(entropy)
        ? lane.finish('not-finite')
        : lane.add(id, entropy, hidden.subarray(i * d, (i + 1) * d));
      if (finished) yield finished;
      else together.set(id, [...(together.get(id) ?? []), lane]);
    }
    for (const lanes of together.values()) going.push({ ...row, lanes });
  }
  return going;
}

/** Chooses for the lanes of one row: those of one shift have one distribution. */
class Chooser {
  private readonly known = new Map<Float32Array | undefined, Distribution>();

  constructor(
    private readonly model: Model,
    private readonly z: Float32Array,
    private readonly onToken: AnswerOptions['onToken'],
  ) {}

  async choose(lane: AnswerLane): Promise<{ readonly id: number; readonly entropy: number }> {
    const { b, generation, ids, forced, key } = lane;
    const { logprobs, entropy } = await this.distribution(b);
    const id = forced ?? chooseToken(logprobs, generation, ids.length);
    if (this.onToken && !Number.isNaN(entropy)) {
      const { logprobs: baseLogprobs } = await this.distribution();
      this.onToken(key, lane.token(id, { logprobs, baseLogprobs }));
    }
    return { id, entropy };
  }

  /** @param b undefined for the baseline's */
  private async distribution(b?: Float32Array): Promise<Distribution> {
    const known = this.known.get(b) ?? (await this.model.head.distribution(this.z, b));
    this.known.set(b, known);
    return known;
  }
}

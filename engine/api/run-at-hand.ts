/** What can be asked of a run as long as its model is open: its deltas scaled, and its answers' distributions. */
import { ranks } from '../analysis/select';
import { PromptMeasure } from '../generate/measure-delta';
import type { LearnedPrompt } from '../generate/run-context';
import { badInput, type ParsedParams, type Result } from '../protocol';
import { dot, type RunVectors } from '../runs/vectors';
import type { OpenModel } from './open-model';

/** How long the mass moved is worked out at a time. */
const MAX_SLICE_MS = 250;

/** What a lane has answered, as far as its distributions go. */
export interface AnsweredLane {
  /** [V] W·delta. */
  readonly b: Float32Array;
  /** [d] for each token: the last hidden state that it was chosen from. */
  readonly hidden: readonly Float32Array[];
}

export abstract class RunAtHand {
  abstract readonly vectors: RunVectors;
  /** Of the lane whose delta was scaled last: a slider asks again and again. */
  private measured: { readonly lane: string; readonly measure: Promise<PromptMeasure> } | undefined;

  constructor(
    readonly runId: string,
    protected readonly model: OpenModel,
  ) {}

  isOf(model: OpenModel | undefined): boolean {
    return this.model === model;
  }

  /** What a lane learned from. @throws EngineError */
  protected abstract learnedBy(lane: string): Promise<LearnedPrompt>;

  /** @throws EngineError `no-answer` for a lane that has not finished its answer */
  protected abstract answerOf(lane: string): Promise<AnsweredLane>;

  /** See the contract. @throws EngineError for a lane or step that has no delta */
  async scaled({ lane, step, factor }: ParsedParams<'shift.scaled'>): Promise<Result<'shift.scaled'>> {
    const { delta } = this.vectors.delta(lane, step + 1);
    const measure = await this.measureOf(lane);
    return this.model.use(() => measure.of(delta, factor));
  }

  /** The series of a delta that is multiplied: each step's, measured anew. @throws the signal's reason */
  async series(
    lane: string,
    ids: readonly number[],
    factor: number,
    signal: AbortSignal,
  ): Promise<Result<'shift.series'>> {
    const own = this.vectors.figures(lane, ids);
    const measure = await this.measureOf(lane);
    return this.model.use(async () => {
      const rows = { shift: own.shift, meanP: own.meanP, rank: own.rank };
      for (const [column] of own.shiftMean.entries()) {
        const { delta } = this.vectors.delta(lane, own.first + column + 1);
        const { shift, meanP } = await measure.of(delta, factor);
        signal.throwIfAborted();
        const ranked = ranks(meanP, ids);
        for (const [row, id] of ids.entries()) {
          rows.shift[row]![column] = shift[id]!;
          rows.meanP[row]![column] = meanP[id]!;
          rows.rank[row]![column] = ranked[row]!;
        }
        own.shiftMean[column] = dot(meanP, shift);
      }
      return own;
    });
  }

  async distribution(lane: string, index: number, factor = 1): Promise<Result<'distribution.read'>> {
    const { b, hidden } = await this.scaledAnswer(lane, factor);
    const state = hidden[index];
    if (!state) throw badInput('no-token', `lane "${lane}" has no token ${index}`);
    return this.model.use(async ({ model: { head } }) => {
      const { logprobs, baseLogprobs } = await head.distributions(await head.projectDecoded(state), b);
      return { logprobs, baseLogprobs };
    });
  }

  /** One pass over the head's matrix for each token of the answer; see the contract. */
  async massMoved(
    { lane, from, factor = 1 }: ParsedParams<'answer.massMoved'>,
    signal: AbortSignal,
  ): Promise<Result<'answer.massMoved'>> {
    const { b, hidden } = await this.scaledAnswer(lane, factor);
    return this.model.use(async ({ model: { head } }) => {
      const moved = new Float64Array(head.vocab);
      const started = performance.now();
      let to = from;
      for (const state of hidden.slice(from)) {
        const { logprobs, baseLogprobs } = await head.distributions(await head.projectDecoded(state), b);
        signal.throwIfAborted();
        for (let id = 0; id < moved.length; id++)
          moved[id]! += Math.exp(logprobs[id]!) - Math.exp(baseLogprobs[id]!);
        to++;
        if (performance.now() - started > MAX_SLICE_MS) break;
      }
      return { massMoved: Float32Array.from(moved), to, positions: hidden.length };
    });
  }

  /** A measure that failed is made anew. */
  private measureOf(lane: string): Promise<PromptMeasure> {
    if (this.measured?.lane === lane) return this.measured.measure;
    const measure = this.learnedBy(lane).then((learned) =>
      this.model.use(({ model: { head } }) => new PromptMeasure(head, learned)),
    );
    this.measured = { lane, measure };
    measure.catch(() => {
      if (this.measured?.measure === measure) this.measured = undefined;
    });
    return measure;
  }

  private async scaledAnswer(lane: string, factor: number): Promise<AnsweredLane> {
    const answer = await this.answerOf(lane);
    return factor === 1 ? answer : { hidden: answer.hidden, b: answer.b.map((value) => factor * value) };
  }
}

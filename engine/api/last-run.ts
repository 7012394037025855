/** The last run as the engine remembers it: what can still be asked while its model is open. */
import type { DecodedLane } from '../generate/decode';
import { PromptMeasure } from '../generate/measure-delta';
import type { LearnedPrompt, RunRecord } from '../generate/run-context';
import { badInput, type ParsedParams, type Result } from '../protocol';
import { RunVectors, type StepVectors } from '../runs/vectors';
import type { OpenModel } from './open-model';

/** How long the mass moved is worked out at a time. */
const MAX_SLICE_MS = 250;

export class LastRun implements RunRecord {
  readonly vectors = new RunVectors();
  private readonly learned = new Map<string, LearnedPrompt>();
  /** Of the lane whose delta was scaled last: a slider asks again and again. */
  private measured: { readonly lane: string; readonly measure: PromptMeasure } | undefined;
  private readonly answers = new Map<string, DecodedLane>();

  constructor(
    readonly runId: string,
    private readonly model: OpenModel,
  ) {}

  startLane(lane: string, baseMeanP: Float32Array, learned: LearnedPrompt): void {
    this.vectors.startLane(lane, baseMeanP);
    this.learned.set(lane, learned);
  }

  step(lane: string, vectors: StepVectors): void {
    this.vectors.addStep(lane, vectors);
  }

  answer(answer: DecodedLane): void {
    this.answers.set(answer.lane, answer);
  }

  /** See the contract. @throws EngineError for a lane or step that has no delta */
  async scaled({ lane, step, factor }: ParsedParams<'shift.scaled'>): Promise<Result<'shift.scaled'>> {
    const { delta } = this.vectors.delta(lane, step + 1);
    return this.model.use(({ model: { head } }) => {
      if (this.measured?.lane !== lane)
        this.measured = { lane, measure: new PromptMeasure(head, this.learned.get(lane)!) };
      return this.measured.measure.of(delta, factor);
    });
  }

  async distribution(lane: string, index: number, factor = 1): Promise<Result<'distribution.read'>> {
    const { b, hidden } = this.lane(lane, factor);
    const state = hidden[index];
    if (!state) throw badInput('no-token', `lane "${lane}" has no token ${index}`);
    return this.model.use(async ({ model: { head } }) => {
      const { logprobs, baseLogprobs } = await head.distributions(await head.project(state), b);
      return { logprobs, baseLogprobs };
    });
  }

  /** One pass over the head's matrix for each token of the answer; see the contract. */
  async massMoved(
    { lane, from, factor = 1 }: ParsedParams<'answer.massMoved'>,
    signal: AbortSignal,
  ): Promise<Result<'answer.massMoved'>> {
    const { b, hidden } = this.lane(lane, factor);
    return this.model.use(async ({ model: { head } }) => {
      const moved = new Float64Array(head.vocab);
      const started = performance.now();
      let to = from;
      for (const state of hidden.slice(from)) {
        const { logprobs, baseLogprobs } = await head.distributions(await head.project(state), b);
        signal.throwIfAborted();
        for (let id = 0; id < moved.length; id++)
          moved[id]! += Math.exp(logprobs[id]!) - Math.exp(baseLogprobs[id]!);
        to++;
        if (performance.now() - started > MAX_SLICE_MS) break;
      }
      return { massMoved: Float32Array.from(moved), to, positions: hidden.length };
    });
  }

  /** Every token's text by id. */
  vocabulary(): Promise<string[]> {
    return this.model.use(({ model }) => model.vocabulary());
  }

  private lane(lane: string, factor: number): Pick<DecodedLane, 'b' | 'hidden'> {
    const answer = this.answers.get(lane);
    if (!answer) throw badInput('no-answer', `lane "${lane}" has not finished its answer`);
    return factor === 1 ? answer : { hidden: answer.hidden, b: answer.b.map((value) => factor * value) };
  }
}

/** The last run as the engine remembers it: what can still be asked while its model is open. */
import type { DecodedLane } from '../generate/decode';
import type { RunRecord } from '../generate/run-context';
import { badInput, type Result } from '../protocol';
import { RunVectors, type StepVectors } from '../runs/vectors';
import type { OpenModel } from './open-model';

/** How long the mass moved is worked out at a time. */
const MAX_SLICE_MS = 250;

export class LastRun implements RunRecord {
  readonly vectors = new RunVectors();
  private readonly answers = new Map<string, DecodedLane>();

  constructor(
    readonly runId: string,
    private readonly model: OpenModel,
  ) {}

  startLane(lane: string, baseMeanP: Float32Array): void {
    this.vectors.startLane(lane, baseMeanP);
  }

  step(lane: string, vectors: StepVectors): void {
    this.vectors.addStep(lane, vectors);
  }

  answer(answer: DecodedLane): void {
    this.answers.set(answer.lane, answer);
  }

  async distribution(lane: string, index: number): Promise<Result<'distribution.read'>> {
    const { b, hidden } = this.lane(lane);
    const state = hidden[index];
    if (!state) throw badInput('no-token', `lane "${lane}" has no token ${index}`);
    return this.model.use(async ({ model: { head } }) => {
      const { logprobs, baseLogprobs } = await head.distributions(await head.project(state), b);
      return { logprobs, baseLogprobs };
    });
  }

  /** One pass over the head's matrix for each token of the answer; see the contract. */
  async massMoved(lane: string, from: number, signal: AbortSignal): Promise<Result<'answer.massMoved'>> {
    const { b, hidden } = this.lane(lane);
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

  private lane(lane: string): DecodedLane {
    const answer = this.answers.get(lane);
    if (!answer) throw badInput('no-answer', `lane "${lane}" has not finished its answer`);
    return answer;
  }
}

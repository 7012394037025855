/** The last run as the engine remembers it. */
import type { DecodedLane } from '../generate/decode';
import type { LearnedPrompt, RunRecord } from '../generate/run-context';
import { badInput } from '../protocol';
import { RunVectors, type StepVectors } from '../runs/vectors';
import { type AnsweredLane, RunAtHand } from './run-at-hand';

export class LastRun extends RunAtHand implements RunRecord {
  readonly vectors = new RunVectors();
  private readonly learned = new Map<string, LearnedPrompt>();
  private readonly answers = new Map<string, DecodedLane>();

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

  /** Every token's text by id. */
  vocabulary(): Promise<string[]> {
    return this.model.use(({ model }) => model.vocabulary());
  }

  /** Of a lane that has vectors. */
  protected async learnedBy(lane: string): Promise<LearnedPrompt> {
    return this.learned.get(lane)!;
  }

  protected async answerOf(lane: string): Promise<AnsweredLane> {
    const answer = this.answers.get(lane);
    if (!answer) throw badInput('no-answer', `lane "${lane}" has not finished its answer`);
    return answer;
  }
}

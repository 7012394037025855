/** An answer of a job: what is wanted, what was asked, and what is kept of it. */
import type { FinishedAnswer } from '../generate/answers';
import type { ReadTokens } from '../model/prefix-cache';
import type { AnswerRecord, EvaluationLane } from '../protocol';
import type { LaneShift } from './lane-shifts';
import { endsInLoop } from './loops';

/** An answer that nobody has judged yet. */
export type UngradedAnswer = Omit<AnswerRecord, 'grades' | 'format'>;

/** An answer that is wanted. */
export interface Wanted {
  readonly index: number;
  readonly lane: EvaluationLane;
  readonly sample: number;
  /** Not where another lane's answer is matched to one that is stored already. */
  readonly isKept: boolean;
}

export interface Asked extends Wanted {
  readonly shift: LaneShift;
  readonly sequence: ReadTokens;
  readonly seed: number;
  /** In place of the job's. */
  readonly temperature?: number;
}

/** @param problem its id */
export function recordOf(asked: Asked, problem: string, finished: FinishedAnswer): UngradedAnswer {
  const { lane, sample, shift, sequence, seed, temperature } = asked;
  const { text, reason, ids, tokens, meanEntropy } = finished;
  // No answer of a job is stopped by itself.
  const failed = reason === 'not-finite' || reason === 'cancelled';
  return {
    problem,
    lane: lane.name,
    sample,
    text,
    end: failed ? 'failed' : reason,
    tokens,
    loops: endsInLoop(ids),
    promptTokens: sequence.ids.length,
    seed,
    loss: shift.loss ? [...shift.loss] : null,
    deltaNorm: shift.deltaNorm,
    // The last digits depend on what else was in the batch.
    entropy: tokens > 0 ? Math.round(meanEntropy * 1e4) / 1e4 : null,
    ...(temperature === undefined ? {} : { temperature }),
    ...(failed ? { failure: `the logits of token ${tokens + 1} are not finite numbers` } : {}),
  };
}

/** Of a lane that cannot answer. @param problem its id */
export function failedRecord(
  { lane, sample }: Wanted,
  problem: string,
  about: Pick<UngradedAnswer, 'seed' | 'promptTokens'> & { readonly failure: string },
): UngradedAnswer {
  const nothing = {
    text: '',
    end: 'failed',
    tokens: 0,
    loops: false,
    loss: null,
    deltaNorm: 0,
    entropy: null,
  } as const;
  return { problem, lane: lane.name, sample, ...nothing, ...about };
}

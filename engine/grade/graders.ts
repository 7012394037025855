/** The graders by name: one call judges one answer; what may be slow runs in a thread that is ended in time. */
import { GivenUp, TimedThread } from '../limits/timed-thread';
import { badInput, type EngineError } from '../protocol/errors';
import type { Grade, GradeRequest, GraderName } from '../protocol/grading';
import { patternProblem } from '../protocol/token-query';
import { gradeAime } from './aime';
import {
  gradeGpqaFlexible,
  gradeGpqaStrict,
  gradeGsm8kCotStrict,
  gradeGsm8kFlexible,
  gradeGsm8kStrict,
  minervaAnswer,
} from './harness';
import { gradeLetter } from './letter';
import type { Place } from './math/judge';
import { gradeNumber } from './number';
import { gradeAsPaper } from './paper';
import { gradeExactly } from './plain';
import { readAnswer, type ThreadAnswer, type ThreadRequest } from './thread-messages';

export interface Graders {
  /**
   * A comparison that takes too long is undecided, never wrong.
   * @throws EngineError `pattern` where `regex` has none, or one that is no regular expression; the signal's reason
   */
  grade(name: GraderName, request: GradeRequest, signal?: AbortSignal): Promise<Grade>;
  /** Whether a grader does not take the gold answer itself, in the form it asks for, as right. */
  goldRejected(
    name: GraderName,
    request: Omit<GradeRequest, 'answer'>,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** math-verify's limit. */
const DEFAULT_MS = 5_000;

/** @param options.timeoutMs for one comparison. Whoever opens them closes them. */
export function createGraders({ timeoutMs = DEFAULT_MS }: { readonly timeoutMs?: number } = {}): Graders {
  return new ThreadedGraders(timeoutMs);
}

class ThreadedGraders implements Graders {
  readonly #thread: TimedThread<ThreadRequest, ThreadAnswer>;

  constructor(timeoutMs: number) {
    const module = { source: new URL('./thread.ts', import.meta.url), bundled: 'grade-thread.js' };
    this.#thread = new TimedThread(module, timeoutMs, readAnswer);
  }

  async grade(name: GraderName, request: GradeRequest, signal?: AbortSignal): Promise<Grade> {
    const { gold, answer, choices = [] } = request;
    switch (name) {
      case 'paper':
        return gradeAsPaper(gold, answer);
      case 'number':
        return gradeNumber(gold, answer);
      case 'letter':
        return gradeLetter(gold, answer, choices);
      case 'exact':
        return gradeExactly(gold, answer);
      case 'gsm8k-strict':
        return gradeGsm8kStrict(gold, answer);
      case 'gsm8k-flexible':
        return gradeGsm8kFlexible(gold, answer);
      case 'gsm8k-cot-strict':
        return gradeGsm8kCotStrict(gold, answer);
      case 'gpqa-strict':
        return gradeGpqaStrict(gold, answer);
      case 'gpqa-flexible':
        return gradeGpqaFlexible(gold, answer, choices);
      case 'aime':
        return gradeAime(gold, answer);
      case 'math':
        return this.#math(gold, answer, 'anywhere', signal);
      case 'boxed':
        return this.#math(gold, answer, 'box', signal);
      case 'minerva':
        return this.#minerva(gold, answer, signal);
      case 'regex':
        return this.#inThread(
          { kind: 'regex', gold, answer, pattern: checkedPattern(request.pattern) },
          signal,
        );
    }
  }

  async goldRejected(
    name: GraderName,
    request: Omit<GradeRequest, 'answer'>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    // What a pattern of one's own asks for is not known: an echo would say nothing.
    if (name === 'regex') return false;
    const { verdict } = await this.grade(name, { ...request, answer: echo(name, request.gold) }, signal);
    return verdict !== 'right';
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #math(gold: string, answer: string, place: Place, signal: AbortSignal | undefined): Promise<Grade> {
    return this.#inThread({ kind: 'math', gold, answer, place }, signal);
  }

  async #minerva(gold: string, answer: string, signal: AbortSignal | undefined): Promise<Grade> {
    const extracted = minervaAnswer(answer);
    if (extracted === undefined) return { extracted: null, verdict: 'wrong' };
    const { verdict, reason } = await this.#math(gold, extracted, 'anywhere', signal);
    return reason === undefined ? { extracted, verdict } : { extracted, verdict, reason };
  }

  async #inThread(request: ThreadRequest, signal: AbortSignal | undefined): Promise<Grade> {
    try {
      const answer = await this.#thread.ask(request, signal);
      if ('error' in answer) return undecided(answer.error);
      return answer;
    } catch (thrown) {
      if (thrown instanceof GivenUp) return undecided(`the comparison was given up: ${thrown.message}`);
      throw thrown;
    }
  }
}

function undecided(reason: string): Grade {
  return { extracted: null, verdict: 'undecided', reason };
}

function checkedPattern(pattern: string | undefined): string {
  const problem = pattern === undefined ? 'there is none' : patternProblem({ pattern });
  if (problem === null) return pattern!;
  throw badPattern(problem);
}

function badPattern(problem: string): EngineError {
  return badInput('pattern', `the pattern of the grader regex: ${problem}`, 'Give it a regular expression.');
}

/** The gold answer in the form that a grader asks for. */
function echo(name: GraderName, gold: string): string {
  switch (name) {
    case 'gsm8k-strict':
      return `#### ${gold}`;
    case 'gsm8k-cot-strict':
    case 'gpqa-strict':
      return `The answer is ${gold}.`;
    case 'minerva':
      return `Final Answer: The final answer is $${gold}$. I hope it is correct.`;
    case 'boxed':
    case 'aime':
      return `\\boxed{${gold}}`;
    default:
      return gold;
  }
}

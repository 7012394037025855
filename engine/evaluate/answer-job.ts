/** A job at work on an open model: problems in order, each adapted once and answered by all lanes in batches. */
import type { AnswerRequest, FinishedAnswer } from '../generate/answers';
import type { LanguageModel } from '../generate/language-model';
import {
  type EvaluationConfig,
  type EvaluationLane,
  type Problem,
  type ProblemPrompt,
  toEngineError,
} from '../protocol';
import { matchedTemperature } from '../slot/controls';
import { type Asked, failedRecord, recordOf, type UngradedAnswer, type Wanted } from './answer-record';
import { answerKey } from './job-folder';
import { type AdaptedProblem, encodeProblem, LaneShifts, withStops } from './lane-shifts';
import { leaderOf } from './lanes';
import { seedOf } from './seeds';

export interface AnswerJob {
  readonly config: EvaluationConfig;
  /** In the job's order. */
  readonly problems: readonly Problem[];
  readonly heldOut: readonly Problem[];
  readonly ask: (problem: Problem) => ProblemPrompt;
  /** The lanes that are to answer a problem, by its place in the order. */
  readonly lanesFor: (index: number) => readonly EvaluationLane[];
  /** Whether an answer is stored already; see `answerKey`. */
  readonly isDone: (key: string) => boolean;
  /** Told of each problem as it is adapted, in order. */
  readonly onAdapted?: (index: number, adapted: AdaptedProblem) => void;
  /** Whether `onAdapted` is to be told of a problem although all its answers are there. */
  readonly isFollowed?: (index: number) => boolean;
}

/** `adapted`: the problem at this place is being answered; `tick`: a token more of each row. */
export type JobStep =
  | { readonly type: 'tick' }
  | { readonly type: 'adapted'; readonly index: number }
  | { readonly type: 'answer'; readonly answer: UngradedAnswer };

/** How many prompts a common beginning is looked for in. */
const COMPARED_PROMPTS = 8;

/**
 * Answers what is not done. Between two steps the caller may let other work use the model.
 * @throws the signal's reason, EngineError for a lane that no problem can be asked with
 */
export async function* answerJob(
  model: LanguageModel,
  job: AnswerJob,
  signal: AbortSignal,
): AsyncGenerator<JobStep, void> {
  const work = new JobWork(model, job, signal);
  const keepHidden = job.config.lanes.some(({ origin }) => origin.kind === 'temperature');
  // Once more for lanes that waited for the last answers of others.
  do {
    const answers = model.answers(() => work.next(), { rows: job.config.rows, signal, keepHidden });
    for await (const step of answers) {
      yield* work.steps.splice(0);
      if (step === 'tick') yield { type: 'tick' };
      else yield* answered(await work.finish(step));
    }
    yield* work.steps.splice(0);
  } while (work.isReady);
}

function* answered(answer: UngradedAnswer | undefined): Generator<JobStep, void> {
  if (answer) yield { type: 'answer', answer };
}

class JobWork {
  /** What happened besides answers, to be told. */
  readonly steps: JobStep[] = [];
  private readonly shifts: LaneShifts;
  private readonly asked = new Map<string, Asked>();
  /** Wait for another lane's answer, by that one's key. */
  private readonly waiting = new Map<string, Asked[]>();
  private readonly ready: AnswerRequest[] = [];
  private at = 0;

  constructor(
    private readonly model: LanguageModel,
    private readonly job: AnswerJob,
    private readonly signal: AbortSignal,
  ) {
    const { config, problems, heldOut, ask } = job;
    const encode = (problem: Problem) => encodeProblem(model, config, ask(problem));
    const readOne = model.reader(idsOfFirst(problems, encode));
    this.shifts = new LaneShifts({ model, config, problems, heldOut, ask, encode, readOne, signal });
  }

  get isReady(): boolean {
    return this.ready.length > 0;
  }

  /** The requests of one problem that has any left; undefined where none has. */
  async next(): Promise<readonly AnswerRequest[] | undefined> {
    if (this.isReady) return this.ready.splice(0);
    while (this.at < this.job.problems.length) {
      const requests = await this.requestsOf(this.at++);
      if (requests.length > 0) return requests;
    }
    return undefined;
  }

  /** @returns what is to be stored; undefined for an answer that is stored already */
  async finish(finished: FinishedAnswer): Promise<UngradedAnswer | undefined> {
    const asked = this.asked.get(finished.key)!;
    this.asked.delete(finished.key);
    const followers = this.waiting.get(finished.key) ?? [];
    this.waiting.delete(finished.key);
    if (followers.length > 0) {
      const temperature = await this.matchedTemperature(finished);
      this.ready.push(...followers.map((follower) => this.request({ ...follower, temperature })));
    }
    return asked.isKept ? recordOf(asked, this.job.problems[asked.index]!.id, finished) : undefined;
  }

  private async requestsOf(index: number): Promise<AnswerRequest[]> {
    this.signal.throwIfAborted();
    const wanted = this.wantedOf(index);
    const isFollowed = this.job.isFollowed?.(index) ?? false;
    if (wanted.length === 0 && !isFollowed) return [];
    const adapted = await this.adapt(index, wanted);
    if (!adapted) return [];
    this.job.onAdapted?.(index, adapted);
    this.steps.push({ type: 'adapted', index });
    const requests: AnswerRequest[] = [];
    for (const each of wanted) {
      const shiftOf = (lane: EvaluationLane) => adapted.shifts.find((shift) => shift.lane === lane)!;
      const shift = shiftOf(each.lane);
      const seed = seedOf(this.job.config.generation.seed, each.sample, this.job.problems[index]!.id);
      const asked: Asked = { ...each, shift, sequence: adapted.sequence, seed };
      const leader = leaderOf(each.lane, this.job.config.lanes);
      const failure = shift.failure ?? (leader && shiftOf(leader).failure);
      if (failure !== undefined) this.fail(each, failure, adapted.sequence.ids.length);
      else if (!leader) requests.push(this.request(asked));
      else {
        const key = this.keyOf({ ...each, lane: leader });
        this.waiting.set(key, [...(this.waiting.get(key) ?? []), asked]);
      }
    }
    return requests;
  }

  /** What is not stored yet, and the answers that some of it is matched to. */
  private wantedOf(index: number): Wanted[] {
    const { config, lanesFor, isDone } = this.job;
    const wanted: Wanted[] = [];
    for (let sample = 0; sample < config.samples; sample++) {
      const isOpen = (lane: EvaluationLane) => !isDone(this.keyOf({ index, lane, sample }));
      const open = lanesFor(index).filter(isOpen);
      wanted.push(...open.map((lane) => ({ index, lane, sample, isKept: true })));
      const leaders = new Set(open.flatMap((lane) => leaderOf(lane, config.lanes) ?? []));
      for (const lane of leaders) if (!isOpen(lane)) wanted.push({ index, lane, sample, isKept: false });
    }
    return wanted;
  }

  /** Undefined for a problem that the model cannot read: its answers fail, and the others go on. */
  private async adapt(index: number, wanted: readonly Wanted[]): Promise<AdaptedProblem | undefined> {
    const followed = this.job.isFollowed?.(index) ? this.job.lanesFor(index) : [];
    const lanes = [...new Set([...followed, ...wanted.map(({ lane }) => lane)])];
    try {
      return await this.shifts.of(index, lanes);
    } catch (thrown) {
      this.signal.throwIfAborted();
      const error = toEngineError(thrown);
      if (error.kind !== 'input' || FATAL.has(error.code)) throw thrown;
      for (const each of wanted) this.fail(each, error.message, 0);
      return undefined;
    }
  }

  private request(asked: Asked): AnswerRequest {
    const { config, ask, problems } = this.job;
    const key = this.keyOf(asked);
    this.asked.set(key, asked);
    const { seed, temperature = config.generation.temperature } = asked;
    return {
      key,
      prompt: asked.sequence,
      delta: asked.shift.delta,
      b: asked.shift.b,
      generation: { ...withStops(config.generation, ask(problems[asked.index]!)), seed, temperature },
    };
  }

  /**
   * The job's temperature times that which gives the baseline the mean entropy of the finished answer's lane after the
   * same words.
   */
  private async matchedTemperature({ hidden = [], meanEntropy }: FinishedAnswer): Promise<number> {
    const { head } = this.model;
    const { temperature } = this.job.config.generation;
    if (hidden.length === 0) return temperature;
    const { signal } = this;
    async function* positions() {
      for (const state of hidden) {
        signal.throwIfAborted();
        yield (await head.distribution(await head.projectDecoded(state))).logprobs;
      }
    }
    return temperature * (await matchedTemperature(positions, meanEntropy)).temperature;
  }

  /** For an answer that is stored already nothing is to be told. */
  private fail(wanted: Wanted, failure: string, promptTokens: number): void {
    if (!wanted.isKept) return;
    const { problems, config } = this.job;
    const problem = problems[wanted.index]!.id;
    const seed = seedOf(config.generation.seed, wanted.sample, problem);
    this.steps.push({
      type: 'answer',
      answer: failedRecord(wanted, problem, { seed, failure, promptTokens }),
    });
  }

  private keyOf({ index, lane, sample }: Pick<Wanted, 'index' | 'lane' | 'sample'>): string {
    return answerKey({ problem: this.job.problems[index]!.id, lane: lane.name, sample });
  }
}

/** What is wrong with a lane is wrong for every problem. */
const FATAL: ReadonlySet<string> = new Set(['too-few-problems', 'no-template', 'not-finite']);

function idsOfFirst(problems: readonly Problem[], encode: (problem: Problem) => { ids: readonly number[] }) {
  try {
    return problems.slice(0, COMPARED_PROMPTS).map((problem) => encode(problem).ids);
  } catch {
    // Told when that problem's turn comes.
    return [];
  }
}

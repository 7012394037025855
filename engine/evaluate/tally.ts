/** A job's answers by lane and problem, as they come: what summaries, matrices and the choice of a sweep are made of. */
import type { AnswerRecord, EvaluationConfig, EvaluationLane, Problem } from '../protocol';
import { answerKey } from './job-folder';

/** What is kept of an answer; its text is on the disk. */
export interface TalliedAnswer {
  readonly sample: number;
  readonly verdicts: ReadonlyMap<string, 'right' | 'wrong' | 'undecided'>;
  readonly strict: boolean;
  readonly lenient: boolean;
  readonly end: AnswerRecord['end'];
  readonly tokens: number;
  readonly loops: boolean;
  readonly loss: AnswerRecord['loss'];
  /** Equal for equal texts. */
  readonly text: number;
}

export class Tally {
  readonly lanes: readonly EvaluationLane[];
  readonly graders: readonly string[];
  /** By lane, then by problem: its answers, sample by sample. */
  private readonly answers: ReadonlyMap<string, Map<string, TalliedAnswer[]>>;
  private readonly done = new Set<string>();
  private readonly texts = new Map<string, Map<string, number>>();

  constructor(
    readonly config: EvaluationConfig,
    readonly problems: readonly Problem[],
    answers: Iterable<AnswerRecord>,
  ) {
    this.lanes = config.lanes;
    this.graders = config.graders.map(({ name }) => name);
    this.answers = new Map(config.lanes.map(({ name }) => [name, new Map()]));
    for (const answer of answers) this.add(answer);
  }

  get size(): number {
    return this.done.size;
  }

  has(key: string): boolean {
    return this.done.has(key);
  }

  add(answer: AnswerRecord): void {
    const key = answerKey(answer);
    const lane = this.answers.get(answer.lane);
    if (!lane || this.done.has(key)) return;
    this.done.add(key);
    const { problem, sample, format, end, tokens, loops, loss, grades } = answer;
    const verdicts = new Map(Object.entries(grades).map(([name, { verdict }]) => [name, verdict]));
    const text = this.textId(problem, answer.text);
    const tallied = { sample, verdicts, ...format, end, tokens, loops, loss, text };
    lane.set(
      problem,
      [...(lane.get(problem) ?? []), tallied].sort((a, b) => a.sample - b.sample),
    );
  }

  /** Sample by sample; empty where there is none yet. */
  of(lane: string, problem: string): readonly TalliedAnswer[] {
    return this.answers.get(lane)?.get(problem) ?? [];
  }

  /** The mean over samples of whether the answer is right; undefined where there is none. */
  score(lane: string, problem: string, grader: string): number | undefined {
    const answers = this.of(lane, problem);
    if (answers.length === 0) return undefined;
    return answers.filter(({ verdicts }) => verdicts.get(grader) === 'right').length / answers.length;
  }

  private textId(problem: string, text: string): number {
    const known = this.texts.get(problem) ?? new Map<string, number>();
    this.texts.set(problem, known);
    const id = known.get(text) ?? known.size;
    known.set(text, id);
    return id;
  }
}

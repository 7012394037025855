/**
 * What each lane of a job adds to a problem's logits. Steps nest: one optimisation for each setting of AdamW gives the
 * deltas of all step counts along the way, and controls are made of those.
 */
import { centredDelta, givenDelta } from '../generate/given';
import type { LanguageModel, ReadOne } from '../generate/language-model';
import { type EncodedPrompt, encodePrompt, encodeTemplate, withoutWords } from '../generate/prompt';
import type { ScopedPrompt } from '../generate/scope';
import { noShift, type Shift } from '../generate/shift';
import type { ReadTokens } from '../model/prefix-cache';
import {
  badInput,
  type EvaluationConfig,
  type EvaluationLane,
  type GenerationSettings,
  type GivenOrigin,
  type Problem,
  type ProblemPrompt,
  type Prompt,
} from '../protocol';
import { meanDelta, negated, norm, randomLike, scaledBy } from '../slot/controls';
import type { Evaluation } from '../slot/evaluation';
import { settingOf } from './lanes';
import { type Learned, type LearnedBySetting, learnFrom } from './learn';

/** What a lane adds, or why it has none. */
export interface LaneShift extends Shift {
  readonly lane: EvaluationLane;
  readonly deltaNorm: number;
  /** Of the problem's own prompt before and after, nats; null where nothing was learned from it. */
  readonly loss: readonly [number, number] | null;
  /** Before and after, for the token figure; only of lanes that learned from the problem's own prompt. */
  readonly moved?: { readonly before: Evaluation; readonly after: Evaluation };
  readonly failure?: string;
}

export interface AdaptedProblem {
  readonly sequence: ReadTokens;
  readonly shifts: readonly LaneShift[];
}

interface Source {
  readonly model: LanguageModel;
  readonly config: EvaluationConfig;
  /** In the job's order. */
  readonly problems: readonly Problem[];
  /** What a lane's mean delta is taken over. */
  readonly heldOut: readonly Problem[];
  readonly ask: (problem: Problem) => ProblemPrompt;
  readonly encode: (problem: Problem) => EncodedPrompt;
  readonly readOne: ReadOne;
  readonly signal: AbortSignal;
}

export class LaneShifts {
  private readonly templates = new Map<string, Promise<LearnedBySetting>>();
  private readonly givenShifts = new Map<string, Promise<LaneShift>>();
  private readonly means = new Map<string, Promise<Float32Array>>();
  /** The problem that was adapted last: the next one's `other`. */
  private last: { readonly index: number; readonly learned: LearnedBySetting } | undefined;

  constructor(private readonly source: Source) {}

  /**
   * @param lanes those to adapt, which may be fewer than the job's
   * @throws EngineError for a prompt that the model cannot read, and the signal's reason
   */
  async of(index: number, lanes: readonly EvaluationLane[]): Promise<AdaptedProblem> {
    const { problems } = this.source;
    // The other problem's first: it may be the one of which the deltas are at hand.
    const others = lanes.some(({ origin }) => origin.kind === 'other')
      ? await this.learnedOf((index + problems.length - 1) % problems.length)
      : new Map<string, Learned>();
    const scoped = this.scoped(problems[index]!);
    const sequence = await this.read(scoped.encoded);
    const own = await this.learn(sequence, scoped, this.source.config.lanes.filter(learnsFromOwnPrompt));
    this.last = { index, learned: own };
    const shifts: LaneShift[] = [];
    for (const lane of lanes) shifts.push(await this.shiftOf(lane, problems[index]!, own, others));
    return { sequence, shifts };
  }

  private async shiftOf(
    lane: EvaluationLane,
    problem: Problem,
    own: LearnedBySetting,
    others: LearnedBySetting,
  ): Promise<LaneShift> {
    const { head } = this.source.model;
    const none = { lane, ...noShift(head), deltaNorm: 0, loss: null };
    const { origin } = lane;
    const { kind } = origin;
    if (lane.steps === 0 || kind === 'temperature') return none;
    if (kind === 'mean') return this.project(lane, await this.mean(lane));
    if (kind === 'given') return this.given(lane, origin);
    const from = kind === 'other' ? others : kind === 'template' ? await this.template(problem) : own;
    const learned = from.get(settingOf(lane));
    if (!learned) return { ...none, failure: 'the loss is no finite number: lower lr, or take fewer steps' };
    if (typeof learned === 'string') return { ...none, failure: learned };
    const { delta, b, before, after } = learned;
    const deltaNorm = norm(delta);
    switch (kind) {
      case 'own':
        return { lane, delta, b, deltaNorm, loss: [before.loss, after.loss], moved: { before, after } };
      case 'other':
      case 'template':
        return { lane, delta, b, deltaNorm, loss: null };
      case 'minus':
        return this.project(lane, negated(delta));
      case 'scaled':
        return this.project(lane, scaledBy(delta, origin.factor));
      case 'centred':
        return this.project(lane, await centredDelta(head, delta));
      case 'random':
        return this.project(lane, randomLike(delta, origin.seed));
    }
  }

  private async project(lane: EvaluationLane, delta: Float32Array): Promise<LaneShift> {
    const b = await this.source.model.head.projectDelta(delta);
    return { lane, delta, b, deltaNorm: norm(delta), loss: null };
  }

  /** The same for all problems. */
  private given(lane: EvaluationLane, origin: GivenOrigin): Promise<LaneShift> {
    const { head } = this.source.model;
    const known = this.givenShifts.get(lane.name);
    const shift = known ?? givenDelta(head, lane.name, origin).then((delta) => this.project(lane, delta));
    this.givenShifts.set(lane.name, shift);
    return shift;
  }

  private async learnedOf(index: number): Promise<LearnedBySetting> {
    if (this.last?.index === index) return this.last.learned;
    const scoped = this.scoped(this.source.problems[index]!);
    const sequence = await this.read(scoped.encoded);
    return this.learn(sequence, scoped, this.source.config.lanes.filter(learnsFromOwnPrompt));
  }

  private scoped(problem: Problem): ScopedPrompt {
    const { ask, encode, config } = this.source;
    return { prompt: promptOf(ask(problem)), template: config.template, encoded: encode(problem) };
  }

  /** The deltas of the template alone, once for each text of it. */
  private template(problem: Problem): Promise<LearnedBySetting> {
    const { model, config, ask } = this.source;
    const own = promptOf(ask(problem));
    const encoded = encodeTemplate(model, own, config.template);
    if (!encoded) {
      const whose = own.kind === 'raw' ? 'a raw prompt uses' : `${model.folder.id} has`;
      const message = `${whose} no chat template, so there is no delta of the template alone`;
      throw badInput('no-template', message, 'Leave the lane out, or ask a chat model in chat form.');
    }
    const known = this.templates.get(encoded.text);
    if (known) return known;
    const lanes = config.lanes.filter(({ origin }) => origin.kind === 'template');
    const scoped = { prompt: withoutWords(own), template: config.template, encoded };
    const learning = this.read(encoded).then((sequence) => this.learn(sequence, scoped, lanes));
    this.templates.set(encoded.text, learning);
    return learning;
  }

  /** @returns [d] */
  private mean(lane: EvaluationLane): Promise<Float32Array> {
    const { heldOut } = this.source;
    const count = lane.origin.kind === 'mean' ? lane.origin.problems : 0;
    if (heldOut.length < count) {
      const message = `lane "${lane.name}": the data set has ${heldOut.length} problems besides those of the job, not ${count}`;
      throw badInput('too-few-problems', message, 'Ask fewer problems, or take the mean over fewer.');
    }
    const key = JSON.stringify([settingOf(lane), count]);
    const known = this.means.get(key);
    if (known) return known;
    const learning = (async () => {
      const deltas: Float32Array[] = [];
      for (const problem of heldOut.slice(0, count)) {
        const scoped = this.scoped(problem);
        const learned = await this.learn(await this.read(scoped.encoded), scoped, [lane]);
        const own = learned.get(settingOf(lane));
        if (own && typeof own !== 'string') deltas.push(own.delta);
      }
      if (deltas.length === 0)
        throw badInput('not-finite', `lane "${lane.name}": no delta of the held-out problems is finite`);
      return meanDelta(deltas);
    })();
    this.means.set(key, learning);
    return learning;
  }

  private read({ ids }: EncodedPrompt): Promise<ReadTokens> {
    const { readOne, signal } = this.source;
    return readOne(ids, signal);
  }

  private learn(
    sequence: ReadTokens,
    scoped: ScopedPrompt,
    lanes: readonly EvaluationLane[],
  ): Promise<LearnedBySetting> {
    const { model, signal } = this.source;
    return learnFrom(model, sequence, scoped, lanes, signal);
  }
}

/** @throws EngineError for a prompt that is empty or too long */
export function encodeProblem(
  model: LanguageModel,
  { template }: EvaluationConfig,
  prompt: ProblemPrompt,
): EncodedPrompt {
  return encodePrompt(model, promptOf(prompt), template);
}

export function promptOf({ messages, raw }: ProblemPrompt): Prompt {
  return raw ? { kind: 'raw', text: messages[0]!.content } : { kind: 'chat', messages };
}

/** With the texts that end the answers of the problem's form. */
export function withStops(generation: GenerationSettings, { stops }: ProblemPrompt): GenerationSettings {
  return stops.length === 0 ? generation : { ...generation, stops };
}

/** Its delta is made of what is learned from the problem's prompt, or from another problem's. */
function learnsFromOwnPrompt({ origin }: EvaluationLane): boolean {
  const { kind } = origin;
  return kind !== 'template' && kind !== 'mean' && kind !== 'temperature' && kind !== 'given';
}

/**
 * What lanes' deltas are made of besides their own prompt: deltas learned before, and other prompts, each of which is read
 * once for all.
 */
import { badInput, EngineError, type LaneSettings, learningKey, type RunConfig } from '../protocol';
import { PromptObjective } from '../slot/objective';
import { NonFiniteStep } from '../slot/optimise';
import { type FitOf, PromptDeltas } from './deltas';
import type { LanguageModel } from './language-model';
import { encodePrompt, encodeTemplate, withoutWords } from './prompt';
import type { RunContext } from './run-context';
import { fitOf, type ScopedPrompt } from './scope';

interface Source extends ScopedPrompt {
  readonly lanes: LaneSettings[];
}

/** Milliseconds by what they went to. */
interface LearningTimes {
  readonly prefill: number;
  readonly slot: number;
}

export class Sources {
  /** By their ids. */
  private readonly all = new Map<string, Source>();
  private readonly ofLane = new Map<string, readonly string[]>();
  /** [d] by source and settings, or why there is none. */
  private readonly learned = new Map<string, Float32Array | NonFiniteStep>();

  /**
   * @param given by lane, [d] each
   * @throws EngineError for a prompt that cannot be read, and says whose it is
   */
  constructor(
    private readonly model: LanguageModel,
    config: Pick<RunConfig, 'lanes' | 'prompt' | 'template'>,
    private readonly given: ReadonlyMap<string, Float32Array>,
  ) {
    for (const lane of config.lanes) {
      if (lane.steps === 0) continue;
      const keys = promptsOf(model, lane, config).map((prompt) => {
        const key = prompt.encoded.ids.join();
        const source = this.all.get(key) ?? { ...prompt, lanes: [] };
        source.lanes.push(lane);
        this.all.set(key, source);
        return key;
      });
      if (keys.length > 0) this.ofLane.set(lane.name, keys);
    }
  }

  /** Of all of them, to be read. */
  get tokens(): number {
    return [...this.all.values()].reduce((sum, { encoded }) => sum + encoded.ids.length, 0);
  }

  /**
   * One after the other, so that no more than one prompt's hidden states are held.
   * @param onRead called with the tokens read so far
   * @throws the signal's reason
   */
  async learn(context: RunContext, onRead: (tokens: number) => void): Promise<LearningTimes> {
    const times = { prefill: 0, slot: 0 };
    let before = 0;
    for (const [at, [key, source]] of [...this.all].entries()) {
      const started = performance.now();
      const { ids } = source.encoded;
      const { hidden } = await this.model.prefill(ids, {
        onProgress: (tokens) => onRead(before + tokens),
        signal: context.signal,
        isKept: false,
      });
      before += ids.length;
      const read = performance.now();
      await this.learnFrom(key, hidden, source, { source: at, sources: this.all.size }, context);
      times.prefill += read - started;
      times.slot += performance.now() - read;
    }
    return times;
  }

  /** Whether the lane's delta is learned from others: not where its origin is none, or there is no template. */
  has(lane: string): boolean {
    return this.ofLane.has(lane);
  }

  /**
   * What a lane's origin asks for: its given delta [d], or that of each of its prompts, of which it `has` some.
   * @throws NonFiniteStep
   */
  deltas(lane: LaneSettings): Float32Array[] {
    const given = this.given.get(lane.name);
    if (given) return [given];
    return this.ofLane.get(lane.name)!.map((key) => {
      const delta = this.learned.get(learnedKey(key, lane));
      if (delta instanceof Float32Array) return delta;
      throw delta ?? new Error(`the prompts of lane "${lane.name}" have not been learned from`);
    });
  }

  private async learnFrom(
    key: string,
    hidden: Float32Array,
    { lanes, ...scoped }: Source,
    place: { readonly source: number; readonly sources: number },
    { emit, signal }: RunContext,
  ): Promise<void> {
    const { head } = this.model;
    const targets = scoped.encoded.ids.slice(1);
    const objective = new PromptObjective(head, hidden, targets, () => signal.throwIfAborted());
    const fit: FitOf = (settings) => fitOf(this.model, scoped, settings);
    const deltas = new PromptDeltas(head, objective, signal, fit);
    for (const lane of lanes) {
      const own = learnedKey(key, lane);
      if (this.learned.has(own)) continue;
      if (targets.length === 0) {
        this.learned.set(own, new Float32Array(head.hiddenSize));
        continue;
      }
      const names = lanes.filter((each) => learnedKey(key, each) === own).map(({ name }) => name);
      const report = (step: number, loss: number, ms: number) =>
        emit({ type: 'slot.source', lanes: names, ...place, step, steps: lane.steps, loss, ms });
      try {
        this.learned.set(own, await deltas.after(lane, report));
      } catch (error) {
        if (!(error instanceof NonFiniteStep)) throw error;
        this.learned.set(own, error);
      }
    }
  }
}

function learnedKey(source: string, lane: LaneSettings): string {
  return [source, learningKey(lane), lane.steps].join(';');
}

/** Those that the lane's origin names; none for other origins, or where there is no template to learn from. */
function promptsOf(
  model: LanguageModel,
  lane: LaneSettings,
  { prompt: shared, template }: Pick<RunConfig, 'prompt' | 'template'>,
): ScopedPrompt[] {
  const { name, origin } = lane;
  if (origin.kind === 'template') {
    const own = lane.prompt ?? shared;
    return checkedBy(`lane "${name}": the template alone`, () => {
      const encoded = encodeTemplate(model, own, template);
      return encoded ? [inScope(model, { prompt: withoutWords(own), template, encoded }, lane)] : [];
    });
  }
  if (origin.kind !== 'prompts') return [];
  return origin.prompts.map((prompt, i) => {
    const which = origin.prompts.length === 1 ? 'its other prompt' : `prompt ${i + 1} of its origin`;
    return checkedBy(`lane "${name}": ${which}`, () =>
      inScope(model, { prompt, template, encoded: encodePrompt(model, prompt, template) }, lane),
    );
  });
}

/** @throws EngineError where no token of the prompt is in the lane's scope */
function inScope(model: LanguageModel, scoped: ScopedPrompt, lane: LaneSettings): ScopedPrompt {
  fitOf(model, scoped, lane);
  return scoped;
}

/** Says whose prompt it is that cannot be learned from. */
function checkedBy<T>(which: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'input') throw error;
    throw badInput(error.code, `${which}: ${error.message}`, error.hint);
  }
}

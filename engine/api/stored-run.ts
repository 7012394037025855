/** A stored run whose model is open again: its prompt and its answers are read anew, and only what is asked for. */
import { PromptMeasure } from '../generate/measure-delta';
import type { LearnedPrompt } from '../generate/run-context';
import { badInput, type RunEvent } from '../protocol';
import type { RunVectors } from '../runs/vectors';
import type { ModelTurns } from './model-turns';
import type { OpenModel } from './open-model';
import { type AnsweredLane, RunAtHand } from './run-at-hand';

type Started = Extract<RunEvent, { type: 'run.started' }>;

/**
 * How far, relative to it, the prompt's loss without delta may be from the one that was told. Other weights of the same
 * shape are farther by an order, and arithmetics of one file nearer.
 */
const MAX_DIFFERENCE = 0.01;

export class StoredRun extends RunAtHand {
  private readonly started: Started;
  private readonly learned = new Map<string, Promise<LearnedPrompt>>();
  private readonly answers = new Map<string, Promise<AnsweredLane>>();

  /** @throws EngineError `run-gone` where it was made with another model than the open one */
  constructor(
    runId: string,
    model: OpenModel | undefined,
    private readonly turns: ModelTurns,
    private readonly events: readonly RunEvent[],
    readonly vectors: RunVectors,
  ) {
    const started = events.find((event) => event.type === 'run.started');
    if (!model || !started || !isModelOf(started, model)) throw notOpen(started);
    super(runId, model);
    this.started = started;
  }

  protected learnedBy(lane: string): Promise<LearnedPrompt> {
    return once(this.learned, lane, () => this.readPrompt(lane));
  }

  protected answerOf(lane: string): Promise<AnsweredLane> {
    return once(this.answers, lane, () => this.readAnswer(lane));
  }

  private async readPrompt(lane: string): Promise<LearnedPrompt> {
    const ids = this.promptOf(lane);
    const targets = ids.slice(1);
    const hidden = await this.read(ids);
    const scope = this.eventOf('slot.scope', lane);
    const fit = { weights: scope?.weights ?? targets.map(() => 1), heldOut: scope?.heldOut };
    const told = this.eventOf('slot.done', lane)?.initialLoss ?? Number.NaN;
    const loss = await this.model.use(async ({ model: { head } }) => {
      const measure = new PromptMeasure(head, { hidden, targets, fit });
      return (await measure.of(new Float32Array(head.hiddenSize), 1)).loss;
    });
    if (Math.abs(loss - told) > MAX_DIFFERENCE * Math.max(loss, told))
      throw badInput(
        'other-model',
        `the open model reads this run's prompt otherwise: its loss is ${loss.toFixed(3)}, and was ${told.toFixed(3)}`,
        'Its files have changed since. Run the prompt again to look closer.',
      );
    return { hidden, targets, fit };
  }

  private async readAnswer(lane: string): Promise<AnsweredLane> {
    const ids = this.eventOf('lane.done', lane)?.ids ?? [];
    if (ids.length === 0) throw badInput('no-answer', `lane "${lane}" has not finished its answer`);
    await this.learnedBy(lane);
    const prompt = this.promptOf(lane);
    const states = await this.read([...prompt, ...ids.slice(0, -1)]);
    const { delta } = this.vectors.delta(lane);
    return this.model.use(async ({ model: { head } }) => ({
      b: await head.projectDelta(delta),
      // Token i is chosen from the state of what stands before it.
      hidden: ids.map((_, i) => {
        const at = (prompt.length - 1 + i) * head.hiddenSize;
        return states.subarray(at, at + head.hiddenSize);
      }),
    }));
  }

  /** [n, d] last hidden states. In a turn of its own, since the layers are read as a run reads them. */
  private read(ids: readonly number[]): Promise<Float32Array> {
    const { signal } = new AbortController();
    const options = { onProgress: () => {}, signal, isKept: false };
    return this.turns.next(() =>
      this.model.use(async ({ model }) => (await model.prefill(ids, options)).hidden),
    );
  }

  private promptOf(lane: string): readonly number[] {
    return this.eventOf('lane.prompt', lane)?.ids ?? this.started.prompt.ids;
  }

  private eventOf<T extends 'lane.prompt' | 'lane.done' | 'slot.scope' | 'slot.done'>(type: T, lane: string) {
    return this.events.find(
      (event): event is Extract<RunEvent, { type: T }> => event.type === type && event.lane === lane,
    );
  }
}

/** Whether they are of one id, precision and size; what they compute is looked at once the prompt is read. */
function isModelOf({ model: { id, dtype, vocab, hidden } }: Started, open: OpenModel): boolean {
  const { folder, headInfo: head } = open.about;
  return folder.id === id && folder.dtype === dtype && head.vocab === vocab && head.hiddenSize === hidden;
}

/** @param started of the run, where that is known */
export function notOpen(started?: Started) {
  const name = started ? `, ${started.model.id} in ${started.model.dtype},` : '';
  return badInput(
    'run-gone',
    `the model of this run${name} is not open`,
    'Open it, or run the prompt again, to look closer.',
  );
}

/** One reading for all who ask; a failed one is made again. */
function once<T>(known: Map<string, Promise<T>>, name: string, read: () => Promise<T>): Promise<T> {
  const found = known.get(name);
  if (found) return found;
  const reading = read();
  known.set(name, reading);
  reading.catch(() => known.delete(name));
  return reading;
}

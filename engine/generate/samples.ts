/** More answers of each lane, from the prompt and the delta that it has: rows of one batch, each drawn by its own seed. */
import { finalAnswer } from '../grade/final-answer';
import { type GenerationSettings, type RunEvent, type StopReason, sampleSeed } from '../protocol';
import type { AnswerEnd, AnswerRequest, AnswerToken } from './answers';
import type { DecodeLane } from './decode';
import type { LanguageModel } from './language-model';
import type { RunContext } from './run-context';

/** As many as evaluations keep busy: more gain little on a CPU, and each holds a cache of its own. */
const ROWS = 8;

/** A lane that has answered, and how. */
export interface SampledLane {
  readonly lane: DecodeLane;
  readonly prompt: AnswerRequest['prompt'];
  readonly generation: GenerationSettings;
}

interface Sample {
  readonly lane: string;
  readonly sample: number;
  /** Written so far. */
  readonly ids: number[];
}

export function samplesOf({ config }: Pick<RunContext, 'config'>): number {
  return config.samples ?? 1;
}

/** Draws the samples after each lane's own answer. @throws the signal's reason; what is written by then is told */
export async function drawSamples(
  model: LanguageModel,
  lanes: readonly SampledLane[],
  context: RunContext,
): Promise<void> {
  const { signal, isStopped } = context;
  const open = new Map<string, Sample>();
  // Sample by sample, so that lanes that write the same share rows, and all lanes have as many when it is cancelled.
  const requests = Array.from({ length: samplesOf(context) - 1 }, (_, i) => i + 1).flatMap((sample) =>
    lanes.map((each): AnswerRequest => {
      const { name, delta, b, forcedPrefix } = each.lane;
      const key = JSON.stringify([name, sample]);
      open.set(key, { lane: name, sample, ids: [] });
      const generation = { ...each.generation, seed: sampleSeed(context.config.generation.seed, sample) };
      return { key, prompt: each.prompt, delta, b, generation, forcedPrefix };
    }),
  );
  const waiting = [requests];
  const onToken = (key: string, token: AnswerToken) => {
    const sample = open.get(key)!;
    sample.ids.push(token.id);
    context.emit(tokenOf(sample, token, model));
  };
  const finish = (key: string, text: string, reason: StopReason) => {
    const { lane, sample, ids } = open.get(key)!;
    open.delete(key);
    // Nothing was drawn of one that was stopped before it began.
    if (reason === 'cancelled' && ids.length === 0) return;
    tellSample(context, lane, sample, text, ids.length, reason);
  };
  try {
    const options = {
      rows: ROWS,
      signal,
      onToken,
      isStopped: (key: string) => isStopped(open.get(key)!.lane),
    };
    for await (const step of model.answers(async () => waiting.shift(), options)) {
      if (step !== 'tick') {
        const reason = reasonOf(step.reason, context);
        if (reason === undefined) tellNotFinite(open.get(step.key)!, context);
        else finish(step.key, step.text, reason);
      }
      signal.throwIfAborted();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    for (const [key, { ids }] of open) finish(key, model.tokenizer.decode(ids), 'cancelled');
    throw error;
  }
}

/** Tells the end of a sample, where the run draws several. */
export function tellSample(
  { config, emit }: RunContext,
  lane: string,
  sample: number,
  text: string,
  tokens: number,
  reason: StopReason,
): void {
  const seed = sampleSeed(config.generation.seed, sample);
  emit({ type: 'sample.done', lane, sample, seed, text, reason, tokens, answer: finalAnswer(text) });
}

/** @returns undefined for logits that are no finite numbers */
function reasonOf(end: AnswerEnd, { config }: RunContext): StopReason | undefined {
  if (end === 'not-finite') return undefined;
  // A server that has nothing more to say.
  return end === 'stop' && config.generation.stops === undefined ? 'length' : end;
}

function tokenOf(
  { lane, sample }: Sample,
  { drawnLogprob, ...token }: AnswerToken,
  { tokenizer }: LanguageModel,
): RunEvent {
  const drawn = drawnLogprob === undefined ? {} : { drawnLogprob };
  return { type: 'sample.token', lane, sample, ...token, token: tokenizer.text(token.id), ...drawn };
}

function tellNotFinite({ lane, sample }: Sample, { emit }: RunContext): void {
  const message = `sample ${sample + 1} of "${lane}" was left: its logits are not finite numbers`;
  emit({ type: 'notice', code: 'not-finite', lane, message });
}

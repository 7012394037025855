/** Answers a minute, as an evaluation takes them: by the number of rows that are decoded together, and by lanes. */
import { type AnswerRequest, answerAll } from '../../engine/generate/answers';
import { prefill } from '../../engine/generate/prefill';
import { Model } from '../../engine/model/model';
import { GenerationSettings } from '../../engine/protocol';
import { alternate, milliseconds, ratio } from '../measure';
import { type BenchModel, isLarge } from '../models/models';
import { prompt } from '../models/prompts';
import { atLeast, atMost, figure, type Row } from '../report';

const ROWS = [1, 2, 4, 8, 16];
/** Their mean is 100 tokens. */
const PROMPT_TOKENS = [60, 120, 80, 140];
const TARGETS = { float32: atLeast(4), '4-bit': atLeast(1.7), SmolLM2: undefined, starter: undefined };
const LANES_TARGET = atMost(1.25);

interface ThroughputOptions {
  readonly rounds: number;
  readonly newTokens: number;
}

/** Each prompt is read anew; the answers have neither steps nor end tokens. */
export async function benchThroughput(bench: BenchModel, options: ThroughputOptions): Promise<Row[]> {
  const { name, folder, dtype } = bench;
  const model = await Model.open({ folder, dtype, memorySaver: false, device: 'cpu' });
  try {
    const { exact, largestDifference } = await model.batching();
    const numbers = exact ? 'the same logits' : `logits within ${largestDifference.toExponential(0)}`;
    const times = await measure(model, bench, options);
    const perMinute = Object.fromEntries(
      ROWS.map((rows) => [rows, times[rows]!.map((ms) => (60_000 * rows) / ms)]),
    );
    const what = `${options.newTokens} new tokens to prompts of 60 to 140`;
    return [
      ...ROWS.slice(1).map((rows) => ({
        what: `${name}: ${rows} rows over one by one, ${what} (${numbers})`,
        figure: { ...ratio(perMinute[rows]!, perMinute[1]!), unit: '×' as const },
        target: rows === 8 ? TARGETS[name] : undefined,
        measured: {
          [`${rows} rows`]: figure('answers/min', perMinute[rows]!),
          'one by one': figure('answers/min', perMinute[1]!),
        },
      })),
      {
        what: `${name}: time of two diverged lanes of one problem over one`,
        figure: { ...ratio(times.lanes!, times[1]!), unit: '×' },
        target: isLarge(bench) ? LANES_TARGET : undefined,
        measured: { two: figure('ms', times.lanes!), one: figure('ms', times[1]!) },
      },
    ];
  } finally {
    await model.release();
  }
}

/** Milliseconds of as many answers as there are rows, and of two lanes of one problem. */
async function measure(
  model: Model,
  bench: BenchModel,
  { rounds, newTokens }: ThroughputOptions,
): Promise<Readonly<Record<string, number[]>>> {
  const zeros = new Float32Array(model.head.vocab);
  // So much that the other token becomes the first one, whatever the model would say.
  const other = Float32Array.from(zeros).fill(1e4, 1000, 1001);
  const generation = GenerationSettings.parse({ maxNewTokens: newTokens, ignoreEos: true });
  const problem = async (tokens: number, shifts: readonly Float32Array[]): Promise<AnswerRequest[]> => {
    const ids = model.tokenizer.encode(prompt(bench, tokens), true);
    const read = await prefill(model, ids, () => {});
    // What decodes here adds b alone.
    const delta = new Float32Array(0);
    return shifts.map((b, lane) => ({ key: `${lane}`, prompt: read, delta, b, generation, stops: [] }));
  };
  const answer = (rows: number, problems: number, shifts: readonly Float32Array[]) => () =>
    milliseconds(async () => {
      let begun = 0;
      const next = async () =>
        begun < problems ? problem(PROMPT_TOKENS[begun++ % PROMPT_TOKENS.length]!, shifts) : undefined;
      const { signal } = new AbortController();
      for await (const _ of answerAll(model, next, { rows, signal }));
    });
  const byRows = ROWS.map((rows) => [`${rows}`, answer(rows, rows, [zeros])] as const);
  return alternate(rounds, { ...Object.fromEntries(byRows), lanes: answer(2, 1, [zeros, other]) });
}

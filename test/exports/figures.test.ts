/** Exports of every family through the real exporters: SLOT's figures and both answers are PyTorch's. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LocalFiles } from '../../engine/onnx/source/model-files';
import { ModelSettings } from '../../engine/protocol';
import { STARTER_FOLDER } from '../../fixtures/decoder';
import { largestDifference, one, only, relativeDifference } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { type DtypeTrace, fixtures, PROMPT } from './traces';

const engine = testEngine();

async function figures(folder: string, dtype: string, text: string, expected: DtypeTrace) {
  await engine.query('model.open', ModelSettings.parse({ folder, dtype }));
  // Some weights are read as the run goes, when others may have the numbers of files that were closed.
  const other = new LocalFiles(join(STARTER_FOLDER, 'onnx', 'model.onnx'));
  const events = await runEvents(engine, {
    model: { folder, dtype },
    prompt: { kind: 'raw', text },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: expected.losses.length, lr: 0.1 },
    ],
    generation: { maxNewTokens: expected.baseline.length, ignoreEos: true },
    listLength: 20,
  });
  other.close();
  expect(one(events, 'run.started').prompt.ids).toEqual(expected.ids);
  const steps = only(events, 'slot.step');
  const [first] = only(events, 'token');
  return {
    losses: [...steps.map(({ loss }) => loss), one(events, 'slot.done').finalLoss],
    gradNorms: steps.map(({ gradNorm }) => gradNorm ?? Number.NaN),
    deltaNorms: steps.map(({ deltaNorm }) => deltaNorm),
    top: first!.top,
    baseline: one(events, 'lane.done', 'baseline').ids,
    slot: one(events, 'lane.done', 'slot').ids,
  };
}

function logSoftmax(logits: readonly number[]): number[] {
  const max = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - max), 0);
  return logits.map((logit) => logit - max - Math.log(sum));
}

/** Largest differences allowed: losses and norms relative, the rest in logits. */
const FLOAT32 = { loss: 1e-6, norm: 1e-5, logprob: 1e-4 };
/** Activations are rounded to float16 between nodes, in our views other than in the export. */
const FLOAT16 = { loss: 1e-3, norm: 1e-2, logprob: 1e-2 };
/** Activations are rounded to 8 bits before the export's own head; the reference's are not. */
const INT8 = { loss: 5e-3, norm: 2e-2, logprob: 1e-3 };
/**
 * The traces' runtime saturates sums of signed 8-bit products where the processor lets it; our sessions ask for exact
 * ones, which other processors compute anyway. Unsigned weights cannot saturate and agree to 1e-5.
 */
const DYNAMIC = { loss: 5e-3, norm: 5e-2, logprob: 0.6 };
const BOUNDS: Readonly<Record<string, typeof FLOAT32>> = {
  fp16: FLOAT16,
  q4: INT8,
  q4f16: { ...FLOAT16, loss: 1e-2, norm: 3e-2 },
  q8: DYNAMIC,
  int8: DYNAMIC,
  uint8: INT8,
  // GroupQueryAttention approximates the cap of the attention scores.
  'genai-gemma2': { loss: 1e-4, norm: 1e-3, logprob: 1e-2 },
  'genai-mistral-fp16': FLOAT16,
  'genai-deepseek-int4-int8': INT8,
  'genai-qwen2-int4': INT8,
  'genai-qwen3-webgpu': FLOAT16,
};

const adapted = fixtures().filter(({ trace }) => Object.keys(trace.dtypes).length > 0);

describe.each(adapted)('$name', ({ name, folder, trace }) => {
  const prompts = [{ prompt: PROMPT, dtypes: trace.dtypes }, ...(trace.long ? [trace.long] : [])];
  const cases = prompts.flatMap(({ prompt, dtypes }) =>
    Object.entries(dtypes).map(([dtype, expected]) => ({ dtype, prompt, expected })),
  );
  it.each(cases)('$dtype, $expected.ids.length tokens', async ({ dtype, prompt, expected }) => {
    const bounds = BOUNDS[dtype] ?? BOUNDS[name] ?? FLOAT32;
    const found = await figures(folder, dtype, prompt, expected);
    const logprobs = logSoftmax(expected.logits);
    const top = found.top.map(({ id }) => logprobs[id]!);
    const differences = {
      loss: relativeDifference(found.losses, [...expected.losses, expected.finalLoss]),
      gradNorm: relativeDifference(found.gradNorms, expected.gradNorms),
      deltaNorm: relativeDifference(found.deltaNorms, expected.deltaNorms),
      logprob: largestDifference(
        found.top.map(({ baseLogprob }) => baseLogprob),
        top,
      ),
    };
    expect(differences.loss).toBeLessThan(bounds.loss);
    expect(differences.gradNorm).toBeLessThan(bounds.norm);
    expect(differences.deltaNorm).toBeLessThan(bounds.norm);
    expect(differences.logprob).toBeLessThan(bounds.logprob);
    expect(found.baseline).toEqual(expected.baseline);
    expect(found.slot).toEqual(expected.slot);
  });
});

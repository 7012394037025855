/** Every way to write a head, a tail, a float type and weights gives a plain float64 decoder's numbers and tokens. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prefill } from '../../../engine/generate/prefill';
import { Model } from '../../../engine/model/model';
import { type DecoderOptions, writeDecoder } from '../../../fixtures/decoder';
import type { TailStep } from '../../../fixtures/options';
import { ReferenceDecoder } from '../../../fixtures/reference';
import { norm, referenceSlot } from '../../../fixtures/reference-slot';
import {
  answerOf,
  largestDifference,
  one,
  only,
  relativeDifference,
  temporaryFolder,
} from '../../../fixtures/runs';
import { runEvents, testEngine } from '../../../fixtures/test-engine';

type Variant = Partial<DecoderOptions>;

const HEADS: readonly Variant[] = [
  { head: 'MatMul' },
  { head: 'MatMul(Transpose)', perm: true },
  { head: 'MatMul(Transpose)', perm: false, tied: false },
  { head: 'Gemm' },
  { head: 'Gemm', gemmBias: true, tied: false },
];
const TAILS: readonly (readonly TailStep[])[] = [
  [],
  [{ op: 'Add' }],
  [{ op: 'Reshape' }, { op: 'Mul', by: 0.5 }],
  [{ op: 'Cast' }, { op: 'Div', by: 0.75 }, { op: 'Identity' }],
  [{ op: 'cap', at: 6 }],
  [{ op: 'Add' }, { op: 'Div', by: 1.5 }, { op: 'cap', at: 8 }, { op: 'Cast' }],
  [{ op: 'Mul', by: 2 }, { op: 'Identity' }, { op: 'cap', at: 10 }, { op: 'Mul', by: 0.5 }, { op: 'Add' }],
];
const DTYPES = ['float32', 'float16'] as const;
const STORES = ['inline', 'external', 'split'] as const;
const PRUNING = ['none', 'Slice', 'Gather', 'num_logits_to_keep'] as const;
const CONSTANTS = ['initializer', 'node', 'typed'] as const;

/** All of head × tail × dtype; what else there is rotates so that it meets each of them. */
const VARIANTS: readonly Variant[] = HEADS.flatMap((head, h) =>
  TAILS.flatMap((tail, t) =>
    DTYPES.map((dtype, y) => ({
      ...head,
      tail,
      dtype,
      weights: STORES[(h + t + y) % STORES.length]!,
      prune: PRUNING[(h + 2 * t + y) % PRUNING.length]!,
      constants: CONSTANTS[(h + t + 2 * y) % CONSTANTS.length]!,
      positionIds: (h + t) % 3 !== 0,
      seed: 10 * h + t,
    })),
  ),
);
const OLD: readonly Variant[] = HEADS.map((head) => ({
  ...head,
  irVersion: 3,
  initializersAsInputs: true,
  tail: [{ op: 'Mul', by: 0.5 }],
}));
const SHAPES: readonly Variant[] = [
  { heads: 4, kvHeads: 4, qkvBias: false },
  { heads: 6, kvHeads: 1, headDim: 4 },
  { layers: 1, headDim: 16 },
  { layers: 4, d: 48 },
  { learnedPositions: true, contextLength: 64 },
  { learnedPositions: true, contextLength: 64, positionIds: false },
];

const folder = temporaryFolder();
const engine = testEngine();

/** Float16 rounds activations to 11 bits: these tiny decoders' numbers then agree to about 1 in 1,000. */
const TOLERANCES = {
  float32: { hidden: 1e-4, logprobs: 1e-4, loss: 1e-5, norm: 1e-5, shift: 1e-4 },
  float16: { hidden: 3e-2, logprobs: 3e-2, loss: 1e-3, norm: 1e-3, shift: 2e-2 },
} as const;

const TEXT = 'Tom has 3 apples. I think she will';
const STEPS = 3;
const LENGTH = 8;

function title(variant: Variant): string {
  const { tail = [], seed: _, ...rest } = variant;
  return [...Object.values(rest).map(String), ...tail.map((step) => Object.values(step).join(' '))].join(
    ', ',
  );
}

/** The tail's operators as ONNX has them. */
function operators({ gemmBias, tail = [] }: Variant): string[] {
  const written = tail.flatMap(({ op }) => (op === 'cap' ? ['Div', 'Tanh', 'Mul'] : [op]));
  return [...(gemmBias ? ['Add'] : []), ...written.filter((op) => op !== 'Identity' && op !== 'Reshape')];
}

describe.each([...VARIANTS, ...OLD, ...SHAPES].map((variant) => ({ title: title(variant), variant })))(
  '$title',
  ({ title, variant }) => {
    const { options } = writeDecoder(join(folder, title), { d: 24, ffn: 32, layers: 1, ...variant });
    const path = join(folder, title);
    const reference = new ReferenceDecoder(options);
    const tolerance = TOLERANCES[options.dtype];

    it('opens at the head and computes its numbers', async () => {
      const model = await Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });
      const { projection, tail, vocab, hiddenSize } = model.headInfo;
      expect(projection.operator).toBe(options.head);
      expect(projection.layout).toBe(options.head === 'MatMul' ? 'dV' : 'Vd');
      expect(tail.map(({ op }) => op)).toEqual(operators(variant));
      expect([vocab, hiddenSize, model.layers]).toEqual([options.vocab, options.d, options.layers]);

      const ids = model.tokenizer.encode(TEXT, true);
      const { hidden } = await prefill(model, ids, () => {});
      const expected = reference.hidden(ids);
      expect(
        largestDifference(
          hidden,
          expected.flatMap((row) => [...row]),
        ),
      ).toBeLessThan(tolerance.hidden);
      const zeros = new Float32Array(vocab);
      for (const position of [0, ids.length - 1]) {
        const row = hidden.slice(position * options.d, (position + 1) * options.d);
        const { baseLogprobs } = await model.head.distributions(await model.head.project(row), zeros);
        const logits = reference.logits(expected[position]!);
        const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
        expect(
          largestDifference(
            baseLogprobs,
            logits.map((logit) => logit - logSum),
          ),
        ).toBeLessThan(tolerance.logprobs);
      }
      await model.release();
    });

    it('adapts and answers as the long way round', async () => {
      const presets = ['transformers', 'vllm'] as const;
      const events = await runEvents(engine, {
        model: { folder: path },
        prompt: { kind: 'raw', text: TEXT },
        lanes: [
          { name: 'baseline', steps: 0 },
          ...presets.map((preset) => ({ name: preset, preset, steps: STEPS })),
        ],
        generation: { maxNewTokens: LENGTH, ignoreEos: true },
        listLength: 5,
      });
      expect(events.at(-1)).toMatchObject({ type: 'run.done' });
      const { ids } = one(events, 'run.started').prompt;
      const answers: { lane: string; delta: Float64Array }[] = [
        { lane: 'baseline', delta: new Float64Array(options.d) },
      ];
      for (const preset of presets) {
        const trace = referenceSlot(reference, ids, { preset, steps: STEPS, lr: 0.1 });
        const steps = only(events, 'slot.step').filter(({ lane }) => lane === preset);
        const done = one(events, 'slot.done', preset);
        const losses = [...steps.map(({ loss }) => loss), done.finalLoss];
        expect(relativeDifference(losses, [...trace.losses, trace.finalLoss])).toBeLessThan(tolerance.loss);
        const norms = steps.map(({ deltaNorm }) => deltaNorm);
        expect(relativeDifference(norms, trace.deltaNorms)).toBeLessThan(tolerance.norm);
        expect(
          relativeDifference(
            steps.map(({ gradNorm }) => gradNorm ?? Number.NaN),
            trace.gradNorms,
          ),
        ).toBeLessThan(3 * tolerance.norm);

        const delta = trace.deltas.at(-1)!;
        const scale = variantScale(options.tail);
        const shift = reference.project(delta).map((value) => value * scale);
        const { boosted, suppressed } = steps.at(-1)!;
        const sorted = [...shift.keys()].sort((a, b) => shift[b]! - shift[a]!);
        for (const [listed, best] of [
          [boosted, sorted.slice(0, 5)],
          [suppressed, sorted.slice(-5).reverse()],
        ] as const) {
          const values = listed.map((entry) => entry.shift);
          const slack = tolerance.shift * Math.max(1, scale);
          expect(
            largestDifference(
              values,
              best.map((id) => shift[id]!),
            ),
          ).toBeLessThan(slack);
          expect(
            largestDifference(
              values,
              listed.map(({ id }) => shift[id]!),
            ),
          ).toBeLessThan(slack);
        }
        answers.push({ lane: preset, delta });
      }

      for (const { lane, delta } of answers) {
        const answer = answerOf(events, lane);
        if (options.dtype === 'float32') expect(answer).toEqual(reference.greedy(ids, LENGTH, delta));
        else expect(regret(reference, ids, answer, delta)).toBeLessThan(tolerance.logprobs);
      }
      expect(norm(answers[1]!.delta)).toBeGreaterThan(0.1);
    });
  },
);

/** Logits per unit of W·delta, at 0 where there is a cap. */
function variantScale(tail: readonly TailStep[]): number {
  return tail.reduce(
    (scale, step) => (step.op === 'Mul' ? scale * step.by : step.op === 'Div' ? scale / step.by : scale),
    1,
  );
}

/** By how much the reference would have preferred another token, at worst: rounding may decide near ties. */
function regret(
  reference: ReferenceDecoder,
  prompt: readonly number[],
  answer: readonly number[],
  delta: Float64Array,
): number {
  const hidden = reference.hidden([...prompt, ...answer.slice(0, -1)]).slice(prompt.length - 1);
  const losses = hidden.map((h, i) => {
    const logits = reference.logits(h.map((value, j) => value + delta[j]!));
    return Math.max(...logits) - logits[answer[i]!]!;
  });
  return Math.max(...losses);
}

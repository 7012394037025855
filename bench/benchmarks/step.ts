/**
 * One SLOT step (gradient, AdamW, W·delta, loss) against the reference algorithm, which runs all n·V logits forward
 * and back: through the same runtime, and as PyTorch runs it.
 */
import { findHead } from '../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { OnnxFile } from '../../engine/onnx/source/onnx-file';
import { PRESET_SETTINGS } from '../../engine/protocol';
import { AdamW } from '../../engine/slot/adamw';
import { PromptObjective } from '../../engine/slot/objective';
import { alternate, milliseconds, ratio } from '../measure';
import { type BenchModel, SHAPE } from '../models/models';
import { openReference } from '../reference/step';
import { torchSteps } from '../reference/torch';
import { atLeast, atMost, figure, type Row, type Target } from '../report';
import type { Limits } from './limit';

interface StepOptions {
  readonly promptLengths: readonly number[];
  readonly rounds: number;
  readonly limits: Limits;
  readonly say: (line: string) => void;
}

/** By the runtime's own measure, and in the target's terms: cheaper than the reference algorithm. */
const TARGETS: Readonly<Record<number, Target>> = { 100: atLeast(8), 400: atLeast(20) };
/** Times the time that its bytes need. */
const NEAR_LIMIT = atMost(1.5);

export async function benchStep(
  { folder }: BenchModel,
  { promptLengths, rounds, limits, say }: StepOptions,
): Promise<Row[]> {
  const file = new OnnxFile(`${folder}/onnx/model.onnx`);
  const info = findHead(file.model);
  const options = { folder: file.folder, prepack: true };
  const head = await HeadRuntime.open(file, info, options);
  const reference = await openReference(file, info, options.prepack);
  const { vocab, hiddenSize } = head;
  const rows: Row[] = [];
  for (const n of promptLengths) {
    say(`the SLOT step at ${n} tokens`);
    const hidden = Float32Array.from({ length: n * hiddenSize }, (_, i) => 2 * Math.sin(i * i));
    const targets = Array.from({ length: n - 1 }, (_, i) => (i * 7919) % vocab);
    const objective = new PromptObjective(head, hidden, targets);
    const { dividesGradientAgain: _, ...adamw } = PRESET_SETTINGS.transformers;
    const optimiser = new AdamW(hiddenSize, { ...adamw, lr: 0.1 });
    let current = await objective.atZero();
    const samples = await alternate(rounds, {
      slot: () =>
        milliseconds(async () => {
          optimiser.update(await head.transposedProduct(current.residual));
          current = await objective.evaluate(
            await head.projectDelta(Float32Array.from(optimiser.parameters)),
          );
        }),
      reference: () => milliseconds(() => reference.step(hidden.subarray(0, (n - 1) * hiddenSize), targets)),
    });
    const [slot, theirs] = [figure('ms', samples.slot), figure('ms', samples.reference)];
    const times = { ...ratio(samples.reference, samples.slot), unit: '×' as const };
    rows.push({
      what: `${n} tokens: times cheaper than the reference through onnxruntime`,
      figure: times,
      target: TARGETS[n],
      measured: { SLOT: slot, reference: theirs },
    });
    const bytes = 4 * (2 * vocab * hiddenSize + 2 * (n - 1) * vocab);
    const least = bytes / limits.readBytesPerMs;
    rows.push({
      what: `${n} tokens: step over its bandwidth limit (W twice, ${n - 1}·V probabilities twice)`,
      figure: figure(
        '×',
        samples.slot.map((ms) => ms / least),
      ),
      target: NEAR_LIMIT,
      measured: { step: slot, limit: figure('ms', [least]) },
    });
  }
  await head.release();
  await reference.release();
  file.close();

  return rows;
}

/** @param slotRows of the same prompt lengths */
export function benchTorch(
  { promptLengths, rounds }: Pick<StepOptions, 'promptLengths' | 'rounds'>,
  slotRows: readonly Row[],
): Row[] {
  const { vocab, d } = SHAPE;
  const { version, steps } = torchSteps({ vocab, hiddenSize: d, promptLengths, rounds });
  return promptLengths.map((n, i) => {
    const slot = slotRows.find(({ what }) => what.startsWith(`${n} tokens`))!.measured.SLOT!;
    const samples = steps[i]!;
    return {
      what: `${n} tokens: times cheaper than the reference in PyTorch ${version}`,
      figure: figure(
        '×',
        samples.map((ms) => ms / slot.median),
      ),
      measured: { SLOT: slot, PyTorch: figure('ms', samples) },
    };
  });
}

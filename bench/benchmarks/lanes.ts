/** A step of three lanes that learn from one prompt together, against one lane's. */
import { findHead } from '../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { OnnxFile } from '../../engine/onnx/source/onnx-file';
import { PromptObjective } from '../../engine/slot/objective';
import { type OptimiserSettings, optimiseTogether } from '../../engine/slot/optimise';
import { alternate, milliseconds, ratio } from '../measure';
import type { BenchModel } from '../models/models';
import { atMost, figure, type Row } from '../report';

const STEPS = 3;
const LANES: readonly OptimiserSettings[] = [
  { preset: 'transformers', steps: STEPS, lr: 0.01 },
  { preset: 'transformers', steps: STEPS, lr: 0.1 },
  { preset: 'vllm', steps: STEPS, lr: 0.1 },
];

export async function benchLanes(
  { folder }: BenchModel,
  { promptLengths, rounds }: { readonly promptLengths: readonly number[]; readonly rounds: number },
): Promise<Row[]> {
  const file = new OnnxFile(`${folder}/onnx/model.onnx`);
  const head = await HeadRuntime.open(file, findHead(file.model), { folder: file.folder, prepack: true });
  const { vocab, hiddenSize } = head;
  const rows: Row[] = [];
  for (const n of promptLengths) {
    const hidden = Float32Array.from({ length: n * hiddenSize }, (_, i) => 2 * Math.sin(i * i));
    const targets = Array.from({ length: n - 1 }, (_, i) => (i * 7919) % vocab);
    const objective = new PromptObjective(head, hidden, targets);
    await objective.atZero();
    const step = async (lanes: readonly OptimiserSettings[]) => {
      const tasks = lanes.map((settings) => ({ objective, settings }));
      const all = await milliseconds(async () => {
        for await (const _ of optimiseTogether(head, tasks));
      });
      return all / STEPS;
    };
    const { one, three } = await alternate(rounds, {
      one: () => step(LANES.slice(0, 1)),
      three: () => step(LANES),
    });
    rows.push({
      what: `${n} tokens: a step of three lanes together over one lane's`,
      figure: { ...ratio(three, one), unit: '×' },
      target: atMost(1.4),
      measured: { three: figure('ms', three), one: figure('ms', one) },
    });
  }
  await head.release();
  file.close();
  return rows;
}

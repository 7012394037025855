/** `npm run bench`: speed as ratios taken in one run, on a random model of Qwen2.5-0.5B's shape. */
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findHead } from '../engine/onnx/head';
import { HeadRuntime } from '../engine/onnx/head-runtime';
import { OnnxFile } from '../engine/onnx/model-file';
import { AdamW } from '../engine/slot/adamw';
import { PromptObjective } from '../engine/slot/objective';
import { PRESET_SETTINGS } from '../engine/slot/presets';
import { QWEN2_5_0_5B, writeDecoder } from '../test/models/decoder';
import { type Timing, time } from './measure';
import { openReference } from './reference-step';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
const repetitions = values.quick ? 3 : 7;
const promptLengths = values.quick ? [100] : [50, 100, 400];
const say = (line: string) => process.stderr.write(`${line}\n`);

const folder = fileURLToPath(new URL('./work/qwen2.5-0.5b-shape', import.meta.url));
if (!existsSync(folder)) {
  say('writing a random model of the shape of Qwen2.5-0.5B (2 GB, kept in bench/work) …');
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  writeDecoder(partial, QWEN2_5_0_5B);
  renameSync(partial, folder);
}

const steps = await benchSteps();
const open = { 'memory-saver': openModel('memory-saver'), fast: openModel('fast') };
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  threads: availableParallelism(),
  node: process.version,
};

if (values.json) console.log(JSON.stringify({ machine, repetitions, steps, open }, undefined, 2));
else printTable();

interface StepResult {
  readonly promptTokens: number;
  readonly slot: Timing;
  readonly reference: Timing;
  /** How many times cheaper our step is, by the medians. */
  readonly ratio: number;
}

/** A SLOT step (gradient, AdamW, W·delta, loss) against the reference algorithm's forward and backward. */
async function benchSteps(): Promise<StepResult[]> {
  const file = new OnnxFile(`${folder}/onnx/model.onnx`);
  const info = findHead(file.model);
  const options = { folder: file.folder, prepack: true };
  const head = await HeadRuntime.open(file, info, options);
  const reference = await openReference(file, info, options.prepack);
  const results: StepResult[] = [];
  for (const n of promptLengths) {
    say(`SLOT step at ${n} tokens …`);
    const hidden = Float32Array.from({ length: n * head.hiddenSize }, (_, i) => 2 * Math.sin(i * i));
    const targets = Array.from({ length: n - 1 }, (_, i) => (i * 7919) % head.vocab);
    const objective = new PromptObjective(head, hidden, targets);
    const { dividesGradientAgain: _, ...adamw } = PRESET_SETTINGS.transformers;
    const optimiser = new AdamW(head.hiddenSize, { ...adamw, lr: 0.1 });
    let current = await objective.atZero();
    const slot = await time(async () => {
      optimiser.update(await head.backproject(current.residual));
      current = await objective.evaluate(await head.project(Float32Array.from(optimiser.parameters)));
    }, repetitions);
    const used = hidden.subarray(0, (n - 1) * head.hiddenSize);
    const baseline = await time(() => reference.step(used, targets), repetitions);
    results.push({ promptTokens: n, slot, reference: baseline, ratio: baseline.median / slot.median });
  }
  await head.release();
  await reference.release();
  file.close();
  return results;
}

/** In a process of its own, so that memory is that of one model. */
function openModel(setting: 'fast' | 'memory-saver'): { ms: number; privateMiB: number } {
  say(`opening the model (${setting}) …`);
  const script = fileURLToPath(new URL('./open-model.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--import', 'tsx', script, folder, setting], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as { ms: number; privateMiB: number };
}

function printTable(): void {
  console.log(
    `${machine.cpu}, ${machine.threads} threads, Node ${machine.node}; medians of ${repetitions} (min–max)\n`,
  );
  console.log('prompt tokens   times cheaper   SLOT step, ms          reference step, ms');
  for (const { promptTokens, ratio, slot, reference } of steps) {
    const cells = [String(promptTokens).padStart(13), ratio.toFixed(1).padStart(15)];
    console.log(`${cells.join(' ')}   ${spread(slot).padEnd(20)}   ${spread(reference)}`);
  }
  console.log('\nopening         seconds   private MiB');
  for (const [setting, { ms, privateMiB }] of Object.entries(open)) {
    console.log(
      `${setting.padEnd(14)} ${(ms / 1000).toFixed(2).padStart(8)} ${privateMiB.toFixed(0).padStart(13)}`,
    );
  }
}

function spread({ median, min, max }: Timing): string {
  return `${median.toFixed(0)} (${min.toFixed(0)}–${max.toFixed(0)})`;
}

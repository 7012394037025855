/** Runs the reference's PyTorch code path where there is a Python with torch. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const SCRIPT = fileURLToPath(new URL('./torch_step.py', import.meta.url));
const Output = z.object({ version: z.string(), steps: z.array(z.array(z.number()).min(1)) });

interface TorchOptions {
  readonly vocab: number;
  readonly hiddenSize: number;
  readonly promptLengths: readonly number[];
  readonly rounds: number;
}

/** @returns milliseconds of each step for each prompt length @throws Error where there is no torch */
export function torchSteps(options: TorchOptions): z.infer<typeof Output> {
  const python = process.env.PYTHON ?? 'python3';
  const found = spawnSync(python, ['-c', 'import torch']);
  if (found.status !== 0) throw new Error(`${python} cannot import torch (PYTHON may name another)`);
  const input = JSON.stringify({ ...options, threads: availableParallelism() });
  const { status, stdout, stderr } = spawnSync(python, [SCRIPT, input], { encoding: 'utf8' });
  if (status === 0) return Output.parse(JSON.parse(stdout));
  throw new Error(stderr.trim().split('\n').at(-1));
}

/** How a run grows with its prompt: a step's time, and the private memory above what the open model holds. */

import { Contender } from '../contenders/contender';
import type { BenchModel } from '../models/models';
import { prompt } from '../models/prompts';
import { atMost, figure, type Row, type Target } from '../report';

const STEPS = 2;
const NEW_TOKENS = 4;
/** Milliseconds. */
const STEP_TARGETS: Readonly<Record<number, Target>> = { 2000: atMost(400), 4000: atMost(900) };
const MIB_PER_GB = 1e9 / 2 ** 20;

export async function benchGrowth(
  model: BenchModel,
  promptLengths: readonly number[],
  say: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const n of promptLengths) {
    say(`a prompt of ${n} tokens`);
    // Each in a process of its own: memory that one run leaves behind would hide the next one's.
    const side = await Contender.start('ours', { ...model, memorySaver: false });
    await side.load();
    const before = side.memory;
    const answered = await side.answer({
      prompt: prompt(model, n),
      newTokens: NEW_TOKENS,
      lanes: [STEPS],
    });
    const peak = side.peak - before;
    await side.stop();
    rows.push({
      what: `${model.name}, ${n} tokens: peak private memory above the open model`,
      figure: figure('MiB', [peak]),
      target: atMost(2 * MIB_PER_GB),
      measured: {
        prefill: figure('ms', [answered.prefill]),
        'first pass and steps': figure('ms', [answered.slot]),
      },
    });
    rows.push({
      what: `${model.name}, ${n} tokens: a step`,
      figure: figure('ms', answered.steps),
      target: STEP_TARGETS[n],
      measured: {},
    });
  }
  return rows;
}

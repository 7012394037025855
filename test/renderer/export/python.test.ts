/** The copied script, run by Python where it has torch and transformers, gives the run's losses and tokens. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunConfig, type RunConfigInput } from '../../../engine/protocol';
import { runEvents, temporaryFolder, testEngine } from '../../../fixtures/runs';
import { pythonOf } from '../../../renderer/export/python-of-run';
import { readFamily, writeFamily } from '../../checkpoint/families';

/** Set it to a Python that has both: nothing of this project needs one otherwise. */
const { PYTHON } = process.env;
if (PYTHON === undefined)
  console.warn('The copied script is not run: set PYTHON to one with torch and transformers.');

const folder = temporaryFolder();
const engine = testEngine();
const LANES: RunConfigInput['lanes'] = [
  { name: 'baseline', steps: 0 },
  { name: 'slot', steps: 3 },
  { name: 'vllm', steps: 3, preset: 'vllm', lr: 0.05 },
  { name: 'sgd on a part', steps: 2, lr: 5, optimiser: 'sgd', scope: { kind: 'from', first: 4 } },
  { name: 'minus', steps: 3, origin: { kind: 'minus' } },
  { name: 'forced', steps: 2, forcedPrefix: [5, 6] },
];

async function recorded(model: string) {
  const config = RunConfig.parse({
    model: { folder: model },
    prompt: { kind: 'raw', text: 'Tom has 3 apples and buys 5 more. How many?' },
    lanes: LANES,
    generation: { maxNewTokens: 16, ignoreEos: true },
  });
  return runEvents(engine, config);
}

describe('the Python of a run', () => {
  it('holds what the run gave', async () => {
    const path = join(folder, 'llama');
    writeFamily(path, readFamily('llama'));
    const events = await recorded(path);
    const script = pythonOf(events);
    const [, literal = ''] = /RUN = json\.loads\((".*")\)\n/.exec(script) ?? [];
    const run = JSON.parse(JSON.parse(literal));
    expect(run).toMatchObject({ model: path, greedy: true, left_out: ['minus'] });
    expect(run.lanes.map(({ name }: { name: string }) => name)).toEqual([
      'baseline',
      'slot',
      'vllm',
      'sgd on a part',
      'forced',
    ]);
    expect(run.lanes[0].losses).toEqual([]);
    expect(run.lanes[1].losses).toHaveLength(4);
    expect(run.lanes[1].answer).toHaveLength(16);
    expect(run.lanes[3].weights[0]).toBe(0);
  });

  it.skipIf(PYTHON === undefined).each(['llama', 'granite', 'gemma2'])(
    'gives the same on a checkpoint of %s',
    async (family) => {
      const path = join(folder, family);
      writeFamily(path, readFamily(family));
      const file = join(folder, `${family}.py`);
      writeFileSync(file, pythonOf(await recorded(path)));
      const output = execFileSync(PYTHON!, [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const differences = [...output.matchAll(/difference (\S+)/g)].map(([, value]) => Number(value));
      expect(differences).toHaveLength(4 + 4 + 3 + 3);
      expect(Math.max(...differences)).toBeLessThan(1e-4);
      expect(output.match(/16 of 16 tokens are the same/g)).toHaveLength(5);
    },
    120_000,
  );
});

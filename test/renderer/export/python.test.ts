/** The copied script, run by Python where it has torch and transformers, gives the run's losses and tokens. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeVector } from '../../../engine/generate/given';
import { RunConfig, type RunConfigInput } from '../../../engine/protocol';
import { temporaryFolder } from '../../../fixtures/runs';
import { runEvents, testEngine } from '../../../fixtures/test-engine';
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
  { name: 'half', steps: 3, origin: { kind: 'scaled', factor: 0.5 } },
  { name: 'centred', steps: 3, origin: { kind: 'centred' } },
];

/** Lanes with deltas that were learned before, and one whose delta no script can draw. */
function givenLanes(size: number): RunConfigInput['lanes'] {
  const numbers = Float32Array.from({ length: 2 * size }, (_, i) => Math.sin(i));
  const terms = [1, -0.5].map((factor, i) => ({
    factor,
    source: { kind: 'file' as const, file: 'own.safetensors', tensor: `d${i}` },
    vector: encodeVector(numbers.slice(i * size, (i + 1) * size), undefined),
  }));
  return [
    { name: 'given', steps: 1, origin: { kind: 'given', terms } },
    { name: 'given centred', steps: 1, origin: { kind: 'given', terms, centred: true } },
    { name: 'random', steps: 3, origin: { kind: 'random', seed: 4 } },
  ];
}

async function recorded(model: string, lanes = LANES) {
  const config = RunConfig.parse({
    model: { folder: model },
    prompt: { kind: 'raw', text: 'Tom has 3 apples and buys 5 more. How many?' },
    lanes,
    generation: { maxNewTokens: 16, ignoreEos: true },
  });
  return runEvents(engine, config);
}

function runOf(script: string) {
  const [, literal = ''] = /RUN = json\.loads\((".*")\)\n/.exec(script) ?? [];
  return JSON.parse(JSON.parse(literal));
}

describe('the Python of a run', () => {
  it('holds what the run gave', async () => {
    const path = join(folder, 'llama');
    writeFamily(path, readFamily('llama'));
    const events = await recorded(path);
    const script = pythonOf(events);
    const run = runOf(script);
    expect(run).toMatchObject({ model: path, greedy: true, left_out: [] });
    expect(run.lanes.map(({ name }: { name: string }) => name)).toEqual(LANES.map(({ name }) => name));
    expect(run.lanes[0].losses).toEqual([]);
    expect(run.lanes[1].losses).toHaveLength(4);
    expect(run.lanes[1].answer).toHaveLength(16);
    expect(run.lanes[3].weights[0]).toBe(0);
    expect(run.lanes[4]).toMatchObject({ steps: 3, made_of: { terms: null, factor: -1, centred: false } });
    expect(run.lanes[4].losses).toHaveLength(2);
  });

  it('holds the numbers of given deltas, and says what it leaves out and why', async () => {
    const path = join(folder, 'given');
    writeFamily(path, readFamily('llama'));
    const run = runOf(pythonOf(await recorded(path, givenLanes(64))));
    expect(run.left_out).toEqual(["random: its delta is drawn by SLOT Studio's own generator"]);
    const [given, centred] = run.lanes;
    const bytes = Buffer.from(given.made_of.terms[1].values, 'base64');
    expect(given.made_of.terms[1].factor).toBe(-0.5);
    expect(bytes.readFloatLE(4)).toBeCloseTo(Math.sin(65), 6);
    expect(centred.made_of.centred).toBe(true);
  });

  it.skipIf(PYTHON === undefined).each(['llama', 'granite', 'gemma2'])(
    'gives the same on a checkpoint of %s',
    async (family) => {
      const path = join(folder, family);
      writeFamily(path, readFamily(family));
      const hidden = Number(readFamily(family).config.hidden_size);
      for (const [lanes, losses] of [
        [LANES, 4 + 4 + 3 + 2 + 3 + 2 + 2],
        [givenLanes(hidden), 2 + 2],
      ] as const) {
        const file = join(folder, `${family}.py`);
        writeFileSync(file, pythonOf(await recorded(path, lanes)));
        const output = execFileSync(PYTHON!, [file], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const differences = [...output.matchAll(/difference (\S+)/g)].map(([, value]) => Number(value));
        expect(differences).toHaveLength(losses);
        expect(Math.max(...differences)).toBeLessThan(1e-4);
        const repeated = lanes.filter(({ origin }) => origin?.kind !== 'random').length;
        expect(output.match(/16 of 16 tokens are the same/g)).toHaveLength(repeated);
      }
    },
    120_000,
  );
});

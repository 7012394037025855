/**
 * Changes single places of the code and sees whether a test notices: `npm run mutate -- [--share 0.05] [--seed 1] [room …]`.
 * A share of the lines stands for all of them where the whole would take a day.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

const ROOMS = [
  'engine/slot',
  'engine/onnx',
  'engine/generate',
  'engine/analysis',
  'engine/model',
  'engine/runs',
  'engine/hub',
  'renderer/run',
  'renderer/state',
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { share: { type: 'string', default: '1' }, seed: { type: 'string', default: '1' } },
});

/** Mulberry32: the same lines for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function chosenLines(file: string, share: number, random: () => number): string[] {
  if (share >= 1) return [file];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((text, i) =>
    text.trim() !== '' && random() < share ? [`${file}:${i + 1}:0-${i + 1}:${text.length}`] : [],
  );
}

const rooms = positionals.length > 0 ? positionals : ROOMS;
const random = randomNumbers(Number(values.seed));
const files = execFileSync('git', ['ls-files', ...rooms], { encoding: 'utf8' }).split('\n');
const mutate = files
  .filter((file) => /\.tsx?$/.test(file))
  .flatMap((file) => chosenLines(file, Number(values.share), random));

const results = await new Stryker({
  mutate,
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // Stryker would rewrite it with an interface that TypeScript 7 no longer has.
  tsconfigFile: 'none',
  reporters: ['progress', 'clear-text'],
  clearTextReporter: { reportTests: false },
  concurrency: 2,
  dryRunTimeoutMinutes: 30,
  tempDirName: 'dist/mutation',
  allowEmpty: true,
}).runMutationTest();

const counted = results.filter(({ status }) => status !== 'Ignored' && status !== 'CompileError');
const caught = counted.filter(({ status }) => status === 'Killed' || status === 'Timeout');
console.log(`${caught.length} of ${counted.length} changes were noticed`);

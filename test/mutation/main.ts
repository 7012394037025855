/**
 * Changes single places of the code and sees whether a test notices:
 * `npm run mutate -- [--share 0.1] [--seed 1] [--static] [--tests test/slot,…] [--jobs 1] [--timeout 30] [room or file …]`.
 * A share of the lines stands for all of them where the whole would take hours.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { chosenLines } from './chosen-lines';
import { type Mutant, report } from './report';

/** Rooms, and the tests that hold each besides those of its own folder. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'engine/slot': [],
  'engine/onnx': ['test/slot', 'test/exports'],
  'engine/generate': ['test/exports/long-rope.test.ts', 'test/api/prepared.test.ts'],
  'engine/analysis': [],
  'engine/statistics': [],
  'engine/model': [
    'test/exports/long-rope.test.ts',
    'test/api/prepared.test.ts',
    'test/hub/verdicts.test.ts',
    'test/remote/head.test.ts',
    'test/tokenizer/tokenizer-refusals.test.ts',
  ],
  'engine/runs': ['test/api/given-deltas', 'test/formats/formats.test.ts'],
  'engine/hub': [
    'test/api/prepared.test.ts',
    'test/api/remove.test.ts',
    'test/dataset/named.test.ts',
    'test/remote/head.test.ts',
  ],
  'engine/dataset': [],
  'renderer/run': ['test/renderer/state'],
  'renderer/state': ['test/renderer/run', 'test/renderer/evaluate'],
};

const WORK = 'dist/mutation';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    share: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    static: { type: 'boolean', default: false },
    tests: { type: 'string' },
    /** How many changes are tried at a time. */
    jobs: { type: 'string', default: '1' },
    /** Seconds beyond what the tests usually take; on a machine that does nothing else, 5 are enough. */
    timeout: { type: 'string', default: '30' },
  },
});

/** engine/hub → test/hub, renderer/run → test/renderer/run; with the others that hold the room. */
function testsOf(path: string): string[] {
  if (values.tests) return values.tests.split(',');
  const room = Object.keys(ROOMS).find((each) => path === each || path.startsWith(`${each}/`));
  const mirrored = room ?? path.replace(/\/[^/]*\.tsx?$/, '');
  return [`test/${mirrored.replace(/^engine\//, '')}`, ...(ROOMS[mirrored] ?? [])];
}

function mocksModules(tests: readonly string[]): boolean {
  const files = execFileSync('git', ['ls-files', ...tests], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return files.some((file) => file.endsWith('.test.ts') && readFileSync(file, 'utf8').includes('vi.mock('));
}

async function mutate(path: string): Promise<readonly Mutant[]> {
  const tracked = execFileSync('git', ['ls-files', path], { encoding: 'utf8' }).split('\n');
  const files = tracked.filter((file) => /(?<!\.d)\.tsx?$/.test(file));
  const tests = testsOf(path);
  process.env.MUTATION_TESTS = tests.join(',');
  // Much of what tests take is loading what they share. What a file works out as it loads is loaded anew, and so is
  // what a test has a module stand in for.
  process.env.MUTATION_ISOLATE = String(values.static || mocksModules(tests));
  return new Stryker({
    mutate: files.flatMap((file) =>
      chosenLines(file, readFileSync(file, 'utf8'), Number(values.share), values.seed),
    ),
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner', './test/mutation/stryker-plugins.mjs'],
    ignorers: ['wording'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    // Stryker would rewrite it with an interface that TypeScript 7 no longer has.
    tsconfigFile: 'none',
    reporters: ['progress-append-only', 'survivors'],
    concurrency: Number(values.jobs),
    // What a file works out as it loads can only be tested by all tests of the room.
    ignoreStatic: !values.static,
    // What is slow for others' work alone is not without end.
    timeoutMS: Number(values.timeout) * 1000,
    dryRunTimeoutMinutes: 20,
    incremental: true,
    incrementalFile: `${WORK}/${path.replaceAll('/', '-')}.json`,
    tempDirName: `${WORK}/sandbox`,
    ignorePatterns: ['/docs', '/bench/work', '/dist', '/assets/*.png'],
    cleanTempDir: 'always',
    allowEmpty: true,
    warnings: false,
  }).runMutationTest();
}

// Others use the machine as well.
setPriority(constants.priority.PRIORITY_LOW);
mkdirSync(WORK, { recursive: true });
const all: Mutant[] = [];
for (const path of positionals.length > 0 ? positionals : Object.keys(ROOMS)) {
  const mutants = await mutate(path);
  all.push(...mutants);
  const text = report(path, mutants);
  writeFileSync(`${WORK}/${path.replaceAll('/', '-')}.txt`, text);
  console.log(text);
}
if (positionals.length !== 1) console.log(report('all rooms', all));

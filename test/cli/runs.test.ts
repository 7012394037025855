/** The `runs` command: what is listed of stored runs, and how their deltas are held to each other. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunConfig, RunSummary } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { cli } from './process';

const folder = temporaryFolder();
const data = join(folder, 'data');
const engine = testEngine(data);
const { folder: model, options } = writeDecoder(join(folder, 'model'), { d: 32, logitSize: 2, seed: 3 });

const runs = (...args: string[]) => cli(['runs', ...args], { SLOT_STUDIO_DATA: data });

beforeAll(async () => {
  const ask = (runId: string, text: string, lanes: object[]) =>
    engine.run(
      runId,
      RunConfig.parse({
        model: { folder: model },
        prompt: { kind: 'raw', text },
        lanes,
        generation: { maxNewTokens: 2, ignoreEos: true },
      }),
      () => {},
      true,
    );
  const slot = { name: 'slot', steps: 2, lr: 0.2 };
  await ask('apples', 'Tom has 3 apples.\u001b[31m', [{ name: 'baseline', steps: 0 }, slot]);
  await ask('train', 'A train leaves at noon.', [
    slot,
    { ...slot, name: 'minus', origin: { kind: 'minus' } },
  ]);
});

describe('runs', () => {
  it('list has a line for each, newest first, in which nothing of a run commands the terminal', async () => {
    const { code, stdout, stderr } = await runs('list');
    expect([code, stderr]).toEqual([0, '']);
    const [train, apples, ...rest] = stdout.split('\n');
    expect(rest).toEqual(['']);
    expect(train).toMatch(
      /^train {2}\d{4}-\d\d-\d\dT\d\d:\d\d {2}\S*model {2}slot, minus {2}A train leaves at noon\.$/,
    );
    expect(apples).toMatch(/^apples .* baseline, slot {2}Tom has 3 apples\./);
    expect(stdout).not.toContain('\u001b');
  });

  it('list --json has what is known of each', async () => {
    const { stdout } = await runs('list', '--json');
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => RunSummary.parse(JSON.parse(line)));
    expect(found.map(({ runId }) => runId)).toEqual(['train', 'apples']);
    expect(found[0]).toMatchObject({
      outcome: 'done',
      lanes: [{ name: 'slot', steps: 2 }, { name: 'minus' }],
    });
  });

  it('similarity is a matrix of all lanes, or of those that are named', async () => {
    const { code, stdout } = await runs('similarity', 'apples', 'train');
    expect(code).toBe(0);
    const [, first, second, third, meaning] = stdout.split('\n');
    expect(first).toMatch(/^ {2}1 {2}1\.000 .* apples\/slot@2, norm \d+\.\d{3}$/);
    expect(second).toMatch(/ train\/slot@2, norm /);
    expect(third).toMatch(/ -1\.000 {2}1\.000 {3}train\/minus@1, norm /);
    expect(meaning).toContain(`of ${options.d} numbers`);
  });

  it('similarity --csv is of lanes and steps as they are named', async () => {
    const { stdout } = await runs('similarity', 'apples/slot@1', 'train/minus', '--csv');
    expect(stdout.split(/\r?\n/)[0]).toBe('\ufeffdelta,apples/slot@1,train/minus@1');
  });

  it.each([
    [['similarity', 'apples/slot'], 'one delta has nothing to be like'],
    [['similarity', 'apples', 'train@3'], 'run train: lane "slot" took 2 steps, so it has no step 3'],
  ])('%j is refused in one line', async (args, why) => {
    const { code, stdout, stderr } = await runs(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(why);
  });

  it('list says so where none is stored', async () => {
    const { code, stdout, stderr } = await cli(['runs', 'list'], { SLOT_STUDIO_DATA: join(folder, 'none') });
    expect([code, stdout, stderr]).toEqual([0, '', 'no run is stored yet: `run --save` keeps one\n']);
  });
});

/** `sweep` over one prompt: a grid of lanes in as few runs as hold them, and a table that says what their events say. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addEvalCommands } from '../../engine/cli/eval-command';
import { gridLanes } from '../../engine/cli/eval-lanes';
import { runsOf } from '../../engine/cli/sweep-prompt';
import { SweepReport } from '../../engine/cli/sweep-report';
import { RunEvent } from '../../engine/protocol';
import { one, only, temporaryFolder } from '../../fixtures/runs';
import { cli } from './process';

const folder = temporaryFolder();
const TEXT = 'Tom has 3 apples and buys 5 more. How many apples does he have?';
const sweep = ['sweep', '--prompt', TEXT, '--max-new-tokens', '8'];

const eventsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => RunEvent.parse(JSON.parse(line)));

/** Cells of a table's rows, by their first. */
function rowsOf(stdout: string): Map<string, string[]> {
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  return new Map(rows.map(([name = '', ...cells]) => [name, cells]));
}

describe.concurrent('a sweep over one prompt', () => {
  it('prints of each setting what a run of the same lanes comes to', async () => {
    const lanes = ['baseline', 'slot:1x0.3', 'slot:3x0.3', 'slot:1x1', 'slot:3x1'];
    const [{ code, stdout, stderr }, run] = await Promise.all([
      cli([...sweep, '--steps', '0,1,3', '--lr', '0.3,1', '--system', 'Be brief.']),
      cli(['run', ...sweep.slice(1), '--lanes', lanes.join(), '--system', 'Be brief.', '--json']),
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const rows = rowsOf(stdout);
    const events = eventsOf(run.stdout);
    const baseline = one(events, 'lane.done', 'baseline');
    expect([...rows.keys()].slice(0, 6)).toEqual(['setting', ...lanes]);
    expect(rows.get('baseline')![2]).toBe('·');
    const places = lanes.slice(1).map((lane) => {
      const slot = one(events, 'slot.done', lane);
      const answer = one(events, 'lane.done', lane);
      const at = answer.ids.findIndex((id, i) => id !== baseline.ids[i]);
      expect(rows.get(lane)!.slice(0, 5)).toEqual([
        `${slot.initialLoss.toFixed(4)} → ${slot.finalLoss.toFixed(4)}`,
        slot.deltaNorm.toFixed(4),
        at < 0 ? 'same' : `at token ${at + 1}`,
        String(answer.tokens),
        answer.reason,
      ]);
      expect(answer.text.startsWith(rows.get(lane)![5]!.replace(/…$/, ''))).toBe(true);
      return at;
    });
    // Else nothing was tested.
    expect(new Set(places).size).toBeGreaterThan(1);
  });

  it('takes more runs where one has too few lanes, each with the baseline, and keeps them all', async () => {
    const SLOT_STUDIO_DATA = join(folder, 'data');
    const file = join(folder, 'prompt.txt');
    writeFileSync(file, `${TEXT}\n`);
    const { code, stdout, stderr } = await cli(
      [
        ...['sweep', '--prompt-file', file, '--trim-final-newline', '--raw', '--max-new-tokens', '2'],
        ...['--steps', '0..4', '--lr', '0.1,0.2', '--presets', 'vllm', '--json', '--save'],
      ],
      { SLOT_STUDIO_DATA },
    );
    expect(code).toBe(0);
    const started = only(eventsOf(stdout), 'run.started');
    expect(started.map(({ config }) => config.lanes.map(({ name }) => name))).toEqual([
      ['baseline', ...[1, 2, 3, 4].map((steps) => `slot:${steps}x0.1/vllm`)],
      ['baseline', ...[1, 2, 3, 4].map((steps) => `slot:${steps}x0.2/vllm`)],
    ]);
    expect(started[0]!.config.prompt).toEqual({ kind: 'raw', text: TEXT });
    expect(stderr).toMatch(/^note: 8 settings and the baseline are more than the 8 lanes .*: 2 runs, /);
    const kept = readdirSync(join(SLOT_STUDIO_DATA, 'runs'));
    expect(kept.toSorted()).toEqual(started.map(({ runId }) => runId).toSorted());
    for (const { runId } of started) expect(stderr).toContain(`kept as run ${runId}\n`);
  });

  it('that is interrupted prints what it has, and begins no other run', async () => {
    const args = [...sweep, '--steps', '400', '--lr', '0.001,0.002,0.003,0.004,0.005,0.006,0.007,0.008'];
    const interrupted = await cli([...args, '--json'], {}, (child, output) => {
      if (output.includes('"slot.step"') && !child.killed) child.kill('SIGINT');
    });
    expect(interrupted.code).toBe(130);
    const events = eventsOf(interrupted.stdout);
    expect(only(events, 'run.started')).toHaveLength(1);
    expect(events.at(-1)).toEqual({ type: 'run.cancelled' });
  });
});

it('lanes of one learning rate stay in one run as long as they fit, and no run is fuller than it can be', () => {
  const sizes = (steps: string, lr: string) =>
    runsOf(gridLanes({ steps, lr, presets: 'transformers' }).slice(1), 7).map((lanes) =>
      lanes.map(({ name }) => name.slice('slot:'.length)),
    );
  expect(sizes('0..3', '1,2,3')).toEqual([
    ['1x1', '2x1', '3x1', '1x2', '2x2', '3x2'],
    ['1x3', '2x3', '3x3'],
  ]);
  expect(sizes('1..9', '1')).toEqual([
    ['1x1', '2x1', '3x1', '4x1', '5x1', '6x1', '7x1'],
    ['8x1', '9x1'],
  ]);
});

describe('the table', () => {
  function printed(events: readonly RunEvent[]): string {
    const out = new PassThrough() as unknown as WriteStream;
    const report = new SweepReport(out, new PassThrough() as unknown as WriteStream, ['baseline', 'a', 'b']);
    for (const event of events) report.show(event);
    report.summary();
    return String((out as unknown as PassThrough).read() ?? '');
  }

  const done = (
    lane: string,
    ids: number[],
    reason: 'eos' | 'length' | 'cancelled',
    text = '',
  ): RunEvent => ({
    ...{ type: 'lane.done', lane, text, ids, reason, tokens: ids.length, ms: 1 },
  });

  it('says where answers part, also where one is the beginning of the other, and not of one cut off before', () => {
    const rows = rowsOf(
      printed([done('baseline', [5, 6, 7], 'eos'), done('a', [5, 6], 'eos'), done('b', [5, 6], 'cancelled')]),
    );
    expect(rows.get('a')![2]).toBe('at token 3');
    expect(rows.get('b')![2]).toBe('·');
  });

  it('says why a setting failed, and nothing hostile of an answer', () => {
    const message = 'the loss is no finite number at step 2';
    const text = printed([
      done('baseline', [5], 'eos', 'a\u001b[2J\nb'),
      { type: 'lane.failed', lane: 'a', code: 'not-finite', message, hint: '', step: 1 },
    ]);
    expect(rowsOf(text).get('a')!.slice(-2)).toEqual(['failed', message]);
    expect(text).not.toContain('\u001b');
  });

  it('of nothing is nothing', () => {
    expect(printed([])).toBe('');
  });
});

describe('bad input', () => {
  /** As the process does, but for exit codes and output. */
  async function run(args: readonly string[]): Promise<unknown> {
    const program = new Command().exitOverride();
    addEvalCommands(program);
    return program.parseAsync(['sweep', ...args], { from: 'user' });
  }

  it.each([
    ['--limit goes with a data set', ['--prompt', 'x', '--limit', '3']],
    ['--data goes with a data set', ['--prompt', 'x', '--data', 'starter']],
    ['--no-halves goes with a data set', ['--messages', 'x', '--no-halves']],
    ['--save goes with one prompt', ['--data', 'starter', '--save']],
    ['--raw goes with one prompt', ['--raw']],
    ['--prompt, --prompt-file or --messages', ['--prompt', 'x', '--prompt-file', 'y']],
    ['--steps: there is no setting', ['--prompt', 'x', '--steps', '0']],
    ['--steps × --lr: 1000 settings', ['--prompt', 'x', '--steps', '1..1000', '--lr', '1']],
    ['--steps: ', ['--prompt', 'x', '--steps', '1001', '--lr', '1']],
    ['--lr: ', ['--prompt', 'x', '--lr', 'fast']],
    ['--presets: there is no preset "paper"', ['--prompt', 'x', '--presets', 'paper']],
    ['--temperature: ', ['--prompt', 'x', '--temperature', '-1']],
  ])('%s', async (message, args) => {
    await expect(run(args)).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringContaining(message),
    });
  });
});

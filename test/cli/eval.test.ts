/** Evaluations on the command line: the command of a result makes the same settings again, and bad input is one line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { evalConfig, sweepConfig } from '../../engine/cli/eval-config';
import {
  addDataOptions,
  addLaneOptions,
  addSweepOptions,
  type EvalOptions,
} from '../../engine/cli/eval-options';
import { commandOf } from '../../engine/evaluate/command';
import { evaluationOptions } from '../../engine/evaluate/options';
import type { EvaluationConfig } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { cli } from './process';

const folder = temporaryFolder();
const known = evaluationOptions();

/** Words as a POSIX shell takes them, of what `commandOf` writes. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:'((?:[^']|'\\'')*)'|(\S+))(?:\s|$)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll("'\\''", "'"),
  );
}

function read([, name, ...args]: string[]): EvaluationConfig {
  const command = new Command().exitOverride();
  const withLanes = name === 'sweep' ? addSweepOptions : addLaneOptions;
  const options = withLanes(addDataOptions(command)).parse(args, { from: 'user' }).opts<EvalOptions>();
  return (name === 'sweep' ? sweepConfig : evalConfig)(options, known, new Map());
}

describe('the command of a result', () => {
  it.each([
    ['eval --data starter'],
    ['eval --data gsm8k --split train --limit 100 --shuffle 7 --with-controls --graders paper,number'],
    [
      'eval --data gsm8k --lanes baseline,a=slot:3x0.01/vllm/wd0.1,random:5x0.1@9 --temperature 0.6 --top-p 0.95 --samples 4 --pass-at 1,4',
    ],
    [
      'eval --data x.csv --columns question=q,answer=a,choices=A+B+C --gold-after "#### " --skip-broken --half choose --salt s',
    ],
    [
      'eval --data x.jsonl --user "Q: {{question}}\nA:" --raw-form --stop "Q:" --stop "\n\n" --max-new-tokens 9 --ignore-eos',
    ],
    [
      'eval --data x.jsonl --model "a folder" --dtype q4 --device webgpu --memory-saver --arithmetic fast --graders regex --pattern "it\'s (\\d+)"',
    ],
    [
      'eval --data starter --template-var enable_thinking=false --template-date 2024-07-26 --refuse-rejected --rows 2 --seed 5',
    ],
    ['sweep --data starter --limit 60 --steps 0..5 --lr 0.01,0.03,0.1,0.3'],
    [
      'sweep --data starter --steps 1,3 --lr 1e-4 --presets transformers,vllm --weight-decay 0,0.1 --no-halves',
    ],
  ])('%s', (line) => {
    const given = [...`studio ${line}`.matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, plain]) => quoted ?? plain!,
    );
    const config = read(given);
    expect(read(words(commandOf(config)))).toEqual(config);
  });
});

it('a sweep has the baseline and each setting once', () => {
  const { lanes, sweep } = read('studio sweep --data starter --steps 0..2 --lr 0.1,0.01'.split(' '));
  expect(lanes.map(({ name }) => name)).toEqual([
    'baseline',
    'slot:1x0.1',
    'slot:2x0.1',
    'slot:1x0.01',
    'slot:2x0.01',
  ]);
  expect(sweep).toEqual({ split: true });
});

describe('bad input', () => {
  it.each([
    ['--lanes: slot:5: ', 'eval --data starter --lanes slot:5'],
    ['--data: say which', 'eval'],
    ['--limit: ', 'eval --data starter --limit none'],
    ['--graders: there is no grader "guess"', 'eval --data starter --graders guess'],
    ['--pattern goes with', 'eval --data starter --graders regex'],
    ['--columns: "q" is not', 'eval --data x.csv --columns q'],
    ['--form: ', 'eval --data starter --form sonnet'],
    ['--split: a file', 'eval --data x.csv --split test'],
    ['a named data set takes no option of a file', 'eval --data starter --skip-broken'],
    ['--pass-at: pass@k needs at least k samples', 'eval --data starter --samples 4 --pass-at 8'],
    ['--steps: 5..1 is no range', 'sweep --data starter --steps 5..1'],
    ['--lr: a value stands twice', 'sweep --data starter --lr 0.1,0.1'],
    ['--lr: ', 'sweep --data starter --lr fast'],
  ])('%s', (message, line) => {
    expect(() => read(`studio ${line}`.split(' '))).toThrow(message);
  });

  it('in a file is one line that names its line, and nothing is stored', async () => {
    const file = join(folder, 'broken.jsonl');
    writeFileSync(file, '{"question": "1 + 1?", "answer": "2"}\n{"question": \n');
    const env = { SLOT_STUDIO_DATA: join(folder, 'data') };
    const { code, stderr, stdout } = await cli(['eval', '--data', file], env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: .*broken\.jsonl, line 2: [^\n]*--skip-broken\. \[bad-row\]\n$/);
    expect((await cli(['evals', 'list'], env)).stdout).toBe('');
  });
});

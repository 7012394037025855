/** A copied command, taken apart by a real shell and read by the command line itself, is the run that it was copied from. */
import { execFileSync } from 'node:child_process';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type LaneOptions, readLanes } from '../../../engine/cli/lane-options';
import { type PromptOptions, readPrompt } from '../../../engine/cli/prompt-options';
import { addRunCommand, readGroup } from '../../../engine/cli/run-command';
import { runConfig, type SharedOptions } from '../../../engine/cli/run-config';
import { GivenDelta, RunConfig, type RunConfigInput, readSource } from '../../../engine/protocol';
import { commandOf } from '../../../renderer/export/command-of-run';

type Options = PromptOptions &
  LaneOptions &
  SharedOptions & { listLength: string; group: string[]; samples?: string };

/** What the shell makes of a command's words and of its standard input. */
function taken(command: string): { args: string[]; input: string } {
  const shown = command.replace(/npm run -s cli -- run(?= )/, 'show');
  const script = `show() { printf '%s\\0' "$@"; printf '\\1'; [ -t 0 ] || cat; }\n${shown}`;
  const output = execFileSync('sh', ['-c', script], { encoding: 'utf8', input: '' });
  const [words = '', input = ''] = output.split('\u0001');
  return { args: words.split('\0').slice(0, -1), input };
}

async function readBack(command: string): Promise<RunConfig> {
  const { args, input } = taken(command);
  const program = new Command().exitOverride();
  addRunCommand(program);
  let options: Options | undefined;
  const [run] = program.commands;
  run!.action((given: Options) => {
    options = given;
  });
  await program.parseAsync(['run', ...args], { from: 'user' });
  const given = options!;
  const prompt =
    given.messages === '-'
      ? ({ kind: 'chat', messages: JSON.parse(input) } satisfies RunConfigInput['prompt'])
      : await readPrompt(given);
  const deltas = new Map((given.delta ?? []).map(namedDelta));
  return runConfig(given, RunConfig.shape.prompt.parse(prompt), readLanes(given, prompt as never, deltas), {
    listLength: Number(given.listLength),
    groups: given.group.map(readGroup),
    ...(given.samples === undefined ? {} : { samples: Number(given.samples) }),
  });
}

/** As the engine looks it up, but for the numbers. */
function namedDelta(option: string): [string, GivenDelta] {
  const read = readSource(option);
  if ('problem' in read) throw new Error(read.problem);
  const { name, source } = read;
  return [name, GivenDelta.parse({ source })];
}

const chat = (...messages: [role: 'system' | 'user' | 'assistant', content: string][]) => ({
  kind: 'chat' as const,
  messages: messages.map(([role, content]) => ({ role, content })),
});
const ODD = `It's "3 > 2" & $HOME \`pwd\` \\ %s !\n\ttwo lines; # no comment 🙂`;
const BASELINE = { name: 'baseline', steps: 0 };
const SLOT = { name: 'slot', steps: 5 };

const RUNS: Record<string, RunConfigInput> = {
  plain: { prompt: chat(['user', 'hi']), lanes: [BASELINE, SLOT] },
  'with odd texts': { prompt: chat(['system', ODD], ['user', `-${ODD}`]), lanes: [SLOT] },
  raw: { prompt: { kind: 'raw', text: ODD }, lanes: [SLOT] },
  'with turns': {
    prompt: chat(['user', ODD], ['assistant', `MESSAGES\n${ODD}`], ['user', 'more']),
    lanes: [SLOT],
  },
  'with every setting': {
    model: { folder: "/a b/it's", dtype: 'q4', device: 'webgpu', memorySaver: true, arithmetic: 'fast' },
    prompt: chat(['user', 'hi']),
    template: { variables: { enable_thinking: false, name: 'a b', list: [1, 'x'] }, date: '2024-07-26' },
    lanes: [
      BASELINE,
      { name: 'mine', steps: 3, lr: 0.02, preset: 'vllm', weightDecay: 0.5 },
      {
        name: 'odd',
        steps: 4,
        lr: 1e-7,
        optimiser: 'sgd',
        scope: {
          kind: 'tokens',
          ranges: [
            { first: 1, last: 4 },
            { first: 8, last: 8, weight: 0.5 },
          ],
        },
        half: { seed: 3, stopsEarly: true },
        klBudget: 0.25,
      },
      { name: 'betas', steps: 2, betas: [0.5, 0.75], eps: 1e-6 },
    ],
    generation: {
      maxNewTokens: 7,
      temperature: 0.5,
      topP: 0.9,
      seed: 11,
      ignoreEos: true,
      stops: ['\n\n', "it's"],
    },
    groups: [
      { name: "it's", words: ['a b', 'c'] },
      { name: 'digits', words: [], pattern: '^\\d+$', flags: 'iu' },
    ],
    listLength: 9,
    samples: 12,
  },
  'with controls': {
    prompt: chat(['system', 's'], ['user', 'hi']),
    lanes: [
      SLOT,
      { ...SLOT, name: 'minus', origin: { kind: 'minus' } },
      { ...SLOT, name: 'random 7', origin: { kind: 'random', seed: 7 } },
      { ...SLOT, name: 'half of it', origin: { kind: 'scaled', factor: -0.5 } },
      { ...SLOT, name: 'template', origin: { kind: 'template' } },
      { ...SLOT, name: 'temperature', origin: { kind: 'temperature' } },
      {
        ...SLOT,
        name: 'mean',
        origin: {
          kind: 'prompts',
          prompts: [chat(['system', 's'], ['user', ODD]), chat(['system', 's'], ['user', 'b'])],
        },
      },
      {
        ...SLOT,
        name: 'other',
        origin: { kind: 'prompts', prompts: [chat(['system', 's'], ['user', ODD])] },
      },
    ],
  },
};

RUNS['with given deltas'] = {
  prompt: chat(['user', 'hi']),
  lanes: [
    { ...SLOT, name: 'centred', origin: { kind: 'centred' } },
    { name: 'given', steps: 1, origin: { kind: 'given', terms: [{ factor: 1, source: stored(3) }] } },
    {
      name: 'apart',
      steps: 1,
      origin: {
        kind: 'given',
        centred: true,
        terms: [
          { factor: -1.5, source: stored(5) },
          { factor: 1e-7, source: stored(3) },
        ],
      },
    },
  ],
};

function stored(step: number) {
  return { kind: 'run' as const, runId: 'r-1', lane: 'slot lr 1', step };
}

describe('the command of a run', () => {
  it.each(Object.entries(RUNS))('%s repeats it', async (_, run) => {
    const config = RunConfig.parse(run);
    expect(await readBack(commandOf(config))).toEqual(config);
  });

  it('says which lanes it leaves out', async () => {
    const config = RunConfig.parse({
      prompt: chat(['user', 'hi']),
      lanes: [SLOT, { ...SLOT, name: 'branch\nrm -rf', forcedPrefix: [3] }],
    });
    const command = commandOf(config);
    expect(command.split('\n')[0]).toBe(
      '# lane "branch\\nrm -rf" has no form on the command line and is left out',
    );
    expect((await readBack(command)).lanes.map(({ name }) => name)).toEqual(['slot']);
  });
});

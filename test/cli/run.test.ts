/** The command line as its user meets it: exit codes, one line of error, valid events, nothing hostile on the terminal. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { one, only, temporaryFolder } from '../../fixtures/runs';
import { cli } from './process';

const folder = temporaryFolder();
const { folder: model } = writeDecoder(join(folder, 'model'), { layers: 1 });
const TEXT = 'Tom has 3 apples and buys 5 more.';
const run = ['run', '--model', model, '--prompt', TEXT, '--max-new-tokens', '4', '--steps', '3'];

const eventsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => RunEvent.parse(JSON.parse(line)));

describe.concurrent('exit code', () => {
  it('0: events as JSON lines, none of them off the contract', async () => {
    const { code, stdout, stderr } = await cli([...run, '--json', '--seed', '7', '--list-length', '4']);
    expect([code, stderr]).toEqual([0, '']);
    const events = eventsOf(stdout);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(events);
    const started = one(events, 'run.started');
    expect(started.config).toMatchObject({
      generation: { maxNewTokens: 4, seed: 7, temperature: 0 },
      lanes: [
        { name: 'baseline', steps: 0 },
        { name: 'slot', steps: 3, lr: 0.1, preset: 'transformers' },
      ],
      listLength: 4,
    });
    expect(only(events, 'slot.step').map(({ boosted }) => boosted.length)).toEqual([4, 4, 4]);
    expect(events.at(-1)!.type).toBe('run.done');
  });

  it('0: samples with their answers, first tokens and branches', async () => {
    const sampled = [...run, '--samples', '5', '--temperature', '2', '--seed', '3'];
    const { code, stdout } = await cli(sampled);
    expect(code).toBe(0);
    const shares = [...stdout.matchAll(/^(\d) of 5 {2,}(\d+\.0 %) {2,}(\d+\.\d %) to (\d+\.\d %)/gm)];
    const counts = shares.map(([, count]) => Number(count));
    // Of each lane.
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10);
    // Wilson's interval of 1 in 5.
    for (const [, count, share, lower, upper] of shares)
      if (count === '1') expect([share, lower, upper]).toEqual(['20.0 %', '3.6 %', '62.4 %']);
    expect(stdout.match(/^first token +share +of a draw +probability +no delta$/gm)).toHaveLength(2);
    const events = eventsOf((await cli([...sampled, '--json'])).stdout);
    expect(
      only(events, 'sample.done')
        .map(({ seed }) => seed)
        .sort(),
    ).toEqual([3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
  });

  it('0: and nothing is written that was not asked for, by onnxruntime either', async () => {
    const home = mkdtempSync(join(folder, 'home-'));
    const nowhere = { HOME: home, USERPROFILE: home, XDG_CACHE_HOME: undefined, XDG_DATA_HOME: undefined };
    expect((await cli(run, nowhere)).code).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')(
    '0: though what is said beside the output finds no room',
    async () => {
      const SLOT_STUDIO_DATA = join(folder, 'mute');
      const mute = ['sh', '-c', 'exec "$@" 2>/dev/full', 'sh'];
      const { code, stdout } = await cli([...run, '--save'], { SLOT_STUDIO_DATA }, () => {}, mute);
      expect([code, readdirSync(join(SLOT_STUDIO_DATA, 'runs')).length]).toEqual([0, 1]);
      expect(stdout).toContain('loss after the last step');
    },
  );

  it('0: a report to read, with both answers, and the run kept if asked for', async () => {
    const SLOT_STUDIO_DATA = join(folder, 'data');
    const { code, stdout, stderr } = await cli([...run, '--save'], { SLOT_STUDIO_DATA });
    expect(code).toBe(0);
    for (const part of ['logit shift', 'baseline', 'slot', 'loss after the last step', 'group means']) {
      expect(stdout).toContain(part);
    }
    // Of three steps, counted from 1.
    expect(stdout.match(/^ +\d+(?= +\d)/gm)?.map(Number)).toEqual([1, 2, 3]);
    expect(stdout).toContain('after step 3, raw');
    const [id] = readdirSync(join(SLOT_STUDIO_DATA, 'runs'));
    expect(stderr).toContain(id);
    const kept = readFileSync(join(SLOT_STUDIO_DATA, 'runs', id!, 'events.jsonl'), 'utf8');
    expect(eventsOf(kept).at(-1)!.type).toBe('run.done');
  });

  it('0: a prompt file as it announces itself, with its last newline told of, or without it', async () => {
    const file = join(folder, 'prompt.txt');
    writeFileSync(file, Buffer.from(`\ufeff${TEXT} €\n`, 'utf16le'));
    const args = [
      'run',
      '--model',
      model,
      '--prompt-file',
      file,
      '--max-new-tokens',
      '1',
      '--steps',
      '0',
      '--json',
    ];
    const [kept, trimmed] = await Promise.all([cli(args), cli([...args, '--trim-final-newline'])]);
    const prompt = ({ stdout }: { stdout: string }) => one(eventsOf(stdout), 'run.started').prompt;
    expect(prompt(kept).text).toContain(`${TEXT} €\n<|im_end|>`);
    expect(prompt(trimmed).text).toContain(`${TEXT} €<|im_end|>`);
    const tokens = prompt(kept).ids.length - prompt(trimmed).ids.length;
    expect(tokens).toBe(1);
    expect(kept.stderr).toContain(`makes ${tokens} token of the prompt; --trim-final-newline`);
    expect(trimmed.stderr).toBe('');
  });

  it('0: template variables and the day reach the template, and are kept with the run', async () => {
    const folderOf = join(folder, 'template');
    cpSync(model, folderOf, { recursive: true });
    writeFileSync(
      join(folderOf, 'chat_template.jinja'),
      '{{ strftime_now("%d %b %Y") }} {{ enable_thinking == false }} {{ style }} {{ messages[0].content }}',
    );
    const { stdout, stderr } = await cli([
      ...['run', '--model', folderOf, '--prompt', TEXT, '--max-new-tokens', '1', '--steps', '0', '--json'],
      ...['--template-var', 'enable_thinking=false', '--template-var', 'style=so=so'],
      ...['--template-date', '2024-07-26'],
    ]);
    expect(stderr).toBe('');
    const { prompt, config } = one(eventsOf(stdout), 'run.started');
    expect(prompt.text.toLowerCase()).toBe(`26 Jul 2024 true so=so ${TEXT}`.toLowerCase());
    expect(config.template).toEqual({
      variables: { enable_thinking: false, style: 'so=so' },
      date: '2024-07-26',
    });
  });

  it('0 when the reader of the output leaves', async () => {
    const { code, stderr } = await cli(
      [...run, '--json', '--max-new-tokens', '500', '--ignore-eos'],
      {},
      (child) => {
        child.stdout?.destroy();
      },
    );
    expect([code, stderr]).toEqual([0, '']);
  });

  it('1 for a failure, said in one line', async () => {
    const { folder: strange, onnxPath } = writeDecoder(join(folder, 'strange'), { layers: 1 });
    const bytes = readFileSync(onnxPath, 'latin1');
    writeFileSync(onnxPath, bytes.replaceAll('Sigmoid', 'Sigmund'), 'latin1');
    const { code, stdout, stderr } = await cli(['run', '--model', strange, '--prompt', 'x', '--json']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: [^\n]*Sigmund[^\n]*\n$/);
    expect(eventsOf(stdout)).toEqual([expect.objectContaining({ type: 'run.failed', code: 'session' })]);
  });

  it('1 when a run that is to be kept cannot be, all of it printed nevertheless', async () => {
    writeFileSync(join(folder, 'occupied'), '');
    const SLOT_STUDIO_DATA = join(folder, 'occupied', 'below');
    const { code, stdout, stderr } = await cli([...run, '--save', '--json'], { SLOT_STUDIO_DATA });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: [^\n]*SLOT_STUDIO_DATA[^\n]*\n$/);
    const events = eventsOf(stdout);
    expect(only(events, 'lane.done')).toHaveLength(2);
    expect(events.at(-1)!.type).toBe('run.done');
    expect(one(events, 'notice').code).toBe('not-kept');
  });

  it.each<[string, string[]]>([
    ['a value out of range', [...run, '--steps', '-5']],
    ['a folder that is no model', ['run', '--prompt', 'x', '--model', folder]],
    ['an unknown option', [...run, '--stpes', '5']],
    ['an option without its value', ['run', '--prompt']],
    ['an unknown command', ['rum']],
  ])('2 for %s, said in one line', async (_, args) => {
    const { code, stdout, stderr } = await cli(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: [^\n]+\n(\(Did you mean [^\n]+\)\n)?$/);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });

  it('130 for an interrupt, after the events of a cancelled run', async () => {
    let sent = false;
    const { code, stdout, stderr } = await cli([...run, '--json', '--steps', '1000'], {}, (child, output) => {
      if (sent || !output.includes('"slot.step"')) return;
      sent = true;
      child.kill('SIGINT');
    });
    expect([code, stderr]).toEqual([130, '']);
    const events = eventsOf(stdout);
    expect(events.at(-1)).toEqual({ type: 'run.cancelled' });
    expect(only(events, 'slot.step').length).toBeLessThan(1000);
  });
});

describe.concurrent('hostile text', () => {
  // Escape sequences, C1 controls, a carriage return, an override of text direction, a bell.
  const hostile = 'a\u001b[2Jb\u009b31mc\rd\u202ee\u2066f\u0007g\u007f';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not come out
  const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

  it('in a prompt comes out escaped, and whole', async () => {
    const { stdout } = await cli([
      'run',
      '--model',
      model,
      '--raw',
      '--prompt',
      hostile,
      '--max-new-tokens',
      '2',
      '--json',
    ]);
    expect(stdout).not.toMatch(raw);
    expect(one(eventsOf(stdout), 'run.started').prompt.text).toBe(hostile);
  });

  it('in answers and lists of the report is escaped', async () => {
    // Byte tokens include every control character; hot sampling writes many of them.
    const hot = ['--temperature', '10', '--max-new-tokens', '300', '--ignore-eos', '--list-length', '300'];
    const { code, stdout } = await cli([...run, ...hot]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(raw);
    expect(stdout).toMatch(/\\x[01]/);
  });

  it('in a model’s name and files is escaped in the error', async () => {
    const named = join(folder, 'evil\u001b]0;x\u0007\n');
    mkdirSync(named);
    const { code, stderr } = await cli(['run', '--prompt', 'x', '--model', named]);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(raw);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

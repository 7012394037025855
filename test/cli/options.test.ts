/** Every wrong option is bad input whose one line names the option. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addRunCommand } from '../../engine/cli/run-command';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();
const { folder: model } = writeDecoder(join(folder, 'model'), { layers: 1, contextLength: 12 });

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** As the process does, but for exit codes and output. */
async function run(...args: string[]): Promise<unknown> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} });
  addRunCommand(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ outputError: () => {} });
  return program.parseAsync(['run', ...args], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const PROMPT = ['--prompt', 'x y', '--model', model];

it.each<[string, string[], RegExp]>([
  ['no prompt', ['--model', model], /--prompt, --prompt-file or --messages/],
  ['two prompts', [...PROMPT, '--prompt-file', 'f'], /--prompt, --prompt-file or --messages/],
  ['an empty prompt', ['--prompt', '', '--model', model], /prompt is empty/],
  [
    'an empty prompt file',
    ['--prompt-file', file('empty.txt', ''), '--raw', '--model', model],
    /prompt is empty/,
  ],
  [
    'a prompt file that is not there',
    ['--prompt-file', join(folder, 'gone.txt')],
    /gone\.txt cannot be read/,
  ],
  ['a folder for a prompt file', ['--prompt-file', folder], /cannot be read/],
  ['a prompt file without an end', ['--prompt-file', '/dev/zero'], /\/dev\/zero (has more than|cannot be)/],
  [
    'a prompt file in Latin-1',
    ['--prompt-file', file('latin.txt', Buffer.from('Größe', 'latin1'))],
    /latin\.txt is not UTF-8: byte 0xF6 at offset 2/,
  ],
  [
    'UTF-16 that does not say so',
    ['--prompt-file', file('wide.txt', Buffer.from('Hi', 'utf16le'))],
    /wide\.txt holds NUL/,
  ],
  [
    'samples that would all be the same',
    [...PROMPT, '--samples', '3'],
    /--samples: 3 samples at temperature 0/,
  ],
  [
    'more samples than can be read',
    [...PROMPT, '--samples', '300', '--temperature', '1'],
    /--samples: at most 256/,
  ],
  ['a newline of no file', [...PROMPT, '--trim-final-newline'], /--trim-final-newline/],
  ['a template variable without a value', [...PROMPT, '--template-var', 'thinking'], /name=value/],
  [
    'a template variable with a space',
    [...PROMPT, '--template-var', 'a b=1'],
    /--template-var a b: not a name: letters/,
  ],
  [
    'a template variable that no record can hold',
    [...PROMPT, '--template-var', '__proto__={}'],
    /__proto__: not a name/,
  ],
  [
    'a template variable twice',
    [...PROMPT, '--template-var', 'a=1', '--template-var', 'a=2'],
    /a is given twice/,
  ],
  [
    'Python for a template variable',
    [...PROMPT, '--template-var', 'a=False'],
    /--template-var a: This text counts as true: write false/,
  ],
  [
    'a deep template variable',
    [...PROMPT, '--template-var', `a=${'['.repeat(99)}${']'.repeat(99)}`],
    /Nested too deep/,
  ],
  ['a large template variable', [...PROMPT, '--template-var', `a=${'x'.repeat(70_000)}`], /characters/],
  ['a day that is none', [...PROMPT, '--template-date', '2024-02-30'], /--template-date/],
  [
    'a template variable for raw text',
    [...PROMPT, '--raw', '--template-var', 'a=1'],
    /--raw uses no template/,
  ],
  ['messages that are no JSON', ['--messages', file('no.json', '[{')], /no\.json is not valid JSON/],
  [
    'messages of an unknown role',
    ['--messages', file('role.json', '[{"role":"robot","content":""}]')],
    /role\.json: 0\.role/,
  ],
  ['messages that are no list', ['--messages', file('object.json', '{}')], /object\.json: the list/],
  ['no messages', ['--messages', file('none.json', '[]')], /none\.json/],
  ['a system message for a raw prompt', [...PROMPT, '--raw', '--system', 's'], /--raw/],
  ['a prompt beyond the context', ['--prompt', 'x'.repeat(50), '--model', model], /context holds 12/],
  ['an empty model', ['--prompt', 'x', '--model', ''], /--model/],
  ['a model that is not there', ['--prompt', 'x', '--model', join(folder, 'gone')], /gone is not there/],
  ['a dtype that is not there', [...PROMPT, '--dtype', 'q4'], /no dtype "q4"/],
  ['a group without a name', [...PROMPT, '--group', '/a/'], /--group \/a\/: Give it/],
  ['a group that is no pattern', [...PROMPT, '--group', 'a=/(/'], /--group a=\/\(\/: Not a regular/],
  ['a device of the future', [...PROMPT, '--device', 'quantum'], /--device/],
  ['another arithmetic', [...PROMPT, '--arithmetic', 'rough'], /--arithmetic.*exact.*fast/],
  ['an unknown preset', [...PROMPT, '--preset', 'paper'], /--preset.*transformers.*vllm/],
  ...['abc', '', ' ', '-1', '1.5', '1001', 'NaN', '1e999'].map((value): [string, string[], RegExp] => [
    `steps ${JSON.stringify(value)}`,
    [...PROMPT, '--steps', value],
    /--steps/,
  ]),
  ...['0', '-0.1', 'abc', '', '101', 'Infinity', '1,5'].map((value): [string, string[], RegExp] => [
    `lr ${JSON.stringify(value)}`,
    [...PROMPT, '--lr', value],
    /--lr/,
  ]),
  ...[
    ['--max-new-tokens', '0'],
    ['--max-new-tokens', '1e9'],
    ['--temperature', '-1'],
    ['--temperature', '11'],
    ['--top-p', '0'],
    ['--top-p', '1.1'],
    ['--seed', '-1'],
    ['--seed', '4294967296'],
    ['--seed', '0.5'],
    ['--list-length', '0'],
  ].map(([option, value]): [string, string[], RegExp] => [
    `${option} ${value}`,
    [...PROMPT, option!, value!],
    new RegExp(option!),
  ]),
])('%s', async (_, args, message) => {
  const error = await run(...args);
  expect(error).toMatchObject({
    name: 'EngineError',
    kind: 'input',
    message: expect.stringMatching(message),
  });
  expect((error as Error).message).not.toContain('\n');
});

/** Model folders made to exhaust or mislead: one line each, soon, naming the file at fault. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunConfigInput } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { only, temporaryFolder } from '../../fixtures/runs';
import { openModel, runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const engine = testEngine();
const whole = writeDecoder(join(folder, 'whole'), { layers: 1 }).folder;

let copies = 0;
function copy(): string {
  const path = join(folder, `copy-${++copies}`);
  cpSync(whole, path, { recursive: true });
  return path;
}

function answer(path: string, prompt: RunConfigInput['prompt']): RunConfigInput {
  return {
    model: { folder: path },
    prompt,
    lanes: [{ name: 'baseline', steps: 0 }],
    generation: { maxNewTokens: 1 },
  };
}

type Json = Record<string, unknown>;

function editJson(path: string, change: (json: Json) => void): void {
  const json = JSON.parse(readFileSync(path, 'utf8')) as Json;
  change(json);
  writeFileSync(path, JSON.stringify(json));
}

describe.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'])(
  '%s',
  (file) => {
    const rejection = (path: string, code: string) =>
      expect(openModel(engine, path)).rejects.toMatchObject({
        kind: 'input',
        code,
        message: expect.stringContaining(file),
      });

    it('of a gigabyte is not read', async () => {
      const path = copy();
      const fd = openSync(join(path, file), 'w');
      ftruncateSync(fd, 2 ** 30);
      closeSync(fd);
      await rejection(path, 'oversized-file');
    });

    it.skipIf(process.platform === 'win32')('that is a pipe or a device is not waited for', async () => {
      for (const put of [
        (target: string) => execFileSync('mkfifo', [target]),
        (target: string) => symlinkSync('/dev/zero', target),
      ]) {
        const path = copy();
        rmSync(join(path, file), { force: true });
        put(join(path, file));
        await rejection(path, 'unreadable-file');
      }
    });
  },
);

it('brackets nested a million deep are no config', async () => {
  const path = copy();
  const depth = 1_000_000;
  writeFileSync(join(path, 'config.json'), '['.repeat(depth) + ']'.repeat(depth));
  await expect(openModel(engine, path)).rejects.toMatchObject({ kind: 'input', code: 'malformed-json' });
});

it('a key named __proto__ changes nothing', async () => {
  const path = copy();
  for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) {
    const text = readFileSync(join(path, file), 'utf8');
    writeFileSync(join(path, file), text.replace('{', '{ "__proto__": { "is_encoder_decoder": true }, '));
  }
  await expect(openModel(engine, path)).resolves.toMatchObject({ layers: 1 });
  expect(Reflect.get({}, 'is_encoder_decoder')).toBeUndefined();
});

describe('a tokenizer.json', () => {
  it.each<[string, (json: Json) => void]>([
    ['with texts for ids', (json) => Object.assign(json.model as Json, { vocab: { a: 'x' } })],
    ['with negative ids', (json) => Object.assign(json.model as Json, { vocab: { a: -1 } })],
    [
      'with an id beyond all vocabularies',
      (json) => Object.assign(json.model as Json, { vocab: { a: 2 ** 31 } }),
    ],
    [
      'with such an added token',
      (json) => Object.assign(json, { added_tokens: [{ id: 2 ** 31, content: 'x' }] }),
    ],
    ['with a number for a piece', (json) => Object.assign(json.model as Json, { vocab: [[1, 2]] })],
    ['with a text for a vocabulary', (json) => Object.assign(json.model as Json, { vocab: 'abc' })],
    ['with an added token without a text', (json) => Object.assign(json, { added_tokens: [{ id: 1 }] })],
  ])('%s is malformed', async (_, change) => {
    const path = copy();
    editJson(join(path, 'tokenizer.json'), change);
    await expect(openModel(engine, path)).rejects.toMatchObject({ kind: 'input', code: 'malformed-json' });
  });

  it('that begins every text with a token it does not have says so', async () => {
    const path = copy();
    const single = [{ SpecialToken: { id: '<nobody>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }];
    editJson(join(path, 'tokenizer.json'), (json) => {
      json.post_processor = { type: 'TemplateProcessing', single, pair: [], special_tokens: {} };
    });
    await expect(openModel(engine, path)).rejects.toMatchObject({
      kind: 'input',
      code: 'tokenizer',
      message: expect.stringContaining('<nobody>'),
    });
  });
});

describe('a chat template', () => {
  const endless = {
    'counts for ever': '{% for i in range(10**9) %}{% for j in range(10**9) %}{% endfor %}{% endfor %}',
    'doubles a list':
      '{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}',
    'doubles a text':
      "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    'does not end': '{% for m in messages %}',
  };

  it.each(Object.entries(endless))('that %s is refused, and the engine goes on', async (_, template) => {
    const path = copy();
    writeFileSync(join(path, 'chat_template.jinja'), template);
    const chat = await runEvents(
      engine,
      answer(path, { kind: 'chat', messages: [{ role: 'user', content: 'x' }] }),
    );
    expect(chat.at(-1)).toMatchObject({ type: 'run.failed', kind: 'input', code: 'chat-template' });
    const raw = await runEvents(engine, answer(path, { kind: 'raw', text: 'x y' }));
    expect(only(raw, 'run.done')).toHaveLength(1);
  });
});

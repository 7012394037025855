/** Every broken model folder is refused in one line that names the file at fault, and the engine goes on. */
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineError } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { only, temporaryFolder } from '../../fixtures/runs';
import { openModel, runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const engine = testEngine();
const inline = writeDecoder(join(folder, 'inline'), { layers: 1 }).folder;
const external = writeDecoder(join(folder, 'external'), { layers: 1, weights: 'split' }).folder;

const ONNX = 'onnx/model.onnx';
const DATA = 'onnx/model.onnx_data_1';

interface Case {
  readonly what: string;
  readonly from?: string;
  /** Breaks the copy that lies at `path`. */
  readonly breaks: (path: (file: string) => string) => void;
  readonly code: string;
  /** What the message must name. */
  readonly names: string;
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'latin1')), 'latin1');
}

/** Another text of the same length, so that the file stays a protobuf. */
function swap(path: string, from: string, to: string): void {
  expect(to).toHaveLength(from.length);
  edit(path, (text) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  });
}

const CASES: readonly Case[] = [
  {
    what: 'no folder',
    breaks: (path) => rmSync(path('.'), { recursive: true }),
    code: 'no-folder',
    names: 'copy',
  },
  {
    what: 'a file for a folder',
    breaks: (path) => {
      rmSync(path('.'), { recursive: true });
      writeFileSync(path('.'), '');
    },
    code: 'no-folder',
    names: 'copy',
  },
  { what: 'no ONNX file', breaks: (path) => rmSync(path(ONNX)), code: 'no-model', names: ONNX },
  {
    what: 'a file where onnx/ should be',
    breaks: (path) => {
      rmSync(path('onnx'), { recursive: true });
      writeFileSync(path('onnx'), '');
    },
    code: 'no-model',
    names: ONNX,
  },
  {
    what: 'a symlink to an ONNX file that is gone',
    breaks: (path) => {
      rmSync(path(ONNX));
      symlinkSync('../blobs/gone', path(ONNX));
    },
    code: 'missing-file',
    names: 'model.onnx',
  },
  {
    what: 'a folder named model.onnx',
    breaks: (path) => {
      rmSync(path(ONNX));
      mkdirSync(path(ONNX));
    },
    code: 'unreadable-file',
    names: 'model.onnx',
  },
  {
    what: 'an empty ONNX file',
    breaks: (path) => truncateSync(path(ONNX), 0),
    code: 'malformed-onnx',
    names: 'model.onnx',
  },
  {
    what: 'half an ONNX file',
    breaks: (path) => truncateSync(path(ONNX), 20_000),
    code: 'malformed-onnx',
    names: 'model.onnx',
  },
  {
    what: 'a web page for an ONNX file',
    breaks: (path) => writeFileSync(path(ONNX), '<!doctype html><title>404</title>'),
    code: 'malformed-onnx',
    names: 'model.onnx',
  },
  {
    what: 'a Git LFS pointer for an ONNX file',
    breaks: (path) =>
      writeFileSync(path(ONNX), 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n'),
    code: 'missing-file',
    names: 'model.onnx',
  },
  {
    what: 'no external data',
    from: external,
    breaks: (path) => rmSync(path(DATA)),
    code: 'external-data-missing',
    names: 'model.onnx_data_1',
  },
  {
    what: 'external data cut off',
    from: external,
    breaks: (path) => truncateSync(path(DATA), 1000),
    code: 'external-data-short',
    names: 'model.onnx_data_1',
  },
  {
    what: 'external data above the folder',
    from: external,
    breaks: (path) => swap(path(ONNX), 'model.onnx_data_1', '../../../../secret'.slice(0, 17)),
    code: 'external-data-outside',
    names: '../../../../secre',
  },
  {
    what: 'external data at an absolute path',
    from: external,
    breaks: (path) => swap(path(ONNX), 'model.onnx_data_1', '/etc/ssl/openssl.'),
    code: 'external-data-outside',
    names: '/etc/ssl/openssl.',
  },
  {
    what: 'no output named logits',
    breaks: (path) => swap(path(ONNX), 'logits', 'scores'),
    code: 'no-logits',
    names: 'logits',
  },
  {
    what: 'no config.json',
    breaks: (path) => rmSync(path('config.json')),
    code: 'missing-file',
    names: 'config.json',
  },
  {
    what: 'no tokenizer.json',
    breaks: (path) => rmSync(path('tokenizer.json')),
    code: 'missing-file',
    names: 'tokenizer.json',
  },
  ...['config.json', 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json'].map((file) => ({
    what: `${file} cut off`,
    breaks: (path: (file: string) => string) => truncateSync(path(file), 20),
    code: 'malformed-json',
    names: file,
  })),
  {
    what: 'a config.json of the wrong kind',
    breaks: (path) => writeFileSync(path('config.json'), '{"num_attention_heads": "many"}'),
    code: 'malformed-json',
    names: 'num_attention_heads',
  },
  {
    what: 'a tokenizer.json of another kind',
    breaks: (path) => writeFileSync(path('tokenizer.json'), '{"model": {"type": "Riddle", "vocab": {}}}'),
    code: 'tokenizer',
    names: 'tokenizer.json',
  },
  {
    what: 'an encoder-decoder',
    breaks: (path) => edit(path('config.json'), (text) => text.replace('{', '{ "is_encoder_decoder": true,')),
    code: 'encoder-decoder',
    names: 'encoder-decoder',
  },
];

let copies = 0;

describe.each(CASES)('$what', ({ from = inline, breaks, code, names }) => {
  const copy = join(folder, `copy-${++copies}`);

  it(`is ${code}`, async () => {
    cpSync(from, copy, { recursive: true });
    breaks((file) => join(copy, file));
    const error = await openModel(engine, copy).then(
      () => undefined,
      (thrown: EngineError) => thrown,
    );
    expect(error).toMatchObject({ name: 'EngineError', kind: 'input', code });
    expect(error!.message).toContain(names);
    expect(error!.message).not.toContain('\n');

    // A run of the same folder says the same, as its last event.
    const events = await runEvents(engine, {
      model: { folder: copy },
      prompt: { kind: 'raw', text: 'x' },
      lanes: [{ name: 'baseline', steps: 0 }],
    });
    expect(events).toEqual([
      { type: 'run.failed', kind: 'input', code, message: error!.message, hint: error!.hint },
    ]);
  });
});

it('still opens a whole folder after all these', async () => {
  const info = await openModel(engine, inline);
  expect(info).toMatchObject({ dtype: 'fp32', dtypes: ['fp32'], layers: 1, hasChatTemplate: true });
  const events = await runEvents(engine, {
    model: { folder: inline },
    prompt: { kind: 'raw', text: 'x y' },
    lanes: [{ name: 'baseline', steps: 0 }],
    generation: { maxNewTokens: 1 },
  });
  expect(only(events, 'run.done')).toHaveLength(1);
});

it('does not read bytes behind the model: data after it is malformed', async () => {
  const copy = join(folder, 'trailing');
  cpSync(inline, copy, { recursive: true });
  appendFileSync(join(copy, ONNX), 'x'.repeat(7));
  await expect(openModel(engine, copy)).rejects.toMatchObject({ code: 'malformed-onnx' });
  expect(dirname(copy)).toBe(folder);
});

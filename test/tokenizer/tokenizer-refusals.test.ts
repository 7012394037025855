/** A tokenizer that cannot be rebuilt exactly is refused by the name of what it needs: by the card, and before a run. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readModelFolder } from '../../engine/model/folder';
import { inspectFolder } from '../../engine/model/inspect';
import { Tokenizer } from '../../engine/tokenizer/tokenizer';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();
const model = writeDecoder(join(folder, 'model'), { layers: 1 }).folder;
const about = { source: 'folder', model: 'm', name: 'm' } as const;
let copies = 0;

it.each<[string, object]>([
  ['normalizer "Riddle"', { normalizer: { type: 'Riddle' } }],
  [
    'normalizer.normalizers.1 "Riddle"',
    { normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Riddle' }] } },
  ],
  ['pre_tokenizer "UnicodeScripts"', { pre_tokenizer: { type: 'UnicodeScripts' } }],
  [
    'pre_tokenizer.behavior',
    { pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'Scattered' } },
  ],
  [
    'Invalid regular expression',
    { pre_tokenizer: { type: 'Split', pattern: { Regex: '(?<=a+)(?(1)b)' }, behavior: 'Isolated' } },
  ],
  ['decoder "CTC"', { decoder: { type: 'CTC' } }],
  ['post_processor "Riddle"', { post_processor: { type: 'Riddle' } }],
  ['model "Riddle"', { model: { type: 'Riddle', vocab: {} } }],
  ['model.dropout', { model: { type: 'BPE', vocab: { a: 0 }, merges: [], dropout: 0.1 } }],
  [
    'model.continuing_subword_prefix',
    { model: { type: 'BPE', vocab: { a: 0 }, merges: [], continuing_subword_prefix: '##' } },
  ],
])('%s', (named, change) => {
  const path = join(folder, `copy-${++copies}`);
  cpSync(model, path, { recursive: true });
  const file = join(path, 'tokenizer.json');
  const json: object = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...json, ...change }));
  const refusal = { code: 'tokenizer', message: expect.stringContaining(named) };
  expect(inspectFolder(path, null, about)).toMatchObject({ layers: 1, refusal });
  expect(() => new Tokenizer(readModelFolder(path, null))).toThrow(expect.objectContaining(refusal));
});

it('the same folder as it is has nothing to refuse', () => {
  expect(inspectFolder(model, null, about).refusal).toBeNull();
});

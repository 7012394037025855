/**
 * Tokenizer folders that differ in one field each: the same ids and texts as transformers (see
 * test/exports/recipe/tokenizers_made.py, which writes them and what transformers says).
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTokenizer } from '../../engine/model/folder-parts';
import { Tokenizer } from '../../engine/tokenizer/tokenizer';
import { temporaryFolder } from '../../fixtures/runs';

const Ids = z.array(z.int());
const Said = z.object({
  files: z.record(z.string(), z.unknown()),
  texts: z.array(z.object({ text: z.string(), ids: Ids, plain: Ids })),
  /** Each token of its own, decoded. */
  pieces: z.array(z.string()),
  decoded: z.array(z.object({ ids: Ids, text: z.string() })),
});

/** Another folder, of random texts, where one is named. */
const FIXTURES = process.env.TOKENIZER_FIXTURES ?? join(import.meta.dirname, '../fixtures/tokenizers');
const folder = temporaryFolder();
const names = readdirSync(FIXTURES).map((file) => basename(file, '.json'));

describe.each(names)('%s', (name) => {
  const { files, texts, pieces, decoded } = Said.parse(
    JSON.parse(readFileSync(join(FIXTURES, `${name}.json`), 'utf8')),
  );
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(path, file), JSON.stringify(content));
  }
  const model = files['config.json'] ?? {};
  const modelType = z.object({ model_type: z.string().optional() }).parse(model).model_type;
  const tokenizer = new Tokenizer({ path, tokenizer: readTokenizer(path, modelType) });

  it('encodes as transformers does', () => {
    expect(
      texts.map(({ text }) => ({
        text,
        ids: tokenizer.encode(text, true),
        plain: tokenizer.encode(text, false),
      })),
    ).toEqual(texts);
  });

  it('has the text of each token, with the space that a decoder drops at the front', () => {
    for (const [id, piece] of pieces.entries()) {
      const text = tokenizer.text(id);
      if (piece === '' || piece.includes('\ufffd')) expect(text).not.toMatch(/^$|\ufffd/);
      else expect([piece, ` ${piece}`]).toContain(text);
    }
  });

  it('decodes as transformers does', () => {
    expect(decoded.map(({ ids }) => ({ ids, text: tokenizer.decode(ids) }))).toEqual(decoded);
  });
});

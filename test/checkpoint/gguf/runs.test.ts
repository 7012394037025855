/** SLOT on files of llama.cpp's converter, tokenizer and all: its figures are PyTorch's on the checkpoint they were made of. */

import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BLOCK_TYPES, FLOAT_TYPES } from '../../../engine/checkpoint/checkpoint';
import { relativeDifference, temporaryFolder } from '../../../fixtures/runs';
import { testEngine } from '../../../fixtures/test-engine';
import { figures, readFamily } from '../families';
import { CONVERTED, writeConverted } from './converted';
import { TYPED, writeTyped } from './typed';

const TensorTypes = z.enum([...FLOAT_TYPES, ...BLOCK_TYPES]);
const folder = temporaryFolder();
const engine = testEngine(join(folder, 'data'));

describe.each(Object.entries(CONVERTED))('%s', (name, { config, losses }) => {
  // GroupQueryAttention approximates the cap of the attention scores.
  const bound = name === 'gemma2' ? 1e-4 : 1e-5;
  const family = readFamily(name);
  const trace = family.traces.short!;

  it('has the figures, and the answers', async () => {
    const path = join(folder, `${name}-F32.gguf`);
    writeConverted(path, name);
    const isSame = isDeepStrictEqual(config, family.config);
    const found = await figures(engine, path, 'short', isSame ? trace.baseline.length : 1, 'F32');
    expect(found.ids).toEqual(trace.ids);
    expect(relativeDifference(found.losses, losses)).toBeLessThan(bound);
    if (!isSame) return;
    expect(found.baseline).toEqual(trace.baseline);
    expect(found.slot).toEqual(trace.slot);
  });
});

describe('a llama whose matrices are', () => {
  it.each(Object.entries(TYPED))('%s has the figures of its weights as they are', async (type, losses) => {
    const path = join(folder, `typed-${type}.gguf`);
    writeTyped(path, TensorTypes.parse(type));
    const found = await figures(engine, path, 'short', 1, type);
    expect(relativeDifference(found.losses, losses)).toBeLessThan(1e-5);
  });
});

/** A disk that fills up, by somebody else's doing, while a model is prepared. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { prepare } from '../../../engine/checkpoint/prepare/prepare';
import { bytesOf, checkpointOf, normal, optionsFor, temporary } from './support';

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const writeSync = (file: number, bytes: Uint8Array, ...rest: number[]) => {
    if (bytes.length === 64 * 64)
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    return fs.writeSync(file, bytes, ...rest);
  };
  return { ...fs, writeSync };
});

it('says so, and leaves nothing', async () => {
  const [folder, cache] = [temporary(), temporary()];
  const name = 'model.layers.0.self_attn.q_proj.weight';
  const parts = [{ name, dims: [64, 64], bytes: bytesOf(normal(64 * 64)) }];
  const checkpoint = checkpointOf(join(folder, 'model.safetensors'), parts);
  await expect(prepare(checkpoint, 'q8', optionsFor(cache))).rejects.toMatchObject({
    code: 'store',
    message: expect.stringContaining('the prepared model cannot be stored: ENOSPC'),
    hint: expect.stringContaining('Free some space'),
  });
  expect(readdirSync(cache)).toEqual([]);
});

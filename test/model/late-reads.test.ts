/** A 4-bit head's weights are read when the first gradient is taken: long after opening, whatever happened since. */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Model } from '../../engine/model/model';
import { ViewSession } from '../../engine/onnx/runtime/session';
import { ModelSettings } from '../../engine/protocol';
import { STARTER_FOLDER } from '../../fixtures/decoder';
import { type NBitsDecoder, writeNBitsDecoder } from '../../fixtures/quantized-decoder';
import { one, only, relativeDifference, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const engine = testEngine();
afterEach(() => vi.restoreAllMocks());

const open = (path: string) => Model.open({ folder: path, dtype: 'q4', memorySaver: false, device: 'cpu' });

async function losses(path: string, dtype: string): Promise<number[]> {
  const events = await runEvents(engine, {
    model: { folder: path, dtype },
    prompt: { kind: 'raw', text: 'Tom has 3 apples.' },
    lanes: [{ name: 'slot', steps: 3, lr: 0.1 }],
    generation: { maxNewTokens: 1, ignoreEos: true },
  });
  return [...only(events, 'slot.step').map(({ loss }) => loss), one(events, 'slot.done').finalLoss];
}

const KINDS = ([4, 8] as const).flatMap((bits) =>
  ([undefined, 'packed', 'float'] as const).map((zeroPoints) => ({
    bits,
    blockSize: 32,
    ...(zeroPoints ? { zeroPoints } : {}),
  })),
);
const HEADS = KINDS.flatMap((kind) =>
  (['inline', 'external'] as const).map((weights): NBitsDecoder => ({ ...kind, weights })),
);

describe.each(HEADS)('$bits bits, $zeroPoints zero points, $weights', (head) => {
  it('gives the float weights’ losses after other models have come and gone', async () => {
    const path = writeNBitsDecoder(join(folder, JSON.stringify(head).replaceAll(/\W/g, '')), head);
    const expected = await losses(path, 'fp32');
    await engine.query('model.open', ModelSettings.parse({ folder: path, dtype: 'q4' }));
    const other = await Model.open({
      folder: STARTER_FOLDER,
      dtype: null,
      memorySaver: true,
      device: 'cpu',
    });
    await other.release();
    // Whatever number a closed file had is one of these by now.
    writeFileSync(join(path, 'decoy'), new Uint8Array(2 ** 20).fill(0x77));
    const decoys = Array.from({ length: 4 }, () => openSync(join(path, 'decoy'), 'r'));
    expect(relativeDifference(await losses(path, 'q4'), expected)).toBeLessThan(1e-5);
    for (const decoy of decoys) closeSync(decoy);
  });
});

describe.each(['inline', 'external'] as const)('files of %s weights', (weights) => {
  const head = { bits: 4, blockSize: 32, weights } as const;
  const write = (name: string, seed?: number) =>
    writeNBitsDecoder(join(folder, `${weights}-${name}`), { ...head, ...(seed ? { seed } : {}) });
  const dataFile = weights === 'inline' ? 'model_q4.onnx' : 'model_q4.onnx_data_1';
  const changed = { kind: 'input', code: 'model-changed', message: expect.stringContaining(dataFile) };

  it('that were replaced are opened anew by the next run', async () => {
    const path = write('replaced');
    const before = await losses(path, 'q4');
    const other = write('other', 2);
    renameSync(join(other, 'onnx'), join(other, 'new'));
    rmSync(join(path, 'onnx'), { recursive: true });
    renameSync(join(other, 'new'), join(path, 'onnx'));
    const after = await losses(path, 'q4');
    expect(relativeDifference(after, await losses(path, 'fp32'))).toBeLessThan(1e-5);
    expect(after[0]).not.toBeCloseTo(before[0]!, 2);
  });

  it.each<[string, (file: string) => void]>([
    ['removed', (file) => rmSync(file)],
    [
      'replaced',
      (file) => {
        writeFileSync(`${file}.new`, 'something else');
        renameSync(`${file}.new`, file);
      },
    ],
  ])('that were %s are not read', async (what, change) => {
    const path = write(what);
    const model = await open(path);
    expect(model.isUnchanged).toBe(true);
    change(join(path, 'onnx', dataFile));
    expect(model.isUnchanged).toBe(false);
    await expect(model.head.transposedProduct(new Float32Array(model.head.vocab))).rejects.toMatchObject(
      changed,
    );
    await model.release();
  });
});

it('a gradient that could not be opened is tried again, and hinders no release', async () => {
  const path = writeNBitsDecoder(join(folder, 'again'), { bits: 4, blockSize: 32, weights: 'inline' });
  const model = await open(path);
  const r = new Float32Array(model.head.vocab).fill(1 / model.head.vocab);
  vi.spyOn(ViewSession, 'create').mockRejectedValueOnce(new Error('no memory'));
  await expect(model.head.transposedProduct(r)).rejects.toThrow('no memory');
  expect((await model.head.transposedProduct(r)).some((value) => value !== 0)).toBe(true);
  await model.release();

  const failing = await open(path);
  vi.spyOn(ViewSession, 'create').mockRejectedValueOnce(new Error('no memory'));
  await expect(failing.head.transposedProduct(r)).rejects.toThrow('no memory');
  await failing.release();
});

it('after its release, a head’s weights are not read at all', async () => {
  const path = writeNBitsDecoder(join(folder, 'released'), { bits: 4, blockSize: 32, weights: 'inline' });
  const model = await open(path);
  await model.release();
  await expect(model.head.transposedProduct(new Float32Array(model.head.vocab))).rejects.toThrow(
    'model_q4.onnx is read after it was closed',
  );
});

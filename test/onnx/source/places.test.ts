/** A model gives the same run wherever its bytes lie: symlinked caches, several data files, memory-saver sessions. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import type { RunConfigInput, RunEvent } from '../../../engine/protocol';
import { writeDecoder } from '../../../fixtures/decoder';
import { answerOf, largestDifference, one, only, temporaryFolder } from '../../../fixtures/runs';
import { runEvents, testEngine } from '../../../fixtures/test-engine';

const folder = temporaryFolder();
const engine = testEngine();
const SHAPE = { layers: 2, d: 40, tail: [{ op: 'Add' }] } as const;
const plain = writeDecoder(join(folder, 'inline'), SHAPE).folder;

function config(model: NonNullable<RunConfigInput['model']>): RunConfigInput {
  return {
    model,
    prompt: { kind: 'raw', text: 'The apples should be counted step by step.' },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 3 },
    ],
    generation: { maxNewTokens: 12, ignoreEos: true },
  };
}

function expectSame(events: readonly RunEvent[], expected: readonly RunEvent[]): void {
  for (const lane of ['baseline', 'slot']) {
    expect(answerOf(events, lane)).toEqual(answerOf(expected, lane));
  }
  const losses = (list: readonly RunEvent[]) => only(list, 'slot.step').map(({ loss }) => loss);
  expect(largestDifference(losses(events), losses(expected))).toBeLessThan(1e-5);
}

/** snapshots/<revision>/… → blobs/<hash>, as the Hugging Face hub client lays out its cache. */
function hubCache(from: string, root: string): string {
  const blobs = join(root, 'blobs');
  const snapshot = join(root, 'snapshots', '0123456789abcdef');
  mkdirSync(blobs, { recursive: true });
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const link = join(snapshot, relative(from, source));
    const blob = join(blobs, createHash('sha256').update(readFileSync(source)).digest('hex'));
    cpSync(source, blob);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(relative(join(link, '..'), blob), link);
  }
  return snapshot;
}

const expected = runEvents(engine, config({ folder: plain }));

it.each(['inline', 'external', 'split'] as const)('a hub cache of symlinks, weights %s', async (weights) => {
  const model = writeDecoder(join(folder, `source-${weights}`), { ...SHAPE, weights }).folder;
  const snapshot = hubCache(model, join(folder, `models--test--${weights}`));
  expectSame(await runEvents(engine, config({ folder: snapshot })), await expected);
});

it('data files behind a link into another folder', async () => {
  const { folder: model, onnxPath } = writeDecoder(join(folder, 'linked'), { ...SHAPE, weights: 'external' });
  mkdirSync(join(folder, 'elsewhere', 'deep'), { recursive: true });
  const away = join(folder, 'elsewhere', 'deep', 'weights.bin');
  renameSync(`${onnxPath}_data`, away);
  symlinkSync(away, `${onnxPath}_data`);
  expectSame(await runEvents(engine, config({ folder: model })), await expected);
});

it('a model in the folder itself, and one named decoder_model_merged', async () => {
  for (const [name, path] of [
    ['flat', 'model.onnx'],
    ['merged', join('onnx', 'decoder_model_merged.onnx')],
  ] as const) {
    const model = join(folder, name);
    cpSync(plain, model, { recursive: true });
    renameSync(join(model, 'onnx', 'model.onnx'), join(model, path));
    expectSame(await runEvents(engine, config({ folder: model })), await expected);
  }
});

it('a path with spaces, accents and a percent sign', async () => {
  const model = join(folder, 'Modèle 100 % ✓');
  writeDecoder(model, { ...SHAPE, weights: 'split' });
  expectSame(await runEvents(engine, config({ folder: model })), await expected);
});

it.each(['inline', 'split'] as const)('the memory-saver setting, weights %s', async (weights) => {
  const model = writeDecoder(join(folder, `saver-${weights}`), { ...SHAPE, weights }).folder;
  const events = await runEvents(engine, config({ folder: model, memorySaver: true }));
  expect(one(events, 'run.started').config.model.memorySaver).toBe(true);
  expectSame(events, await expected);
});

/** Broken ONNX files, thousands of them, end in an EngineError or in views, and never in anything else. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KvLayout } from '../../engine/model/kv-cache';
import { backboneView } from '../../engine/onnx/backbone-view';
import { findHead } from '../../engine/onnx/head';
import { OnnxFile } from '../../engine/onnx/model-file';
import { distributionView, gradientView, objectiveView, projectionView } from '../../engine/onnx/views';
import { EngineError } from '../../engine/protocol';
import { type DecoderOptions, writeDecoder } from '../models/decoder';
import { uniform } from '../models/random-fill';
import { temporaryFolder } from '../models/runs';

const MUTANTS = 700;
const SLOWEST_MS = 5000;

const folder = temporaryFolder();

/** All that opening a model does with the file before onnxruntime sees a view. */
function open(path: string): void {
  const file = new OnnxFile(path);
  try {
    const head = findHead(file.model);
    new KvLayout(file.model, { num_attention_heads: 4, num_key_value_heads: 2, head_dim: 8 });
    for (const view of [backboneView, projectionView, gradientView, objectiveView, distributionView]) {
      view(file, head);
    }
  } finally {
    file.close();
  }
}

/** One of: cut off, a few bytes changed, a piece removed, doubled or overwritten by another. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = () => Math.floor(random() * bytes.length);
  const kind = Math.floor(random() * 5);
  if (kind === 0) return bytes.subarray(0, at());
  const mutant = Uint8Array.from(bytes);
  if (kind === 1 || kind === 2) {
    for (let i = Math.ceil(random() * 4); i > 0; i--) mutant[at()] = Math.floor(random() * 256);
    return mutant;
  }
  const start = at();
  const piece = mutant.subarray(start, start + Math.ceil(random() * 200));
  if (kind === 3) {
    const removed = random() < 0.5;
    return Buffer.concat([
      mutant.subarray(0, start + (removed ? 0 : piece.length)),
      mutant.subarray(start + (removed ? piece.length : 0)),
    ]);
  }
  mutant.set(bytes.slice(start, start + Math.min(piece.length, bytes.length - start)), Math.min(at(), start));
  return mutant;
}

const DONORS: Partial<DecoderOptions>[] = [
  { weights: 'external', head: 'Gemm', gemmBias: true, tail: [{ op: 'Add' }, { op: 'cap', at: 5 }] },
  { weights: 'split', constants: 'node', head: 'MatMul(Transpose)', tail: [{ op: 'Mul', by: 2 }] },
  { weights: 'external', constants: 'typed', dtype: 'float16', head: 'MatMul', tail: [{ op: 'Cast' }] },
];

it.each(DONORS)('%j', (options) => {
  const { onnxPath } = writeDecoder(join(folder, `${options.head}`), { layers: 1, ...options });
  const original = readFileSync(onnxPath);
  open(onnxPath);
  const random = uniform(2024);
  let refused = 0;
  let slowest = 0;
  for (let i = 0; i < MUTANTS; i++) {
    // Beside the original, so that its external data can be found.
    writeFileSync(onnxPath, mutate(original, random));
    const started = performance.now();
    try {
      open(onnxPath);
    } catch (error) {
      if (!(error instanceof EngineError)) throw new Error(`mutant ${i}: ${String(error)}`, { cause: error });
      expect(error.message, `mutant ${i}`).not.toMatch(/\n|undefined|NaN/);
      refused += 1;
    }
    slowest = Math.max(slowest, performance.now() - started);
  }
  expect(refused).toBeGreaterThan(MUTANTS / 4);
  expect(slowest).toBeLessThan(SLOWEST_MS);
});

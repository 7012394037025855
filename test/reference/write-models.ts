/** Writes a tiny model of every head kind, tail and float type for compare.py: `npx tsx write-models.ts <folder>`. */
import { join } from 'node:path';
import { type DecoderOptions, writeDecoder } from '../../fixtures/decoder';

const MODELS: Readonly<Record<string, Partial<DecoderOptions>>> = {
  matmul: { head: 'MatMul' },
  'matmul-bias-scale': { head: 'MatMul', tail: [{ op: 'Add' }, { op: 'Mul', by: 0.5 }] },
  'tied-transpose': { head: 'MatMul(Transpose)', weights: 'external' },
  'tied-transpose-no-perm': { head: 'MatMul(Transpose)', perm: false, weights: 'split' },
  'tied-transpose-capped': { head: 'MatMul(Transpose)', tail: [{ op: 'cap', at: 8 }], prune: 'Slice' },
  gemm: { head: 'Gemm', positionIds: false },
  'gemm-bias-cap': {
    head: 'Gemm',
    tied: false,
    gemmBias: true,
    tail: [{ op: 'Div', by: 1.5 }, { op: 'cap', at: 10 }, { op: 'Cast' }],
    constants: 'node',
  },
  'gemm-pruned-typed': { head: 'Gemm', prune: 'Gather', constants: 'typed' },
  'keep-logits-input': { head: 'MatMul', prune: 'num_logits_to_keep', bos: true },
  'old-ir': { head: 'MatMul(Transpose)', irVersion: 3, initializersAsInputs: true },
};

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: npx tsx test/reference/write-models.ts <folder>');
for (const [name, options] of Object.entries(MODELS)) {
  for (const dtype of ['float32', 'float16'] as const) {
    writeDecoder(join(folder, `${name}-${dtype}`), { d: 48, layers: 3, seed: 40, ...options, dtype });
  }
}

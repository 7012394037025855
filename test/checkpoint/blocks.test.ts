/**
 * Decoders of every family over matrices in blocks of 8 bits. The weights are integers of 7 bits times a power of two, so
 * blocks hold them exactly, and the figures are those that PyTorch has on the checkpoint itself.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BlockMatrix, Located } from '../../engine/checkpoint/checkpoint';
import { decoderSpec } from '../../engine/checkpoint/decoder/families';
import { Weights } from '../../engine/checkpoint/decoder/weights';
import { writeDecoder } from '../../engine/checkpoint/decoder/write-decoder';
import { readSafetensors } from '../../engine/checkpoint/safetensors/read';
import { readOnnxModel } from '../../engine/onnx/proto/parse-model';
import { tensorValues } from '../../fixtures/checkpoint';
import { relativeDifference, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { allLosses, type Family, families, figures, type PromptName, writeFamily } from './families';

const engine = testEngine();
const folder = temporaryFolder();
const LEVELS = 64;
const MIDDLE = 128;

class BlockFile {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  constructor(private readonly file: string) {}

  write(): void {
    writeFileSync(this.file, Buffer.concat(this.parts));
  }

  append({ buffer, byteLength }: Uint8Array | Float32Array): Located {
    const offset = this.length;
    this.parts.push(new Uint8Array(buffer, 0, byteLength));
    this.length += byteLength;
    return { file: this.file, offset, length: byteLength };
  }
}

interface Blocks {
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  readonly constants?: Float32Array;
}

/** @param hasConstants codes are moved by another amount in each block, which its constant makes good */
function blocksOf(size: number, values: Float32Array, blockSize: number, hasConstants: boolean): Blocks {
  const scale = size / LEVELS;
  const scales = new Float32Array(values.length / blockSize).fill(scale);
  const shifts = Float32Array.from(scales, (_, block) => (hasConstants ? ((block * 37) % 129) - 64 : 0));
  const codes = Uint8Array.from(values, (value, i) => {
    return MIDDLE + value / scale + shifts[Math.floor(i / blockSize)]!;
  });
  return { codes, scales, ...(hasConstants ? { constants: shifts.map((shift) => -shift * scale) } : {}) };
}

type Form = (index: number) => { readonly blockSize: number; readonly hasConstants: boolean };
const FORMS: readonly (readonly [string, Form])[] = [
  ['of several forms', (i) => ({ blockSize: i % 3 === 0 ? 16 : 32, hasConstants: i % 2 === 0 })],
  // Codes of all matrices, then all scales, then all constants: their rows follow each other.
  ['side by side', () => ({ blockSize: 32, hasConstants: true })],
];

/** A checkpoint's matrices in a file beside it. */
function prepare(path: string, family: Family, form: Form): ReadonlyMap<string, BlockMatrix> {
  const file = new BlockFile(path);
  const matrices = Object.entries(family.tensors).filter(([, [shape]]) => shape.length === 2);
  const made = matrices.map(([tensor, spec], i) => {
    const [[rows, columns], , size] = spec as readonly [readonly [number, number], number, number];
    const { blockSize, hasConstants } = form(i);
    const blocks = blocksOf(size, tensorValues(tensor, spec, family.seed), blockSize, hasConstants);
    return { tensor, rows, columns, bits: 8 as const, blockSize, blocks };
  });
  const codes = made.map(({ blocks }) => file.append(blocks.codes));
  const scales = made.map(({ blocks }) => file.append(blocks.scales));
  const constants = made.map(({ blocks }) => blocks.constants && file.append(blocks.constants));
  file.write();
  return new Map(
    made.map(({ tensor, blocks, ...matrix }, i) => [
      // As the reader names the text part's.
      tensor.replace(/^language_model\./, ''),
      {
        ...matrix,
        codes: codes[i]!,
        scales: scales[i]!,
        ...(constants[i] ? { constants: constants[i] } : {}),
      },
    ]),
  );
}

const CASES = families().flatMap(({ name, family }) =>
  FORMS.map(([form, of]) => ({ name, family, form, of })),
);

describe.each(CASES)('$name $form', ({ name, family, form, of }) => {
  it.each(Object.keys(family.traces) as PromptName[])('is the same model, %s prompt', async (prompt) => {
    const path = join(folder, `${name} ${form}`);
    writeFamily(path, family);
    const prepared = prepare(join(path, 'blocks.bin'), family, of);
    const checkpoint = readSafetensors(path);
    const spec = decoderSpec(checkpoint.config, false);
    const written = writeDecoder(spec, new Weights(checkpoint, prepared));
    writeFileSync(join(path, 'model.onnx'), written);
    const holds = (text: string) => Buffer.from(written).includes(text);
    expect([holds('blocks.bin'), holds('model.safetensors')]).toEqual([true, false]);
    const { nodes } = readOnnxModel({
      size: written.length,
      read: (offset, length) => written.subarray(offset, offset + length),
    });
    const products = nodes.filter(({ opType }) => opType === 'MatMulNBits').length;
    // Query, key and value are one product, gate and up another one, then two more; and the head's.
    if (form === 'side by side') expect(products).toBe(4 * spec.layers.length + 1);
    else expect(products).toBeGreaterThan(4 * spec.layers.length);

    const expected = family.traces[prompt]!;
    const found = await figures(engine, path, prompt, expected.baseline.length, 'fp32');
    expect(relativeDifference(found.losses, allLosses(expected))).toBeLessThan(1e-5);
    expect(relativeDifference(found.gradNorms, expected.gradNorms)).toBeLessThan(1e-4);
    expect(found.baseline).toEqual(expected.baseline);
    expect(found.slot).toEqual(expected.slot);
  });
});

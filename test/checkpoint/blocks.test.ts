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
import { type TensorSpec, tensorValues } from '../../fixtures/checkpoint';
import { relativeDifference, temporaryFolder, testEngine } from '../../fixtures/runs';
import { allLosses, families, figures, type PromptName, writeFamily } from './families';

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

  /** @param hasConstants codes are moved by another amount in each block, which its constant makes good */
  add(spec: TensorSpec, values: Float32Array, blockSize: number, hasConstants: boolean): BlockMatrix {
    const [[rows, columns], , size] = spec as readonly [readonly [number, number], number, number];
    const scale = size / LEVELS;
    const scales = new Float32Array(values.length / blockSize).fill(scale);
    const shifts = Float32Array.from(scales, (_, block) => (hasConstants ? ((block * 37) % 129) - 64 : 0));
    const codes = Uint8Array.from(values, (value, i) => {
      return MIDDLE + value / scale + shifts[Math.floor(i / blockSize)]!;
    });
    const constants = shifts.map((shift) => -shift * scale);
    return {
      rows,
      columns,
      bits: 8,
      blockSize,
      codes: this.append(codes),
      scales: this.append(scales),
      ...(hasConstants ? { constants: this.append(constants) } : {}),
    };
  }

  private append({ buffer, byteLength }: Uint8Array | Float32Array): Located {
    const offset = this.length;
    this.parts.push(new Uint8Array(buffer, 0, byteLength));
    this.length += byteLength;
    return { file: this.file, offset, length: byteLength };
  }
}

describe.each(families())('$name', ({ name, family }) => {
  it.each(Object.keys(family.traces) as PromptName[])('is the same model, %s prompt', async (prompt) => {
    const path = join(folder, name);
    writeFamily(path, family);
    const blocks = new BlockFile(join(path, 'blocks.bin'));
    const matrices = Object.entries(family.tensors).filter(([, [shape]]) => shape.length === 2);
    const prepared = new Map(
      matrices.map(([tensor, spec], i) => {
        const values = tensorValues(tensor, spec, family.seed);
        return [tensor, blocks.add(spec, values, i % 3 === 0 ? 16 : 32, i % 2 === 0)];
      }),
    );
    blocks.write();
    const checkpoint = readSafetensors(path);
    const written = writeDecoder(decoderSpec(checkpoint.config, false), new Weights(checkpoint, prepared));
    writeFileSync(join(path, 'model.onnx'), written);
    const holds = (text: string) => Buffer.from(written).includes(text);
    expect([holds('MatMulNBits'), holds('blocks.bin'), holds('model.safetensors')]).toEqual([
      true,
      true,
      false,
    ]);

    const expected = family.traces[prompt]!;
    const found = await figures(engine, path, prompt, expected.baseline.length, 'fp32');
    expect(relativeDifference(found.losses, allLosses(expected))).toBeLessThan(1e-5);
    expect(relativeDifference(found.gradNorms, expected.gradNorms)).toBeLessThan(1e-4);
    expect(found.baseline).toEqual(expected.baseline);
    expect(found.slot).toEqual(expected.slot);
  });
});

/** Files of one quantised head, opened, and what its float weights give in float64. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder, MICROSOFT } from '../../../engine/onnx/proto/graph-builder';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../../engine/onnx/runtime/head-runtime';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import type { Arithmetic } from '../../../engine/protocol';
import type { QuantizedHead, Sizes } from '../../../fixtures/quantized-heads';
import { uniform } from '../../../fixtures/random-fill';

export const SMALL: Sizes = { vocab: 301, d: 80 };
export const EVEN: Sizes = { vocab: 320, d: 96 };

/** Writes its tensors into a file beside the ONNX file. */
class ExternalBuilder extends GraphBuilder {
  readonly data: Uint8Array[] = [];
  private length = 0;

  constructor(private readonly location: string) {
    super(
      new Map([
        ['', 21],
        [MICROSOFT, 1],
      ]),
      10,
    );
  }

  override initializer(name: string, dataType: number, dims: readonly number[], data: Uint8Array): string {
    this.data.push(data);
    const at = { location: this.location, offset: this.length, length: data.length };
    this.length += data.length;
    return this.externalInitializer(name, dataType, dims, at);
  }
}

interface HeadFiles {
  readonly folder: string;
  readonly written: (head: QuantizedHead, sizes: Sizes, weights?: 'inline' | 'external') => OnnxFile;
  readonly open: (
    head: QuantizedHead,
    sizes: Sizes,
    weights?: 'inline' | 'external',
    arithmetic?: Arithmetic,
  ) => Promise<HeadRuntime>;
}

/** Of this test file, closed and gone when its tests are over. */
export function headFiles(): HeadFiles {
  const folder = mkdtempSync(join(tmpdir(), 'slot-quantized-'));
  const opened: OnnxFile[] = [];
  afterAll(() => {
    for (const file of opened) file.close();
    rmSync(folder, { recursive: true });
  });
  const written: HeadFiles['written'] = (head, sizes, weights = 'inline') => {
    const path = join(folder, `${opened.length}.onnx`);
    write(path, head, sizes, weights);
    const file = new OnnxFile(path);
    opened.push(file);
    return file;
  };
  const open: HeadFiles['open'] = (head, sizes, weights, arithmetic) => {
    const file = written(head, sizes, weights);
    const options = { folder: file.folder, prepack: true };
    return HeadRuntime.open(file, findHead(file.model), options, arithmetic);
  };
  return { folder, written, open };
}

function write(
  path: string,
  { write: writeHead }: QuantizedHead,
  { vocab, d }: Sizes,
  weights: 'inline' | 'external',
): void {
  const data = `${basename(path)}_data`;
  const builder = weights === 'inline' ? GraphBuilder.forViews() : new ExternalBuilder(data);
  const x = builder.input('x', DataType.FLOAT, [1, 'sequence', d]);
  const h = builder.node('Mul', [x, builder.floats(new Float32Array(d).fill(1), [d], 'norm')]);
  builder.node('Reshape', [writeHead(builder, h), builder.ints([1, -1, vocab])], {}, 'logits');
  builder.output('logits', DataType.FLOAT, [1, 'sequence', vocab]);
  writeFileSync(path, builder.finish());
  if (builder instanceof ExternalBuilder) writeFileSync(`${path}_data`, Buffer.concat(builder.data));
}

export function vector(length: number, seed: number, size = 1): Float32Array {
  const next = uniform(seed);
  return Float32Array.from({ length }, () => size * (2 * next() - 1));
}

/** The float weights as the long way round needs them. */
export function reference(weights: Float64Array, { vocab, d }: Sizes, rows: readonly Float32Array[]) {
  const project = (h: ArrayLike<number>) =>
    Float64Array.from({ length: vocab }, (_, v) => {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += weights[v * d + k]! * h[k]!;
      return sum;
    });
  const projectBack = (r: ArrayLike<number>) =>
    Float64Array.from({ length: d }, (_, k) => {
      let sum = 0;
      for (let v = 0; v < vocab; v++) sum += weights[v * d + k]! * r[v]!;
      return sum;
    });
  return {
    options: { vocab, d },
    hidden: () => rows.map((row) => Float64Array.from(row)),
    project,
    projectBack,
    tailOf: (z: Float64Array) => ({ logits: z, slope: new Float64Array(z.length).fill(1) }),
  };
}

export function joined(rows: readonly Float32Array[]): Float32Array {
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

/** Relative to the largest value expected. */
export function error(actual: Float32Array, expected: Float64Array): number {
  expect(actual.length).toBe(expected.length);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0) / largest;
}

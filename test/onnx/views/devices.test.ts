/** What the kernels of devices other than the CPU can take, seen without one: checked on an H100 (docs/devices.md). */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import { readOnnxModel } from '../../../engine/onnx/proto/parse-model';
import { findHead } from '../../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../../engine/onnx/runtime/head-runtime';
import { floatData, floats, ViewSession } from '../../../engine/onnx/runtime/session';
import { OnnxFile } from '../../../engine/onnx/source/onnx-file';
import { writeNBitsDecoder } from '../../../fixtures/quantized-decoder';
import { temporaryFolder } from '../../../fixtures/runs';

/** WebGPU's `maxStorageBuffersPerShaderStage` is 8 unless an adapter offers more, and one is the input. */
const MAX_OUTPUTS = 7;
/** Of CUDA's MatMulNBits for one row, in onnxruntime 1.30. */
const CUDA_BLOCKS = [16, 32, 64, 128];

const folder = temporaryFolder();
afterEach(() => vi.restoreAllMocks());

it('splits into more parts than a shader binds', async () => {
  const builder = GraphBuilder.forViews();
  const sizes = Array.from({ length: 20 }, (_, i) => 1 + (i % 3));
  const length = sizes.reduce((sum, size) => sum + size, 0);
  const parts = builder.split(builder.input('x', DataType.FLOAT, [2, length]), sizes, 1);
  builder.node('Concat', parts.toReversed(), { axis: { int: 1 } }, 'y');
  builder.output('y', DataType.FLOAT, [2, length]);
  const view = builder.finish();
  for (const { outputs } of nodesOf(view)) expect(outputs.length).toBeLessThanOrEqual(MAX_OUTPUTS);
  const x = Float32Array.from({ length: 2 * length }, (_, i) => i);
  const session = await ViewSession.create('split', view, { folder: tmpdir(), prepack: true });
  const y = floatData((await session.run({ x: floats(x, [2, length]) })).y);
  await session.release();
  const row = (first: number) => {
    let end = first;
    const cut = sizes.map((size) => {
      end += size;
      return [...x.subarray(end - size, end)];
    });
    return cut.reverse().flat();
  };
  expect([...y]).toEqual([...row(0), ...row(length)]);
});

it.each([4, 8] as const)('multiplies codes of %i bits in blocks that CUDA has', async (bits) => {
  const views: Uint8Array[] = [];
  const create = ViewSession.create.bind(ViewSession);
  vi.spyOn(ViewSession, 'create').mockImplementation((name, view, options) => {
    views.push(view);
    return create(name, view, options);
  });
  const model = writeNBitsDecoder(join(folder, `${bits}`), {
    weights: 'inline',
    bits,
    blockSize: 16,
  });
  const file = new OnnxFile(join(model, 'onnx', 'model_q4.onnx'));
  const head = await HeadRuntime.open(file, findHead(file.model), { folder: file.folder, prepack: true });
  await head.transposedProduct(new Float32Array(head.vocab));
  await head.release();
  file.close();
  const products = views.flatMap(nodesOf).filter(({ opType }) => opType === 'MatMulNBits');
  const blocks = products.map(({ attributes }) => Number(attributes.get('block_size')?.i));
  expect(products.length).toBeGreaterThan(4);
  for (const size of blocks) expect(CUDA_BLOCKS).toContain(size);
});

it("sums the prompt's probabilities where they lie, whatever the device", async () => {
  const devices = new Map<string, string | undefined>();
  const create = ViewSession.create.bind(ViewSession);
  vi.spyOn(ViewSession, 'create').mockImplementation((name, view, options) => {
    devices.set(name, options.device);
    return create(name, view, { ...options, device: 'cpu' });
  });
  const model = writeNBitsDecoder(join(folder, 'device'), {
    weights: 'inline',
    bits: 4,
    blockSize: 32,
  });
  const file = new OnnxFile(join(model, 'onnx', 'model.onnx'));
  const options = { folder: file.folder, prepack: true, device: 'webgpu' } as const;
  await (await HeadRuntime.open(file, findHead(file.model), options)).release();
  file.close();
  expect(devices.get('shifted softmax')).toBe('cpu');
  expect(devices.get('gradient')).toBe('webgpu');
});

function nodesOf(view: Uint8Array) {
  const read = (offset: number, length: number) => view.subarray(offset, offset + length);
  return readOnnxModel({ size: view.length, read }).nodes;
}

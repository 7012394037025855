/** What onnxruntime is told before its first session, and what is told of its errors. */
import { tmpdir } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DataType } from '../../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../../engine/onnx/proto/graph-builder';
import {
  floatData,
  floats,
  halfData,
  halves,
  offeredDevices,
  runtimeVersion,
  type SessionOptions,
  ViewSession,
} from '../../../engine/onnx/runtime/session';
import { writeUnreturned } from '../../../engine/onnx/views/shared-cache';
import { DEVICES } from '../../../engine/protocol';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** As onnxruntime 1.30 writes it on a machine without a GPU. */
const NO_ADAPTER =
  '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n';

it("leaves out the place in onnxruntime's source", async () => {
  vi.spyOn(InferenceSession, 'create').mockRejectedValue(new Error(NO_ADAPTER));
  const opening = ViewSession.create('backbone', new Uint8Array(), {
    folder: tmpdir(),
    prepack: true,
    device: 'webgpu',
  });
  await expect(opening).rejects.toMatchObject({
    message: 'onnxruntime cannot open the backbone: Failed to get a WebGPU adapter: No supported adapters',
  });
});

it.each([
  ['cpu', 'Could not find an implementation for Foo(1)', 'input', 'unsupported-operator'],
  ['cpu', 'com.acme:Foo is not a registered function/op', 'input', 'unsupported-operator'],
  ['cpu', 'the file ends early', 'failure', 'session'],
  ['webgpu', 'Could not find an implementation for Foo(1)', 'failure', 'session'],
] as const)(
  'on %s tells a file that asks for too much from another failure: %s',
  async (device, message, kind, code) => {
    vi.spyOn(InferenceSession, 'create').mockRejectedValue(new Error(message));
    const opening = ViewSession.create('backbone', new Uint8Array(), {
      folder: tmpdir(),
      prepack: true,
      device,
    });
    await expect(opening).rejects.toMatchObject({ kind, code });
  },
);

it('opens nothing once it is cancelled', async () => {
  const create = vi.spyOn(InferenceSession, 'create');
  const signal = AbortSignal.abort(new Error('enough'));
  const opening = ViewSession.create('backbone', new Uint8Array(), {
    folder: tmpdir(),
    prepack: true,
    signal,
  });
  await expect(opening).rejects.toThrow('enough');
  expect(create).not.toHaveBeenCalled();
});

it.each([
  ['cpu', ''],
  ['webgpu', 'Try it on the CPU (device cpu).'],
] as const)('says in what it failed at work, and what to try instead of %s', async (device, hint) => {
  const run = () => Promise.reject(new Error('out of memory\nat a place'));
  const session = { inputNames: ['x'], outputNames: ['y'], run } as unknown as InferenceSession;
  vi.spyOn(InferenceSession, 'create').mockResolvedValue(session);
  const view = await ViewSession.create('gradient', new Uint8Array(), {
    folder: tmpdir(),
    prepack: true,
    device,
  });
  await expect(view.run({})).rejects.toMatchObject({
    code: 'runtime',
    message: 'onnxruntime failed in the gradient: out of memory',
    hint,
  });
});

it.each([
  ['', '0'],
  ['1', '1'],
])('lets CUDA multiply float32 as it is, unless told otherwise (%j)', async (given, used) => {
  vi.stubEnv('NVIDIA_TF32_OVERRIDE', given === '' ? undefined : given);
  vi.resetModules();
  await import('../../../engine/onnx/runtime/session');
  expect(process.env.NVIDIA_TF32_OVERRIDE).toBe(used);
});

describe('a session', () => {
  /** What onnxruntime is asked for. */
  async function askedFor(options: Partial<SessionOptions>) {
    const create = vi
      .spyOn(InferenceSession, 'create')
      .mockResolvedValue({ inputNames: ['x'], outputNames: ['y'] } as unknown as InferenceSession);
    const folder = tmpdir();
    await ViewSession.create('gradient', new Uint8Array(), { folder, prepack: true, ...options });
    const [, asked] = create.mock.calls[0]! as unknown as [Uint8Array, InferenceSession.SessionOptions];
    create.mockRestore();
    return asked;
  }

  it('maps its weights from the folder, plans no memory and lets no thread spin', async () => {
    expect(await askedFor({})).toMatchObject({
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      enableMemPattern: false,
      extra: {
        session: {
          model_external_initializers_file_folder_path: tmpdir(),
          disable_prepacking: '0',
          force_spinning_stop: '1',
          x64quantprecision: '1',
        },
      },
    });
  });

  it('is on the device, without copies of the weights and with the graph as it is, where that is asked', async () => {
    expect(await askedFor({ device: 'webgpu', prepack: false, fold: false })).toMatchObject({
      executionProviders: ['webgpu'],
      graphOptimizationLevel: 'disabled',
      extra: { session: { disable_prepacking: '1' } },
    });
  });

  it('has the options that its view requires, whatever the others are', async () => {
    const create = vi.spyOn(ViewSession, 'create').mockResolvedValue(undefined as unknown as ViewSession);
    const view = new Uint8Array(1);
    const plan = { name: 'gradient', build: () => view, session: { prepack: false, device: 'cpu' } } as const;
    await ViewSession.open(plan, { folder: '/m', prepack: true, device: 'webgpu' });
    expect(create).toHaveBeenCalledWith('gradient', view, { folder: '/m', prepack: false, device: 'cpu' });
  });

  it('takes the cancel that comes while it waits for its turn', async () => {
    const create = vi.spyOn(InferenceSession, 'create');
    const cancel = new AbortController();
    const opening = ViewSession.create('backbone', new Uint8Array(), {
      folder: tmpdir(),
      prepack: true,
      signal: cancel.signal,
    });
    cancel.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    expect(create).not.toHaveBeenCalled();
  });

  /** y = x, z = 2·x in float16 */
  async function doubled() {
    const builder = GraphBuilder.forViews();
    const x = builder.input('x', DataType.FLOAT16, [2]);
    builder.node('Identity', [x], {}, 'y');
    builder.node('Add', [x, x], {}, 'z');
    for (const name of ['y', 'z']) builder.output(name, DataType.FLOAT16, [2]);
    return ViewSession.create('doubled', builder.finish(), { folder: tmpdir(), prepack: true });
  }

  it('gives all outputs or those that are asked for, in a form that can be fed back', async () => {
    const session = await doubled();
    expect([session.inputNames, session.outputNames]).toEqual([['x'], ['y', 'z']]);
    const x = halves(Uint16Array.of(0x3c00, 0xc000), [2]);
    const all = await session.run({ x });
    expect(Object.keys(all).sort()).toEqual(['y', 'z']);
    expect([...halfData(all.z)]).toEqual([0x4000, 0xc400]);
    const again = await session.run({ x: all.z! }, ['z']);
    expect(Object.keys(again)).toEqual(['z']);
    expect([...halfData(again.z)]).toEqual([0x4400, 0xc800]);
    await session.release();
  });
});

it('outputs of another type than expected are refused', () => {
  const [half, float] = [halves(Uint16Array.of(1), [1]), floats(Float32Array.of(1), [1])];
  for (const read of [
    () => floatData(half),
    () => floatData(undefined),
    () => halfData(float),
    () => halfData(undefined),
  ])
    expect(read).toThrow(
      expect.objectContaining({ code: 'runtime', message: expect.stringContaining('unexpected type') }),
    );
  expect([...floatData(float)]).toEqual([1]);
});

it('tells an error that is no Error, by its first line', async () => {
  vi.spyOn(InferenceSession, 'create').mockRejectedValue('broken  \nat a place');
  await expect(
    ViewSession.create('backbone', new Uint8Array(), { folder: tmpdir(), prepack: true }),
  ).rejects.toMatchObject({ message: 'onnxruntime cannot open the backbone: broken' });
});

describe('outputs that are given memory', () => {
  /** `slot_unreturned` and x · 2, of as many numbers as x. */
  async function doubling(): Promise<ViewSession> {
    const builder = GraphBuilder.forViews();
    writeUnreturned(builder);
    const x = builder.input('x', DataType.FLOAT, ['n']);
    builder.node('Add', [x, x], {}, 'y');
    builder.output('y', DataType.FLOAT, ['n']);
    return ViewSession.create('doubling', builder.finish(), { folder: tmpdir(), prepack: true });
  }

  it('are written there, and copied nowhere else', async () => {
    const session = await doubling();
    const x = floats(new Float32Array(2 ** 22).fill(3), [2 ** 22]);
    const y = floats(new Float32Array(2 ** 22), [2 ** 22]);
    expect(session.takesOutputs).toBe(true);
    const before = process.memoryUsage().arrayBuffers;
    await session.runInto({ x }, { y });
    const grown = process.memoryUsage().arrayBuffers - before;
    await session.release();
    expect(grown).toBeLessThan(2 ** 20);
    expect([y.data[0], y.data.at(-1)]).toEqual([6, 6]);
  });

  it('of another shape fail, with what onnxruntime says of it', async () => {
    const session = await doubling();
    const run = session.runInto(
      { x: floats(new Float32Array(3), [3]) },
      { y: floats(new Float32Array(4), [4]) },
    );
    await expect(run).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringContaining('onnxruntime failed in the doubling: '),
    });
    await session.release();
  });

  it('are not for graphs that return all they have', async () => {
    const builder = GraphBuilder.forViews();
    builder.node('Neg', [builder.input('x', DataType.FLOAT, ['n'])], {}, 'y');
    builder.output('y', DataType.FLOAT, ['n']);
    const session = await ViewSession.create('negation', builder.finish(), {
      folder: tmpdir(),
      prepack: true,
    });
    expect(session.takesOutputs).toBe(false);
    await session.release();
  });
});

it('tells its version and the devices that it offers', () => {
  expect(runtimeVersion()).toMatch(/^\d+\.\d+/);
  expect(offeredDevices()).toContain('cpu');
  for (const device of offeredDevices()) expect(DEVICES).toContain(device);
});

/** What onnxruntime is told before its first session, and what is told of its errors. */
import { tmpdir } from 'node:os';
import { InferenceSession } from 'onnxruntime-node';
import { afterEach, expect, it, vi } from 'vitest';
import { ViewSession } from '../../../engine/onnx/runtime/session';

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

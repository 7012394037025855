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
  ['', '0'],
  ['1', '1'],
])('lets CUDA multiply float32 as it is, unless told otherwise (%j)', async (given, used) => {
  vi.stubEnv('NVIDIA_TF32_OVERRIDE', given === '' ? undefined : given);
  vi.resetModules();
  await import('../../../engine/onnx/runtime/session');
  expect(process.env.NVIDIA_TF32_OVERRIDE).toBe(used);
});

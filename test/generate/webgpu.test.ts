/** A device other than the CPU: WebGPU on SwiftShader, the software Vulkan that Debian's Chromium brings along. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, only, relativeDifference, temporaryFolder } from '../../fixtures/runs';
import { cli } from '../cli/process';

const CHROMIUM = '/usr/lib/chromium';
/** Shaders are compiled on the processor: seconds on a free machine, a minute on a busy one. */
const COMPILING_MS = 240_000;

const folder = temporaryFolder();

it.skipIf(!existsSync(join(CHROMIUM, 'libvk_swiftshader.so')))(
  'WebGPU adapts and answers as the CPU',
  async () => {
    const model = writeDecoder(join(folder, 'model'), { layers: 1, tail: [{ op: 'Add' }] }).folder;
    const env = { LD_LIBRARY_PATH: CHROMIUM, VK_ICD_FILENAMES: join(CHROMIUM, 'vk_swiftshader_icd.json') };
    const run = async (device: string) => {
      const prompt = ['--model', model, '--raw', '--prompt', 'Count the apples.', '--device', device];
      const options = ['--steps', '2', '--max-new-tokens', '3', '--ignore-eos', '--json'];
      const { stdout } = await cli(['run', ...prompt, ...options], env);
      return stdout
        .trim()
        .split('\n')
        .map((line) => RunEvent.parse(JSON.parse(line)));
    };
    const [cpu, webgpu] = [await run('cpu'), await run('webgpu')];
    expect(one(webgpu, 'notice').message).toMatch(
      /^the model runs on webgpu: its logits differ from the CPU's/,
    );
    for (const lane of ['baseline', 'slot']) expect(answerOf(webgpu, lane)).toEqual(answerOf(cpu, lane));
    const losses = (events: readonly RunEvent[]) => only(events, 'slot.step').map(({ loss }) => loss);
    expect(relativeDifference(losses(webgpu), losses(cpu))).toBeLessThan(1e-3);
  },
  COMPILING_MS,
);

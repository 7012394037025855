/** A device that answers, and wrongly: it is refused, its model is let go of, and the CPU answers in its place. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openOnDevice } from '../../engine/generate/device';
import {
  floatData,
  floats,
  offeredDevices,
  type Tensors,
  ViewSession,
} from '../../engine/onnx/runtime/session';
import { HIDDEN } from '../../engine/onnx/views/backbone-view';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';

const path = writeDecoder(join(temporaryFolder(), 'model'), { layers: 1 }).folder;
const device = offeredDevices().find((name) => name !== 'cpu') ?? 'webgpu';
const options = { folder: path, dtype: null, memorySaver: false, device } as const;

/** What the device makes of the backbone's hidden states; sessions of the device and of the CPU that are open. */
let computed: (value: number) => number;
const open = { device: 0, cpu: 0 };

beforeEach(() => {
  Object.assign(open, { device: 0, cpu: 0 });
  const create = ViewSession.create.bind(ViewSession);
  vi.spyOn(ViewSession, 'create').mockImplementation(async (name, view, given) => {
    // The processor plays the device.
    const session = await create(name, view, { ...given, device: 'cpu' });
    const side = given.device === device ? 'device' : 'cpu';
    open[side]++;
    const [run, release] = [session.run.bind(session), session.release.bind(session)];
    vi.spyOn(session, 'release').mockImplementation(() => {
      open[side]--;
      return release();
    });
    if (side === 'device') {
      vi.spyOn(session, 'run').mockImplementation(async (...asked): Promise<Tensors> => {
        const outputs = await run(...asked);
        const { [HIDDEN]: hidden } = outputs;
        if (!hidden) return outputs;
        return { ...outputs, [HIDDEN]: floats(floatData(hidden).map(computed), hidden.dims) };
      });
    }
    return session;
  });
});
afterEach(() => vi.restoreAllMocks());

it.skipIf(offeredDevices().length < 2)('is taken where it computes what the CPU does', async () => {
  computed = (value) => value;
  const { model, device: used } = await openOnDevice(options);
  expect(used).toMatchObject({ asked: device, used: device });
  // The views that sum the prompt's probabilities.
  expect(open.cpu).toBe(4);
  expect(open.device).toBeGreaterThan(0);
  await model.release();
  expect(open).toEqual({ device: 0, cpu: 0 });
});

it.skipIf(offeredDevices().length < 2).each<[string, (value: number) => number]>([
  ['NaN', () => Number.NaN],
  ['other numbers', (value) => 1.5 * value],
])('that answers %s is refused, and its sessions are released', async (_, wrong) => {
  computed = wrong;
  const checked = new Map<string, number>();
  const { model, device: used } = await openOnDevice(options, checked);
  expect(used).toMatchObject({ asked: device, used: 'cpu', largestDifference: null });
  expect(used.message).toMatch(/^the model runs on the CPU: on .* its logits differ/);
  expect(open.device).toBe(0);
  await model.release();
  expect(open).toEqual({ device: 0, cpu: 0 });
  // What was found holds the next time too.
  const again = await openOnDevice(options, checked);
  expect(again.device.used).toBe('cpu');
  await again.model.release();
  expect(open).toEqual({ device: 0, cpu: 0 });
});

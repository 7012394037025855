/** An opening that fails half-way leaves nothing open: no session, no descriptor; and it says what failed first. */
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openOnDevice } from '../../engine/generate/device';
import { Model, type OpenOptions } from '../../engine/model/model';
import * as sessions from '../../engine/onnx/runtime/session';
import { writeDecoder } from '../../fixtures/decoder';
import { writeNBitsDecoder } from '../../fixtures/quantized-decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { FIXTURES } from '../exports/traces';

const { ViewSession } = sessions;
const folder = temporaryFolder();
const CPU = { dtype: null, memorySaver: false, device: 'cpu' } as const;

/** Names of the sessions that are open, in the order of their opening. */
const live: string[] = [];
/** Names of those released, in order. */
const released: string[] = [];
const create = ViewSession.create.bind(ViewSession);
afterEach(() => {
  vi.restoreAllMocks();
  live.length = 0;
  released.length = 0;
});

/** @param failing which opening fails, from 1 @param isStuck whether releasing a session of this name fails, too */
function watchSessions(failing: number, isStuck: (name: string) => boolean = () => false): void {
  let opened = 0;
  vi.spyOn(ViewSession, 'create').mockImplementation(async (name, view, options) => {
    if (++opened === failing) throw new Error(`opening ${failing} failed`);
    const session = await create(name, view, { ...options, device: 'cpu' });
    live.push(name);
    const release = session.release.bind(session);
    vi.spyOn(session, 'release').mockImplementation(async () => {
      live.splice(live.lastIndexOf(name), 1);
      released.push(name);
      await release();
      if (isStuck(name)) throw new Error(`the ${name} cannot be released`);
    });
    return session;
  });
}

const MODELS: readonly { name: string; options: OpenOptions; order: string[] }[] = [
  {
    name: 'a tied float32 head',
    options: { ...CPU, folder: writeDecoder(join(folder, 'tied'), { layers: 1 }).folder },
    order: ['backbone', 'projection', 'gradient', 'projection'],
  },
  {
    name: 'a float16 head',
    options: {
      ...CPU,
      folder: writeDecoder(join(folder, 'half'), { layers: 1, dtype: 'float16' }).folder,
    },
    order: ['backbone', 'projection', 'gradient'],
  },
  {
    name: 'a dynamically quantised head of a merged decoder',
    options: { ...CPU, folder: join(FIXTURES, 'llama-merged'), dtype: 'q8' },
    order: ['backbone', 'backbone', 'projection', 'gradient', 'projection'],
  },
  {
    name: 'a 4-bit head',
    options: {
      ...CPU,
      dtype: 'q4',
      folder: writeNBitsDecoder(join(folder, 'q4'), { bits: 4, blockSize: 32, weights: 'inline' }),
    },
    order: ['backbone', 'projection'],
  },
];
const TAIL = [
  ...['shifted softmax', 'shifted softmax', 'narrowed softmax', 'growth'],
  ...['objective', 'distribution', 'divergence'],
];

describe.each(MODELS)('with $name', ({ options, order }) => {
  const all = [...order, ...TAIL];

  it('everything is released in reverse, even where one thing cannot be', async () => {
    watchSessions(0, (name) => name === 'objective');
    const model = await Model.open(options);
    expect(live).toEqual(all);
    await expect(model.release()).rejects.toThrow('the objective cannot be released');
    expect(released).toEqual(all.toReversed());
    expect(openFiles()).toEqual([]);
  });

  it.each(all.map((name, i) => ({ name, number: i + 1 })))(
    'nothing stays when opening $number ($name) fails',
    async ({ number }) => {
      watchSessions(number, (name) => name === 'backbone');
      await expect(Model.open(options)).rejects.toThrow(`opening ${number} failed`);
      expect(live).toEqual([]);
      expect(released).toEqual(all.slice(0, number - 1).toReversed());
      expect(openFiles()).toEqual([]);
    },
  );
});

it('a device whose check fails keeps no model, and one that differs gives way to the CPU’s', async () => {
  vi.spyOn(sessions, 'offeredDevices').mockReturnValue(['cpu', 'webgpu']);
  const [{ options, order }] = MODELS as [(typeof MODELS)[number]];
  const all = [...order, ...TAIL];
  const webgpu = { ...options, device: 'webgpu' } as const;
  // The model to compare with fails at its second session.
  watchSessions(all.length + 2);
  await expect(openOnDevice(webgpu)).rejects.toThrow(`opening ${all.length + 2} failed`);
  expect(live).toEqual([]);
  expect(openFiles()).toEqual([]);

  vi.restoreAllMocks();
  vi.spyOn(sessions, 'offeredDevices').mockReturnValue(['cpu', 'webgpu']);
  watchSessions(0);
  const { model, device } = await openOnDevice(webgpu, new Map([[JSON.stringify(webgpu), 1]]));
  expect(device).toMatchObject({ asked: 'webgpu', used: 'cpu' });
  expect(live).toEqual(all);
  await model.release();
  expect(live).toEqual([]);
  expect(openFiles()).toEqual([]);
});

/** The model files that this process has open, where that can be told. */
function openFiles(): string[] {
  if (process.platform !== 'linux') return [];
  const links = readdirSync('/proc/self/fd').map((number) => {
    try {
      return readlinkSync(`/proc/self/fd/${number}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => /\.onnx(_data_1)?$/.test(link));
}

it('an opening in fast arithmetic is refused before any session, where there is none', async () => {
  watchSessions(Number.POSITIVE_INFINITY);
  const opening = Model.open({ ...MODELS[0]!.options, arithmetic: 'fast' });
  await expect(opening).rejects.toMatchObject({ kind: 'input', code: 'no-fast-arithmetic' });
  expect([live, released]).toEqual([[], []]);
});

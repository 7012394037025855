/** Checkpoints whose weights are prepared when they are opened. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEngine, type Engine } from '../../engine/api/engine';
import { Model } from '../../engine/model/model';
import { ModelSettings, type Preparing, RunConfig, type RunEvent } from '../../engine/protocol';
import { readFamily, writeFamily } from '../checkpoint/families';
import { temporary } from '../checkpoint/prepare/support';

let folder: string;
let dataFolder: string;
let engine: Engine;
let told: (Preparing | null)[];

beforeEach(() => {
  const here = temporary();
  folder = join(here, 'tiny');
  dataFolder = join(here, 'data');
  writeFamily(folder, readFamily('llama'));
  engine = createEngine({ dataFolder });
  told = [];
  engine.watchPreparing((preparing) => told.push(preparing));
});
afterEach(async () => {
  await engine.dispose();
  vi.restoreAllMocks();
});

const open = (dtype: string) => engine.query('model.open', ModelSettings.parse({ folder, dtype }));
const prepared = async () => (await engine.query('models.prepared', {})).prepared;
const inspect = (dtype: string) =>
  engine.query('models.inspect', { model: folder, dtype, revision: null, onHub: false });

async function losses(dtype: string): Promise<number[]> {
  const config = RunConfig.parse({
    model: { folder, dtype },
    prompt: { kind: 'raw', text: 'Tom has 3 apples and buys 5 more.' },
    lanes: [{ name: 'slot', steps: 3 }],
    generation: { maxNewTokens: 1 },
  });
  const events: RunEvent[] = [];
  await engine.run(crypto.randomUUID(), config, (event) => events.push(event));
  return events.flatMap((event) => (event.type === 'slot.step' ? [event.loss] : []));
}

it('lists both precisions beside what is stored, and says what they take before anything is made', async () => {
  expect((await open('safetensors')).dtypes).toEqual(['safetensors', 'safetensors_q8', 'safetensors_q4']);
  expect((await inspect('safetensors')).preparation).toBeNull();
  const [eight, four] = [await inspect('safetensors_q8'), await inspect('safetensors_q4')];
  for (const card of [eight, four]) expect(card).toMatchObject({ refusal: null, projection: 'MatMulNBits' });
  expect(four.preparation!.bytes).toBeLessThan(eight.preparation!.bytes);
  expect(existsSync(join(dataFolder, 'prepared'))).toBe(false);
});

it('is made once, near the stored weights, told while it is, and kept from being deleted while it is open', async () => {
  const stored = await losses('safetensors');
  expect(told).toEqual([]);
  const eight = await losses('safetensors_q8');
  expect(told.at(0)).toMatchObject({ model: 'tiny', dtype: 'safetensors_q8', phase: 'preparing', done: 0 });
  expect(told.at(-1)).toBeNull();
  expect(stored).toHaveLength(3);
  for (const [i, loss] of eight.entries()) {
    expect(loss).not.toBe(stored[i]);
    expect(Math.abs(loss - stored[i]!)).toBeLessThan(0.05);
  }
  const [entry] = await prepared();
  expect(entry).toMatchObject({ name: 'tiny safetensors_q8', isUsed: true, problem: null });
  expect((await inspect('safetensors_q8')).preparation).toEqual({
    bytes: expect.any(Number),
    seconds: 0,
    loss: expect.stringContaining('nats (KL)'),
  });
  await expect(engine.query('models.removePrepared', { key: entry!.key })).rejects.toThrow('is open');

  told.length = 0;
  await open('safetensors');
  expect(await losses('safetensors_q8')).toEqual(eight);
  expect(told).toEqual([]);
  await open('safetensors');
  expect(await engine.query('models.removePrepared', { key: entry!.key })).toEqual({ freed: entry!.bytes });
  expect(await prepared()).toEqual([]);
});

it('is measured against the stored weights when it is first opened, and not again', async () => {
  const { rounding: eight } = await open('safetensors_q8');
  const { rounding: four } = await open('safetensors_q4');
  expect(eight!.kl).toBeGreaterThan(0);
  // Sixteen steps instead of 255: errors some ten times as large, and KL goes with their square.
  expect(four!.kl! / eight!.kl!).toBeGreaterThan(10);
  expect(four!.message).toMatch(/over a text of \d+ tokens .* nats \(KL\), and \d+(\.\d)? % have the same/);
  const opened = vi.spyOn(Model, 'open');
  await engine.dispose();
  engine = createEngine({ dataFolder });
  expect((await open('safetensors_q4')).rounding).toEqual(four);
  expect(opened).toHaveBeenCalledOnce();
  expect((await open('safetensors')).rounding).toBeNull();
});

it('opens anew once the stored weights have changed', async () => {
  const before = await losses('safetensors_q8');
  writeFamily(folder, { ...readFamily('llama'), seed: 4711 });
  const after = await losses('safetensors_q8');
  expect(Math.abs(after[0]! - before[0]!)).toBeGreaterThan(0.001);
  expect(await prepared()).toHaveLength(1);
});

it('writes nothing for an architecture that would not open', async () => {
  const family = readFamily('llama');
  writeFamily(folder, { ...family, config: { ...family.config, model_type: 'mamba' } });
  await expect(open('safetensors_q8')).rejects.toMatchObject({ code: 'unsupported-architecture' });
  expect(existsSync(join(dataFolder, 'prepared')) && readdirSync(join(dataFolder, 'prepared'))).toBeFalsy();
});

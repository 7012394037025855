/** Deleting a model: it is known by its files, however it was opened, and waits for no other model. */
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEngine, type Engine } from '../../engine/api/engine';
import { ModelSettings, RunConfig, type RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { temporaryFolder } from '../../fixtures/runs';
import { putInCache } from '../hub/cached';
import { type Gate, gateAtHead, gateInOpening } from './gate';

const folder = temporaryFolder();
const cache = join(folder, 'hub');
const ID = 'some-org/meant';
const { folder: source } = writeDecoder(join(folder, 'source'), { weights: 'external' });
writeDecoder(source, { suffix: '_fp16', dtype: 'float16' });
const OTHER = writeDecoder(join(folder, 'other')).folder;
const link = join(folder, 'link');
let engine: Engine;
let snapshot: string;

beforeEach(() => {
  vi.stubEnv('HF_HUB_CACHE', cache);
  rmSync(cache, { recursive: true, force: true });
  snapshot = putInCache(cache, ID, source);
  if (!existsSync(link)) symlinkSync(snapshot, link);
  engine = createEngine({ dataFolder: join(folder, 'data') });
});
afterEach(async () => {
  await engine.dispose();
  vi.restoreAllMocks();
});

const remove = (dtype: string | null = null) =>
  engine.query('models.remove', { id: ID, dtype, revision: null });
const open = (model: string, dtype: string | null = null) =>
  engine.query('model.open', ModelSettings.parse({ folder: model, dtype }));

/** A run of `model` that is held until the gate opens. */
async function held(model: string): Promise<{ gate: Gate; ended: Promise<RunEvent> }> {
  await open(model);
  const gate = gateAtHead();
  const config = RunConfig.parse({
    model: { folder: model },
    prompt: { kind: 'raw', text: 'one two' },
    lanes: [{ name: 'slot', steps: 1 }],
    generation: { maxNewTokens: 2 },
  });
  let last: RunEvent | undefined;
  const ended = engine
    .run('held', config, (event) => {
      last = event;
    })
    .then(() => last!);
  await gate.reached;
  return { gate, ended };
}

const names: [string, () => string][] = [
  ['its hub id', () => ID],
  ["its snapshot's folder", () => snapshot],
  ['a link to that', () => link],
];

it.each(names)(
  'of a model that runs, opened by %s, is refused and does not harm the run',
  async (_, model) => {
    const { gate, ended } = await held(model());
    await expect(remove()).rejects.toMatchObject({ kind: 'input', code: 'model-in-use' });
    await expect(remove('fp32')).rejects.toMatchObject({ code: 'model-in-use' });
    gate.open();
    expect(await ended).toMatchObject({ type: 'run.done' });
    expect((await remove()).freed).toBeGreaterThan(0);
    expect(existsSync(snapshot)).toBe(false);
  },
);

it('of a dtype that does not run is done at once', async () => {
  const { gate, ended } = await held(ID);
  expect((await remove('fp16')).freed).toBeGreaterThan(0);
  gate.open();
  expect(await ended).toMatchObject({ type: 'run.done' });
});

it('does not wait for a run of another model', async () => {
  const { gate, ended } = await held(OTHER);
  expect((await remove()).freed).toBeGreaterThan(0);
  expect(existsSync(snapshot)).toBe(false);
  gate.open();
  expect(await ended).toMatchObject({ type: 'run.done' });
});

it('of a model that is being opened is refused', async () => {
  const gate = gateInOpening();
  const opening = open(link);
  await gate.reached;
  await expect(remove()).rejects.toMatchObject({ code: 'model-in-use' });
  gate.open();
  expect((await opening).dtype).toBe('fp32');
  expect((await remove()).freed).toBeGreaterThan(0);
});

/** What is asked of the last run works with its model to the end, whatever happens to that model meanwhile. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngine, type Engine, STARTER_FOLDER } from '../../engine/api/engine';
import { Model } from '../../engine/model/model';
import { ModelSettings, RunConfig } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { putInCache } from '../hub/cached';
import { gateAtHead, turns } from './gate';

const folder = temporaryFolder();
const cache = join(folder, 'hub');
const OTHER = join(import.meta.dirname, '../exports/fixtures/llama');
const ANSWER = { runId: 'last', lane: 'slot' };
let engine: Engine;

/** The last run is one of the cached model. */
async function answered(): Promise<void> {
  rmSync(cache, { recursive: true, force: true });
  putInCache(cache, 'some-org/last', STARTER_FOLDER);
  engine = createEngine({ dataFolder: join(folder, 'data') });
  const config = RunConfig.parse({
    model: { folder: 'some-org/last' },
    prompt: { kind: 'raw', text: 'two and two' },
    lanes: [{ name: 'slot', steps: 1 }],
    generation: { maxNewTokens: 1, ignoreEos: true },
  });
  await engine.run(ANSWER.runId, config, () => {});
}

const readings = {
  'distribution.read': () => engine.query('distribution.read', { ...ANSWER, index: 0 }),
  'answer.massMoved': () => engine.query('answer.massMoved', { ...ANSWER, from: 0 }),
};
/** Each closes the model of the last run. */
const closings = {
  'another model opens': () => engine.query('model.open', ModelSettings.parse({ folder: OTHER })),
  'it is deleted': () => engine.query('models.remove', { id: 'some-org/last', dtype: null, revision: null }),
  'the engine ends': () => engine.dispose(),
};
type Reading = keyof typeof readings;

describe.each(Object.keys(readings) as Reading[])('%s', (reading) => {
  let expected: unknown;

  beforeAll(async () => {
    vi.stubEnv('HF_HUB_CACHE', cache);
    await answered();
    expected = await readings[reading]();
    await engine.dispose();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await engine.dispose();
  });

  it.each(Object.keys(closings) as (keyof typeof closings)[])('is answered though %s', async (closing) => {
    await answered();
    const released = vi.spyOn(Model.prototype, 'release');
    const gate = gateAtHead();
    const read = readings[reading]();
    await gate.reached;
    const closed = closings[closing]();
    await turns();
    expect(released).not.toHaveBeenCalled();
    // Who asks now is too late, and told so.
    await expect(readings[reading]()).rejects.toMatchObject({ kind: 'input', code: 'run-gone' });
    gate.open();
    expect(await read).toEqual(expected);
    await closed;
    expect(released).toHaveBeenCalledOnce();
  });
});

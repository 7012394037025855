/** A run with controls on disk and on its way: each lane's origin and delta are there again, and the same run comes out. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Engine } from '../../engine/api/engine';
import { RunConfig, type RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { only, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';

const root = temporaryFolder();
const { folder: model } = writeDecoder(join(root, 'model'), { layers: 1 });
const here = testEngine(join(root, 'here'));
const there = testEngine(join(root, 'there'));

const prompt = { kind: 'raw' as const, text: 'two apples' };
const chat = { kind: 'chat' as const, messages: [{ role: 'user' as const, content: 'Two apples.' }] };
const slot = { steps: 3, lr: 0.3, preset: 'vllm', weightDecay: 0.1 } as const;
const config = RunConfig.parse({
  model: { folder: model },
  prompt: chat,
  lanes: [
    { name: 'slot', ...slot },
    { name: 'minus', ...slot, origin: { kind: 'minus' } },
    { name: 'random', ...slot, origin: { kind: 'random', seed: 9 } },
    {
      name: 'mean',
      ...slot,
      origin: { kind: 'prompts', prompts: [prompt, { kind: 'raw', text: 'no pears' }] },
    },
    { name: 'template', ...slot, origin: { kind: 'template' } },
    { name: 'temperature', ...slot, origin: { kind: 'temperature' } },
  ],
  generation: { maxNewTokens: 4, temperature: 0.9, ignoreEos: true },
});
const ADAPTING = ['slot', 'minus', 'random', 'mean', 'template'];

async function run(engine: Engine, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  await engine.run(runId, config, (event) => events.push(event), true);
  return events;
}

/** Without what no two runs share. */
function timeless(events: readonly RunEvent[]): unknown[] {
  return events.map((event) => ({ ...event, ms: null, at: null, runId: null }));
}

it('opens again, travels with its vectors, and is run again to the same events', async () => {
  const live = await run(here, 'first');
  expect(only(live, 'lane.failed')).toEqual([]);
  expect(only(live, 'lane.temperature')).toHaveLength(1);
  const { events } = await here.query('runs.read', { runId: 'first' });
  expect(events).toEqual(live);
  expect(only(events, 'run.started')[0]!.config.lanes).toEqual(config.lanes);
  const { runs } = await here.query('runs.list', {});
  expect(runs[0]!.lanes.map(({ origin }) => origin)).toEqual(config.lanes.map(({ origin }) => origin.kind));
  const shown = await Promise.all(
    ADAPTING.map((lane) => here.query('shift.series', { runId: 'first', lane, ids: [3] })),
  );
  const vectors = (await here.query('runs.vectors', { runId: 'first' })).file;

  // A fresh engine has read nothing before.
  const again = await run(there, 'second');
  expect(timeless(again)).toEqual(timeless(live));

  const { text } = await here.query('runs.export', { runId: 'first' });
  await there.query('runs.import', { text });
  await there.query('runs.importVectors', { runId: null, file: vectors });
  const travelled = ADAPTING.map((lane) => there.query('shift.series', { runId: 'first', lane, ids: [3] }));
  expect(await Promise.all(travelled)).toEqual(shown);
  expect((await there.query('runs.read', { runId: 'first' })).events).toEqual(live);
  // SLOT's shift by step, and minus it where its negative has one column.
  const [own, minus] = shown.map(({ shift }) => shift[0]!);
  expect(own).toHaveLength(3);
  expect([...minus!]).toEqual([-own![2]!]);
});

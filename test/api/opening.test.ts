/** A model opens until it is open, until nobody waits for it, or until another one is to be opened. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEngine, type Engine } from '../../engine/api/engine';
import { ViewSession } from '../../engine/onnx/runtime/session';
import { cancelled, ModelSettings, RunConfig, type RunEvent } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { gateAtHead, gateInOpening, turns } from './gate';

const dataFolder = join(temporaryFolder(), 'data');
const fixture = (name: string) => join(import.meta.dirname, '../exports/fixtures', name);
const [A, B] = [fixture('llama'), fixture('gpt2')];
let engine: Engine;
let created: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  engine = createEngine({ dataFolder });
  created = vi.spyOn(ViewSession, 'create');
});
afterEach(async () => {
  await engine.dispose();
  vi.restoreAllMocks();
});

const open = (folder: string, signal?: AbortSignal) =>
  engine.query('model.open', ModelSettings.parse({ folder }), signal);

async function run(folder: string, onEvent: (event: RunEvent, runId: string) => void = () => {}) {
  const config = RunConfig.parse({
    model: { folder },
    prompt: { kind: 'raw', text: 'one two three' },
    lanes: [{ name: 'slot', steps: 1 }],
    generation: { maxNewTokens: 2 },
  });
  const runId = crypto.randomUUID();
  const events: RunEvent[] = [];
  await engine.run(runId, config, (event) => {
    events.push(event);
    onEvent(event, runId);
  });
  return events.map(({ type }) => type);
}

it('is called off by the opening of another model, and not by that of the same one', async () => {
  const gate = gateInOpening();
  const first = open(A);
  const same = open(A);
  await gate.reached;
  const refused = Promise.all(
    [first, same].map((each) => expect(each).rejects.toMatchObject({ code: 'superseded' })),
  );
  const second = open(B);
  gate.open();
  await refused;
  expect((await second).id).toBe('gpt2');
  expect((await Promise.all([open(A), open(A)])).map(({ id }) => id)).toEqual(['llama', 'llama']);
});

it('stops between two sessions once it is cancelled, and releases what it had opened', async () => {
  const released = vi.spyOn(ViewSession.prototype, 'release');
  const gate = gateInOpening();
  const stop = new AbortController();
  const opening = open(A, stop.signal);
  await gate.reached;
  stop.abort(cancelled());
  gate.open();
  await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
  const { calls } = created.mock;
  const begun = calls.length;
  await turns();
  expect(calls).toHaveLength(begun);
  expect(begun).toBe(2);
  expect(released).toHaveBeenCalledOnce();
  expect((await open(A)).id).toBe('llama');
});

it('does not begin where it is cancelled while it waits for a run', async () => {
  await open(A);
  const gate = gateAtHead();
  const running = run(A);
  await gate.reached;
  const stop = new AbortController();
  const waiting = open(B, stop.signal);
  stop.abort(cancelled());
  gate.open();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect((await running).at(-1)).toBe('run.done');
  // The model of the run is still the one that is open.
  created.mockClear();
  await open(A);
  expect(created).not.toHaveBeenCalled();
});

it('stops for a run that is cancelled, which has not begun then', async () => {
  const gate = gateInOpening();
  const runId = 'cancelled-early';
  const events: string[] = [];
  const config = RunConfig.parse({
    model: { folder: A },
    prompt: { kind: 'raw', text: 'x' },
    lanes: [{ name: 'a', steps: 0 }],
  });
  const running = engine.run(runId, config, ({ type }) => events.push(type));
  await gate.reached;
  engine.cancel(runId);
  gate.open();
  await running;
  expect(events).toEqual(['run.cancelled']);
  expect((await run(A)).at(-1)).toBe('run.done');
});

it('leaves a run alone when another model is to be opened, and comes after it', async () => {
  const gate = gateInOpening();
  const running = run(A);
  await gate.reached;
  const opening = open(B);
  gate.open();
  expect((await running).at(-1)).toBe('run.done');
  expect((await opening).id).toBe('gpt2');
});

it('is over when it is over: a cancel afterwards does not reach sessions that open later', async () => {
  // Its gradient's sessions open with the first step.
  const quantised = fixture('llama-asymmetric');
  const first = await run(quantised, ({ type }, runId) => type === 'run.started' && engine.cancel(runId));
  expect(first.at(-1)).toBe('run.cancelled');
  expect((await run(quantised)).at(-1)).toBe('run.done');
});

/** Runs on generated models: a temporary folder, an engine, and the events of a run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { createEngine, type Engine } from '../../engine/engine';
import { ModelSettings, RunConfig, type RunConfigInput, type RunEvent } from '../../engine/protocol';

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** A folder for this test file, gone when its tests are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slot-studio-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An engine for this test file; its runs are kept under `dataFolder`, if they are. */
export function testEngine(dataFolder = join(tmpdir(), 'slot-studio-test-unused')): Engine {
  const engine = createEngine({ dataFolder });
  afterAll(() => engine.dispose());
  return engine;
}

export function openModel(engine: Engine, folder: string) {
  return engine.query('model.open', ModelSettings.parse({ folder }));
}

let runs = 0;

/** Runs to the end. `onEvent` is called with each event and the run's id as it comes. */
export async function runEvents(
  engine: Engine,
  config: RunConfigInput,
  onEvent: (event: RunEvent, runId: string) => void = () => {},
): Promise<RunEvent[]> {
  const runId = `run-${++runs}`;
  const events: RunEvent[] = [];
  await engine.run(runId, RunConfig.parse(config), (event) => {
    events.push(event);
    onEvent(event, runId);
  });
  return events;
}

export function only<T extends RunEvent['type']>(events: readonly RunEvent[], type: T): Of<T>[] {
  return events.filter((event): event is Of<T> => event.type === type);
}

/** The one event of this type (and lane). */
export function one<T extends RunEvent['type']>(events: readonly RunEvent[], type: T, lane?: string): Of<T> {
  const found = only(events, type).filter(
    (event) => lane === undefined || ('lane' in event && event.lane === lane),
  );
  expect(found, `${type} ${lane ?? ''}: ${JSON.stringify(events.at(-1))}`).toHaveLength(1);
  return found[0]!;
}

/** The ids that a lane wrote. */
export function answerOf(events: readonly RunEvent[], lane: string): readonly number[] {
  return one(events, 'lane.done', lane).ids;
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    // NaN must not pass for small.
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** The largest difference relative to the expected value. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const ratios = Array.from(actual, (value, i) => Math.abs(value - expected[i]!) / Math.abs(expected[i]!));
  return Math.max(...ratios);
}

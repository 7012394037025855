/**
 * What the first version wrote, kept as it was: each file is opened by today's reader, or refused in one clear line where
 * a later version wrote it. A format that changes gets another file beside these; these stay.
 */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWindowState } from '../../electron/window-state';
import { JobStore } from '../../engine/evaluate/job-store';
import { Remembered } from '../../engine/hub/remembered';
import { EngineError } from '../../engine/protocol';
import { RunStore } from '../../engine/runs/store';
import { parseRemembered } from '../../renderer/state/persistence';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'formats');
const fixture = (name: string) => readFileSync(join(FIXTURES, name), 'utf8');

/** A copy of the first version's data folder. */
function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slot-formats-'));
  cpSync(join(FIXTURES, 'data-1'), folder, { recursive: true });
  return folder;
}

/** Changes one field of a JSON file. */
function rewrite(file: string, change: Record<string, unknown>): void {
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }));
}

function refusal(work: () => unknown): Pick<EngineError, 'code' | 'message' | 'hint'> {
  try {
    work();
  } catch (error) {
    if (error instanceof EngineError) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('it was not refused');
}

describe('runs', () => {
  it('of the first data folder are listed, read whole and labelled as they were, with their vectors', async () => {
    const store = new RunStore(dataFolder());
    expect(store.list()).toEqual([
      expect.objectContaining({
        runId: 'first-run',
        outcome: 'done',
        damage: null,
        prompt: 'What is 2 plus 3?',
        tags: ['kept'],
        note: 'the first of its kind',
      }),
    ]);
    const { events } = store.read('first-run');
    expect(events[0]).toMatchObject({ type: 'run.started', v: 2 });
    expect(events.filter(({ type }) => type === 'slot.step')).toHaveLength(2);
    expect(events.at(-1)?.type).toBe('run.done');
    expect(events.some(({ type }) => type === 'notice')).toBe(false);
    // Both come back by way of a file, byte for byte.
    expect(store.lines('first-run')).toBe(fixture('data-1/runs/first-run/events.jsonl'));
  });

  it('of format 1 are imported, in the terms of today', async () => {
    const store = new RunStore(dataFolder());
    const runId = await store.import(fixture('run-1.jsonl').replaceAll('first-run', 'older-run'));
    const { events } = store.read(runId);
    const [started] = events;
    expect(started?.type === 'run.started' && started.config.lanes[1]?.forcedPrefix).toEqual([20]);
    expect(events.filter((event) => event.type === 'token' && event.forced)).toHaveLength(1);
  });

  it('of a later version are refused, with what to do', async () => {
    const later = fixture('data-1/runs/first-run/events.jsonl').replace('"v":2', '"v":3');
    await expect(new RunStore(dataFolder()).import(later)).rejects.toMatchObject({
      code: 'newer-run',
      message: 'line 1: the run was written in format 3, this version reads 2',
      hint: 'Update SLOT Studio to open it.',
    });
  });
});

describe('evaluations', () => {
  it('of the first data folder are listed with what was asked and answered', () => {
    const { jobs, damaged } = new JobStore(dataFolder()).list();
    expect(damaged).toEqual([]);
    expect(jobs.map(({ manifest }) => manifest)).toEqual([
      expect.objectContaining({ jobId: 'first-job', state: 'done', progress: { done: 4, total: 4 } }),
    ]);
    expect(jobs[0]!.problems()).toHaveLength(2);
    expect([...jobs[0]!.answers()]).toHaveLength(4);
    jobs[0]!.close();
  });

  it('of a later version are not called damaged, and nobody is told to delete them', () => {
    const folder = dataFolder();
    rewrite(join(folder, 'evaluations', 'first-job', 'manifest.json'), { v: 2, another: {} });
    const store = new JobStore(folder);
    expect(refusal(() => store.open('first-job'))).toEqual({
      code: 'newer-job',
      message: 'the evaluation first-job was written in format 2, this version reads 1',
      hint: 'Update SLOT Studio to open it.',
    });
    expect(store.list().damaged).toEqual([
      { jobId: 'first-job', why: 'the evaluation first-job was written in format 2, this version reads 1' },
    ]);
  });
});

describe('the list of models', () => {
  it('of the first data folder is read, and changed in place', () => {
    const remembered = new Remembered(dataFolder());
    expect(remembered.read().folders).toEqual(['/models/one']);
    expect(remembered.read().pulls).toHaveLength(1);
    remembered.addFolder('/models/two');
    expect(remembered.read().folders).toEqual(['/models/one', '/models/two']);
    expect(remembered.read().pulls).toHaveLength(1);
  });

  it('of a later version is read as far as it goes, and left as it is', () => {
    const folder = dataFolder();
    const file = join(folder, 'models.json');
    rewrite(file, { v: 2, servers: ['another kind of entry'] });
    const before = readFileSync(file, 'utf8');
    const remembered = new Remembered(folder);
    expect(remembered.read().folders).toEqual(['/models/one']);
    expect(refusal(() => remembered.addFolder('/models/two'))).toEqual({
      code: 'newer-list',
      message: 'the list of models was written in format 2, this version writes 1',
      hint: 'Update SLOT Studio, or set SLOT_STUDIO_DATA to another folder.',
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('the window', () => {
  it('remembers every key that its first version wrote', () => {
    const written = JSON.parse(fixture('remembered-1.json')) as Record<string, unknown>;
    const read = parseRemembered(JSON.stringify(written));
    expect(Object.keys(read).sort()).toEqual(Object.keys(written).sort());
    expect(read).toMatchObject({ prompt: 'How many?', theme: 'dark', letterKeys: false });
  });

  it('comes back to where its first version left it', () => {
    expect(readWindowState(join(FIXTURES, 'window-1.json'))).toEqual({
      bounds: { x: 10, y: 20, width: 900, height: 700 },
      maximized: true,
    });
  });
});

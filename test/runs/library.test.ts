/** What the window's list of runs rests on: exact export, import that stays in its folder, delete that can be undone. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { RunStore } from '../../engine/runs/store';
import { COMPLETE_RUN, RUN_ID, STARTED } from '../renderer/run-events';

const LINES = COMPLETE_RUN.map((event) => `${JSON.stringify(event)}\n`).join('');

let folder: string;
let store: RunStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slot-library-'));
  store = new RunStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('exports the lines as they were written, and those import again under a new id', async () => {
  const writer = store.create(RUN_ID);
  for (const event of COMPLETE_RUN) writer.append(event);
  expect(store.lines(RUN_ID)).toBe(LINES);
  const copy = await store.import(store.lines(RUN_ID));
  expect(copy).not.toBe(RUN_ID);
  expect(store.read(copy).events.slice(1)).toEqual(store.read(RUN_ID).events.slice(1));
});

it('exports the very bytes of a whole run, also where today’s engine would write them otherwise', () => {
  const written = COMPLETE_RUN.map((event) => `${JSON.stringify(event).replaceAll('":', '": ')}\n`).join('');
  const writer = store.create(RUN_ID);
  for (const event of COMPLETE_RUN) writer.append(event);
  writeFileSync(join(folder, 'runs', RUN_ID, 'events.jsonl'), written);
  expect(store.lines(RUN_ID)).toBe(written);
});

it('exports a run whose engine was killed with an end that says so, and takes it back', async () => {
  const writer = store.create(RUN_ID);
  for (const event of COMPLETE_RUN.slice(0, 6)) writer.append(event);
  appendFileSync(join(folder, 'runs', RUN_ID, 'events.jsonl'), '{"type":"tok');
  expect(store.list()).toMatchObject([{ outcome: 'interrupted' }]);
  const lines = store.lines(RUN_ID);
  expect(lines.split('\n')).toHaveLength(6 + 1 + 1);
  const copy = await store.import(lines);
  expect(store.read(copy)).toMatchObject({
    summary: { outcome: 'interrupted' },
    events: { length: 7, 6: { type: 'run.failed', code: 'interrupted' } },
  });
  // Less than what was exported is still a truncated file.
  await expect(store.import(lines.split('\n').slice(0, 6).join('\n'))).rejects.toThrow(/line 6: .*truncated/);
});

it.each(['../../outside', '', 'a/b', '..', 'x'.repeat(65)])(
  'never takes the id %j for a path',
  async (runId) => {
    const text = LINES.replace(`"runId":"${RUN_ID}"`, `"runId":${JSON.stringify(runId)}`);
    const id = await store.import(text);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(readdirSync(join(folder, 'runs'))).toEqual([id]);
    expect(store.list().map((run) => run.runId)).toEqual([id]);
  },
);

it('leaves out of the list what an interrupted import left behind', async () => {
  await store.import(LINES);
  // All of it was written, and it was not renamed yet.
  cpSync(join(folder, 'runs', RUN_ID), join(folder, 'runs', `${RUN_ID}.9-x.partial`), { recursive: true });
  expect(store.list()).toHaveLength(1);
});

it('undoes a delete after a restart, and drops what was deleted long ago', async () => {
  await store.import(LINES);
  store.delete(RUN_ID);
  expect(store.list()).toEqual([]);
  const restarted = new RunStore(folder);
  restarted.tidy();
  restarted.restore(RUN_ID);
  expect(restarted.list()).toHaveLength(1);

  restarted.delete(RUN_ID);
  const before = new Date(Date.now() - 25 * 3600 * 1000);
  utimesSync(join(folder, 'deleted', RUN_ID), before, before);
  restarted.tidy();
  expect(existsSync(join(folder, 'deleted', RUN_ID))).toBe(false);
});

it('says that a run has no vectors instead of exporting an empty file', async () => {
  const engine = createEngine({ dataFolder: folder });
  await engine.query('runs.import', { text: `${JSON.stringify(STARTED)}\n{"type":"run.cancelled"}\n` });
  await expect(engine.query('runs.vectors', { runId: RUN_ID })).rejects.toMatchObject({ code: 'no-vectors' });
  await expect(engine.query('runs.export', { runId: 'gone' })).rejects.toMatchObject({ code: 'no-run' });
});

it('hears others while it takes in a long run, and lets none of them have its place', async () => {
  const lines = LINES.trimEnd().split('\n');
  const tokens = lines.filter((line) => line.includes('"type":"token"'));
  const long = Array.from({ length: 500 }, (_, i) => tokens[i % tokens.length]);
  const text = [lines[0], ...long, ...lines.slice(1)].join('\n');
  const isOver = Promise.all([store.import(text), store.import(text)]);
  let turns = 0;
  let others = setImmediate(function again() {
    turns++;
    others = setImmediate(again);
  });
  const ids = await isOver;
  clearImmediate(others);
  expect(turns).toBeGreaterThan(0);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(store.read(id).events.length).toBe(500 + lines.length);
});

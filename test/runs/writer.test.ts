/** A run being written: one file, open once, closed on every way out. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { RunConfig, type RunEvent } from '../../engine/protocol';
import { RunKeeper } from '../../engine/runs/keeper';
import { RunStore } from '../../engine/runs/store';
import { writeDecoder } from '../../fixtures/decoder';
import { only, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { COMPLETE_RUN, RUN_ID, STARTED, token } from '../renderer/run-events';

/** Which files were synced, by descriptor, and what opening costs: both real, and counted. */
const calls = vi.hoisted(() => ({ opened: [] as string[], synced: [] as number[] }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  return {
    ...fs,
    openSync: (...args: Parameters<typeof fs.openSync>) => {
      calls.opened.push(String(args[0]));
      return fs.openSync(...args);
    },
    fdatasyncSync: (file: number) => {
      calls.synced.push(file);
      fs.fdatasyncSync(file);
    },
  };
});

const folder = temporaryFolder();
let folders = 0;
const newStore = () => {
  const data = join(folder, String(++folders));
  return { data, store: new RunStore(data) };
};

/** How many descriptors of this process lead below a folder. */
function openBelow(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd)).startsWith(path);
    } catch {
      return false;
    }
  }).length;
}

it('opens the file of the events once, and syncs at turning points, not at tokens', () => {
  const { data, store } = newStore();
  calls.opened.length = 0;
  const writer = store.create(RUN_ID);
  const synced = (event: RunEvent) => {
    calls.synced.length = 0;
    writer.append(event);
    return calls.synced.length;
  };
  const path = join(data, 'runs', RUN_ID, 'events.jsonl');
  for (const event of COMPLETE_RUN) {
    const expected = ['run.started', 'slot.done', 'lane.done', 'run.done'].includes(event.type) ? 1 : 0;
    expect(synced(event), event.type).toBe(expected);
    // Another process reads it at once.
    if (event.type !== 'run.done')
      expect(readFileSync(path, 'utf8').endsWith(`${JSON.stringify(event)}\n`)).toBe(true);
  }
  expect(calls.opened.filter((opened) => opened === path)).toHaveLength(1);
});

it.runIf(existsSync('/proc/self/fd'))(
  'closes it at the end, at a failure, and when the keeper is done',
  async () => {
    const { data, store } = newStore();
    const ended = store.create('ended');
    for (const event of COMPLETE_RUN) ended.append(event);
    expect(openBelow(data)).toBe(0);
    expect(() => ended.append(COMPLETE_RUN[1]!)).toThrow(/closed/);

    const failing = store.create('failing');
    failing.append(STARTED);
    rmSync(join(data, 'runs', 'failing'), { recursive: true });
    expect(() => failing.append({ type: 'run.cancelled' })).toThrow(
      expect.objectContaining({ code: 'store' }),
    );
    expect(openBelow(data)).toBe(0);

    const keeper = new RunKeeper(store, 'unfinished');
    keeper.append(STARTED);
    expect(openBelow(data)).toBe(1);
    await keeper.finish([], async () => ['a']);
    expect(openBelow(data)).toBe(0);

    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const gone = new RunKeeper(store, 'gone');
    gone.append(STARTED);
    await gone.finish([], () => Promise.reject(new Error('no vocabulary')));
    expect(openBelow(data)).toBe(0);
    expect(log).toHaveBeenCalledWith('no vocabulary');
    log.mockRestore();
  },
);

it.runIf(existsSync('/proc/self/fd'))(
  'tells of a failing disk once, closes the file, and keeps what was written',
  () => {
    const { data, store } = newStore();
    const keeper = new RunKeeper(store, RUN_ID);
    expect(keeper.append(STARTED)).toBeUndefined();
    // The descriptor itself fails from here on.
    const fd = readdirSync('/proc/self/fd').find((each) => {
      try {
        return readlinkSync(`/proc/self/fd/${each}`).startsWith(data);
      } catch {
        return false;
      }
    });
    closeSync(Number(fd));
    expect(keeper.append(token('slot', 0, 1, 'x'))).toMatchObject({ code: 'not-kept' });
    expect(keeper.append(token('slot', 1, 1, 'x'))).toBeUndefined();
    expect(store.read(RUN_ID).events).toHaveLength(2);
  },
);

it('refuses an id that a stored or a deleted run has', async () => {
  const { data, store } = newStore();
  const { folder: model } = writeDecoder(join(folder, 'model'), { layers: 1 });
  const engine = testEngine(data);
  const config = RunConfig.parse({
    model: { folder: model },
    prompt: { kind: 'raw', text: 'What is one and one?' },
    lanes: [{ name: 'baseline', steps: 0 }],
    generation: { maxNewTokens: 2, ignoreEos: true },
  });
  const run = async (save: boolean) => {
    const events: RunEvent[] = [];
    await engine.run('twice', config, (event) => events.push(event), save);
    return events;
  };
  const first = await run(true);
  expect(only(first, 'token')).toHaveLength(2);
  const refused = {
    type: 'run.failed',
    kind: 'input',
    code: 'run-exists',
    message: 'a run twice is stored already',
    hint: 'Use a new id.',
  };
  expect(await run(true)).toEqual([refused]);
  expect(store.read('twice').events).toEqual(first);
  store.delete('twice');
  expect(await run(true)).toEqual([refused]);
  store.restore('twice');
  expect(store.read('twice').events).toEqual(first);
  expect((await run(false)).at(-1)?.type).toBe('run.done');

  mkdirSync(join(data, 'runs'), { recursive: true });
  symlinkSync('/nowhere', join(data, 'runs', 'link'));
  expect(() => store.create('link')).toThrow(expect.objectContaining({ code: 'run-exists' }));
});

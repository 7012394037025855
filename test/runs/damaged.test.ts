/** A run is damaged or whole by itself: what can be read of it is shown, and it hides no other. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RunSummary } from '../../engine/protocol';
import { RunStore } from '../../engine/runs/store';
import { temporaryFolder } from '../../fixtures/runs';
import { COMPLETE_RUN, RUN_ID } from '../renderer/run-events';

const root = temporaryFolder();
const isRoot = process.getuid?.() === 0;
const LINES = COMPLETE_RUN.map((event) => `${JSON.stringify(event)}\n`);
let folders = 0;

/** A store with one whole run, and one whose folder `damage` works on. */
async function withDamage(
  damage: (folder: string, events: string) => void,
): Promise<{ store: RunStore; folder: string }> {
  const data = join(root, String(++folders));
  const store = new RunStore(data);
  await store.import(LINES.join(''));
  const folder = join(data, 'runs', 'bad');
  mkdirSync(folder);
  damage(folder, join(folder, 'events.jsonl'));
  return { store, folder };
}

it.each<[string, RegExp, (folder: string, events: string) => void]>([
  ['a folder named events.jsonl', /is not a file/, (_, events) => mkdirSync(events)],
  ['a pipe', /is not a file/, (_, events) => execFileSync('mkfifo', [events])],
  ['a device', /is not a file/, (_, events) => symlinkSync('/dev/zero', events)],
  [
    'a sparse file',
    /the first line/,
    (_, events) => {
      writeFileSync(events, '');
      truncateSync(events, 2 ** 40);
    },
  ],
  ['a link that leads nowhere', /not there/, (_, events) => symlinkSync('/nowhere', events)],
  [
    'a link to a file',
    /not there/,
    (folder) => {
      const file = join(folder, '..', '..', 'file');
      writeFileSync(file, '');
      rmSync(folder, { recursive: true });
      symlinkSync(file, folder);
    },
  ],
  [
    'no events beside vectors',
    /not there/,
    (folder) => writeFileSync(join(folder, 'vectors.safetensors'), ''),
  ],
  [
    'an empty file beside others',
    /empty/,
    (folder, events) => {
      writeFileSync(events, '');
      writeFileSync(join(folder, 'vectors.safetensors'), '');
    },
  ],
  [
    'a first line that was cut',
    /the first line/,
    (_, events) => writeFileSync(events, LINES[0]!.slice(0, 50)),
  ],
  ['a first line that is another event', /the first line/, (_, events) => writeFileSync(events, LINES[1]!)],
  [
    'a run of a later version',
    /format 99, this version reads \d/,
    (_, events) => writeFileSync(events, LINES.join('').replace(/"v":\d+/, '"v":99')),
  ],
])('lists, beside the whole one, a run that is %s', async (_, why, damage) => {
  const { store, folder } = await withDamage(damage);
  const list = store.list();
  expect(list.map(({ runId }) => runId).sort()).toEqual(['bad', RUN_ID].sort());
  const bad = list.find(({ runId }) => runId === 'bad');
  expect(RunSummary.parse(bad)).toMatchObject({ outcome: 'damaged', damage: expect.stringMatching(why) });
  for (const read of [() => store.read('bad'), () => store.lines('bad')]) {
    expect(read).toThrow(
      expect.objectContaining({
        name: 'EngineError',
        code: expect.stringMatching(/damaged-run|newer-run|unreadable-file/),
      }),
    );
  }
  store.delete('bad');
  expect(store.list()).toMatchObject([{ runId: RUN_ID, outcome: 'done', damage: null }]);
  store.restore('bad');
  expect(existsSync(folder)).toBe(true);
  expect(store.list()).toHaveLength(2);
});

it('shows what it knew of a run whose events are gone', async () => {
  const { store, folder } = await withDamage(() => {});
  rmSync(folder, { recursive: true });
  rmSync(join(folder, '..', RUN_ID, 'events.jsonl'));
  expect(store.list()).toMatchObject([
    { runId: RUN_ID, outcome: 'damaged', model: 'starter', prompt: 'Two and two?', lanes: { length: 2 } },
  ]);
});

it.each<[string, (folder: string, events: string) => void]>([
  ['nothing', () => {}],
  ['an empty file of events', (_, events) => writeFileSync(events, '')],
])(
  'leaves out a file, and a folder that holds %s: its engine stopped before the first event',
  async (_, make) => {
    const { store, folder } = await withDamage(make);
    writeFileSync(join(folder, '..', 'notes'), 'mine');
    expect(store.list()).toHaveLength(1);
  },
);

it.skipIf(isRoot)('lists a run that may not be read', async () => {
  const { store, folder } = await withDamage((_, events) => {
    writeFileSync(events, LINES.join(''));
    chmodSync(events, 0);
  });
  expect(store.list().find(({ runId }) => runId === 'bad')).toMatchObject({ outcome: 'damaged' });
  chmodSync(join(folder, 'events.jsonl'), 0o600);
});

it.each<[string, number, string]>([
  ['is cut in two', 3, `${LINES[3]!.slice(0, 20)}\n`],
  ['is no JSON', 2, 'garbage\n'],
  ['is no event', 4, '{"type":"token"}\n'],
  ['holds what is no UTF-8', 3, '\xff\n'],
])('shows the lines before and after one that %s, and says the gap', async (_, at, line) => {
  const { store, folder } = await withDamage((_, events) => {
    const lines = LINES.map((each, i) => Buffer.from(i === at ? line : each, i === at ? 'latin1' : 'utf8'));
    writeFileSync(events, Buffer.concat(lines));
  });
  const { events, summary } = store.read('bad');
  const gap = {
    type: 'notice',
    code: 'gap',
    message: `line ${at + 1} of the stored run is damaged and left out`,
  };
  const expected = COMPLETE_RUN.with(at, { ...gap, type: 'notice' });
  expect(events).toEqual(expected);
  expect(summary).toMatchObject({ outcome: 'done', damage: gap.message });
  expect(store.list().find(({ runId }) => runId === 'bad')).toEqual(summary);

  // What is exported is what is shown, and comes back as that.
  const copy = await store.import(store.lines('bad'));
  expect(store.read(copy).events.slice(1)).toEqual(expected.slice(1));
  expect(store.list().find(({ runId }) => runId === copy)?.damage).toBe(gap.message);
  expect(existsSync(folder)).toBe(true);
});

it('takes a line longer than any event for damage, and reads on behind it', async () => {
  const { store } = await withDamage((_, events) => {
    const file = openSync(events, 'wx');
    writeSync(file, LINES[0]!);
    // A hole of 80 MiB costs no disk.
    writeSync(file, `\n${LINES.slice(1).join('')}`, LINES[0]!.length + 80 * 2 ** 20);
    closeSync(file);
  });
  const { events } = store.read('bad');
  expect(events[1]).toMatchObject({ code: 'gap', message: expect.stringMatching(/^line 2 /) });
  expect(events.slice(2)).toEqual(COMPLETE_RUN.slice(1));
});

it('reads 256 MiB of events, and says that what lies beyond is left out', async () => {
  const { store } = await withDamage((_, events) => {
    writeFileSync(events, LINES.slice(0, 4).join(''));
    truncateSync(events, 2 ** 28 + 1);
  });
  const { events, summary } = store.read('bad');
  expect(events.slice(0, 4)).toEqual(COMPLETE_RUN.slice(0, 4));
  expect(summary.damage).toMatch(/^lines? 5 .*left out/);
});

it('shows one run of a file to which a second was appended, and says so', async () => {
  const { store } = await withDamage((_, events) => writeFileSync(events, [...LINES, ...LINES].join('')));
  const { events, summary } = store.read('bad');
  const from = LINES.length + 1;
  const message = `lines ${from} to ${2 * LINES.length} of the stored run are beyond the end of the run and left out`;
  expect(events).toEqual([
    ...COMPLETE_RUN.slice(0, -1),
    { type: 'notice', code: 'gap', message },
    COMPLETE_RUN.at(-1),
  ]);
  expect(summary.outcome).toBe('done');

  const interrupted = await withDamage((_, file) =>
    writeFileSync(file, [...LINES.slice(0, 3), ...LINES].join('')),
  );
  expect(interrupted.store.read('bad').summary).toMatchObject({
    outcome: 'interrupted',
    damage: expect.stringMatching(/^lines 4 to \d+ .* beyond the end/),
  });
});

it('does not take a cut last line for damage: the engine was stopped', async () => {
  const { store } = await withDamage((_, events) =>
    writeFileSync(events, `${LINES.slice(0, 4).join('')}{"typ`),
  );
  expect(store.read('bad').summary).toMatchObject({ outcome: 'interrupted', damage: null });
});

it('notices that events changed after their summary was written', async () => {
  const { store, folder } = await withDamage((_, events) => writeFileSync(events, LINES.join('')));
  const bad = () => store.list().find(({ runId }) => runId === 'bad');
  const events = join(folder, 'events.jsonl');
  expect(bad()).toMatchObject({ outcome: 'done', damage: null });
  expect(existsSync(join(folder, 'summary.json'))).toBe(true);
  // As long as before.
  const text = readFileSync(events, 'utf8');
  writeFileSync(events, text.replace(LINES[3]!, `${'x'.repeat(LINES[3]!.length - 1)}\n`));
  utimesSync(events, new Date(), new Date(Date.now() + 5_000));
  expect(bad()?.damage).toMatch(/^line 4 /);
  appendFileSync(events, 'more\n');
  expect(bad()?.damage).toMatch(/line 4 .*; line \d+ .* beyond/);
});

it('says that the folder of all runs cannot be read', () => {
  const data = join(root, 'no-folder');
  mkdirSync(data);
  writeFileSync(join(data, 'runs'), '');
  expect(() => new RunStore(data).list()).toThrow(expect.objectContaining({ code: 'unreadable-runs' }));
});

it('does not wait for pipes in place of labels, summary, vectors or vocabulary', async () => {
  const { store, folder } = await withDamage((_, events) => writeFileSync(events, LINES.join('')));
  for (const name of ['labels.json', 'summary.json', 'vectors.safetensors', 'vocabulary.json'])
    execFileSync('mkfifo', [join(folder, name)]);
  expect(store.list()).toHaveLength(2);
  expect(store.read('bad').summary.tags).toEqual([]);
  expect(() => store.vectors('bad')).toThrow(/is not a file/);
  expect(store.vocabularyOf('bad')).toBeUndefined();
});

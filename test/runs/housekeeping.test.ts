/** What nobody needs goes, what somebody needs stays, and no start fails over it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { RunStore } from '../../engine/runs/store';
import { temporaryFolder } from '../../fixtures/runs';
import { COMPLETE_RUN, RUN_ID } from '../renderer/run-events';

const root = temporaryFolder();
const HOUR = 3600 * 1000;
let count = 0;
let data: string;
let store: RunStore;
beforeEach(() => {
  data = join(root, String(++count));
  store = new RunStore(data);
});

function age(path: string, ms: number): void {
  const then = new Date(Date.now() - ms);
  lutimesSync(path, then, then);
}

/** A run with a vocabulary. */
async function keep(runId: string, tokens: readonly string[]): Promise<void> {
  const writer = store.create(runId);
  for (const event of COMPLETE_RUN) writer.append(event);
  await writer.finish([], tokens);
}

const vocabularies = () => readdirSync(join(data, 'vocabularies')).filter((name) => name.endsWith('.json'));
const tokensOf = (runId: string) => store.vocabulary(store.vocabularyOf(runId) ?? '');

it.each<[string, (deleted: string) => void]>([
  ['a link that leads nowhere', (deleted) => symlinkSync('/nowhere', join(deleted, 'link'))],
  ['a file', (deleted) => writeFileSync(join(deleted, 'file'), '')],
  ['a folder', (deleted) => mkdirSync(join(deleted, 'folder', 'deeper'), { recursive: true })],
])('drops %s from the trash when it is old', (_, make) => {
  const deleted = join(data, 'deleted');
  mkdirSync(deleted, { recursive: true });
  make(deleted);
  store.tidy();
  expect(readdirSync(deleted)).toHaveLength(1);
  age(join(deleted, readdirSync(deleted)[0]!), 25 * HOUR);
  store.tidy();
  expect(readdirSync(deleted)).toEqual([]);
});

it.each(['runs', 'deleted', 'vocabularies'])(
  'starts where %s is a file or a link that leads nowhere',
  (name) => {
    mkdirSync(data);
    writeFileSync(join(data, name), '');
    store.tidy();
    const other = new RunStore(join(data, 'other'));
    mkdirSync(join(data, 'other'));
    symlinkSync('/nowhere', join(data, 'other', name));
    other.tidy();
    expect(readFileSync(join(data, name), 'utf8')).toBe('');
  },
);

it('lets two processes empty one trash of 400 runs at once', async () => {
  for (let i = 0; i < 400; i++) {
    const run = join(data, 'deleted', `run-${i}`);
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, 'events.jsonl'), '');
    age(run, 25 * HOUR);
  }
  const starts = [1, 2].map(() =>
    fork(join(import.meta.dirname, 'tidier.ts'), [data], { execArgv: ['--import', 'tsx'] }),
  );
  await Promise.all(starts.map((start) => once(start, 'message')));
  for (const start of starts) start.send('go');
  const codes = await Promise.all(starts.map(async (start) => (await once(start, 'exit'))[0]));
  expect(codes).toEqual([0, 0]);
  expect(readdirSync(join(data, 'deleted'))).toEqual([]);
});

it('counts a day from the deletion, whenever the run was written', () => {
  const run = join(data, 'runs', 'old');
  mkdirSync(run, { recursive: true });
  writeFileSync(
    join(run, 'events.jsonl'),
    COMPLETE_RUN.map((event) => `${JSON.stringify(event)}\n`).join(''),
  );
  age(run, 1000 * HOUR);
  store.delete('old');
  store.tidy();
  store.restore('old');
  expect(store.list()).toHaveLength(1);
});

it('collects what was being written when a process was killed, an hour later', async () => {
  await keep('whole', ['a', 'b']);
  const left = [
    'models.json.9-x.partial',
    'runs/copy.9-x.partial',
    'runs/whole/v.9-x.partial',
    'vocabularies/v.9-x.partial',
  ];
  for (const name of left) mkdirSync(join(data, name));
  writeFileSync(join(data, left[1]!, 'events.jsonl'), '');
  store.tidy();
  for (const name of left) expect(existsSync(join(data, name)), name).toBe(true);
  for (const name of left) age(join(data, name), 2 * HOUR);
  const files = readdirSync(join(data, 'runs', 'whole')).length;
  store.tidy();
  for (const name of left) expect(existsSync(join(data, name)), name).toBe(false);
  expect(readdirSync(join(data, 'runs', 'whole'))).toHaveLength(files - 1);
});

it('collects the folder of a run that never began, an hour later', async () => {
  await store.import(COMPLETE_RUN.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const begun = join(data, 'runs', 'never-begun');
  mkdirSync(begun);
  writeFileSync(join(begun, 'events.jsonl'), '');
  store.tidy();
  expect(readdirSync(join(data, 'runs'))).toHaveLength(2);
  age(begun, 2 * HOUR);
  age(join(data, 'runs', RUN_ID), 2 * HOUR);
  store.tidy();
  expect(readdirSync(join(data, 'runs'))).toEqual([RUN_ID]);
});

it('keeps a vocabulary while a run can still need it', async () => {
  await keep('one', ['a', 'b']);
  await keep('two', ['a', 'b']);
  await keep('three', ['c']);
  expect(vocabularies()).toHaveLength(2);
  store.delete('one');
  store.delete('three');
  store.tidy();
  expect(vocabularies()).toHaveLength(2);
  store.restore('three');
  expect(tokensOf('three')).toEqual(['c']);

  store.delete('three');
  age(join(data, 'deleted', 'three'), 25 * HOUR);
  store.tidy();
  expect(vocabularies()).toHaveLength(1);
  expect(tokensOf('two')).toEqual(['a', 'b']);
});

it('collects no vocabulary while a reference cannot be read', async () => {
  await keep('one', ['a', 'b']);
  writeFileSync(join(data, 'runs', 'one', 'vocabulary.json'), '{"sha');
  store.tidy();
  expect(vocabularies()).toHaveLength(1);
});

it.skipIf(process.platform === 'win32')(
  'lets nobody else read a run, nor those of an older version',
  async () => {
    await keep('private', ['a']);
    const mode = (...path: string[]) => statSync(join(data, ...path)).mode & 0o777;
    for (const folder of [['.'], ['runs'], ['runs', 'private'], ['vocabularies']])
      expect(mode(...folder)).toBe(0o700);
    for (const name of readdirSync(join(data, 'runs', 'private')))
      expect(mode('runs', 'private', name)).toBe(0o600);
    expect(readdirSync(join(data, 'runs', 'private')).sort()).toEqual([
      'events.jsonl',
      'summary.json',
      'vocabulary.json',
    ]);

    const folders = ['runs', 'deleted', 'vocabularies'];
    for (const name of folders) {
      mkdirSync(join(data, name), { recursive: true });
      chmodSync(join(data, name), 0o755);
    }
    new RunStore(data).tidy();
    for (const name of folders) expect(mode(name)).toBe(0o700);
  },
);

/** Evaluations on disk that something happened to: each is whole or damaged by itself, hides no other, and can be deleted. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JobFolder, type Manifest } from '../../engine/evaluate/job-folder';
import { AnswerRecord, Problem } from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';
import { BASELINE, jobToEnd, starterConfig } from './jobs';

const root = temporaryFolder();
const PROBLEM = Problem.parse({ id: '1', question: 'two and two?', gold: '4' });
const CONFIG = starterConfig([BASELINE], { selection: { limit: 2 } });
let count = 0;

const manifestOf = (jobId: string, more: Partial<Manifest> = {}): Manifest => ({
  v: 1,
  jobId,
  title: jobId,
  createdAt: '2026-01-01T00:00:00.000Z',
  config: CONFIG,
  state: 'interrupted',
  error: null,
  owner: null,
  provenance: null,
  notices: [],
  progress: null,
  ...more,
});

const answerTo = (problem: string, text: string) =>
  AnswerRecord.parse({
    problem,
    lane: 'baseline',
    sample: 0,
    text,
    end: 'eos',
    tokens: 1,
    loops: false,
    promptTokens: 3,
    seed: 0,
    loss: null,
    deltaNorm: 0,
    entropy: null,
    grades: { number: { extracted: text, verdict: 'right' } },
    format: { strict: false, lenient: false },
  });

/** A data folder with one job that is whole and one that `damage` works on. */
function withDamage(damage: (folder: string) => void) {
  const data = join(root, String(++count));
  const make = (jobId: string) =>
    JobFolder.create(join(data, 'evaluations', jobId), manifestOf(jobId), [PROBLEM]);
  make('whole');
  damage(make('bad').path);
  return { data, engine: testEngine(data) };
}

const mkfifo = (path: string) => execFileSync('mkfifo', [path]);

it.runIf(process.platform === 'linux').each<[string, RegExp, (folder: string) => void]>([
  ['whose answers are a folder', /is not a file/, (folder) => mkdirSync(join(folder, 'answers.jsonl'))],
  ['whose answers are a pipe', /is not a file/, (folder) => mkfifo(join(folder, 'answers.jsonl'))],
  [
    'whose answers are a device',
    /is not a file/,
    (folder) => symlinkSync('/dev/zero', join(folder, 'answers.jsonl')),
  ],
  [
    'whose problems are a pipe',
    /is not a file/,
    (folder) => {
      rmSync(join(folder, 'problems.jsonl'));
      mkfifo(join(folder, 'problems.jsonl'));
    },
  ],
  ['without problems', /problems\.jsonl is not there/, (folder) => rmSync(join(folder, 'problems.jsonl'))],
  [
    'whose manifest is no JSON',
    /^the evaluation bad cannot be read/,
    (folder) => writeFileSync(join(folder, 'manifest.json'), '{"v":'),
  ],
  [
    'whose manifest is a pipe',
    /is not a file/,
    (folder) => {
      rmSync(join(folder, 'manifest.json'));
      mkfifo(join(folder, 'manifest.json'));
    },
  ],
  ['without a manifest', /manifest\.json/, (folder) => rmSync(join(folder, 'manifest.json'))],
])('a job %s is told beside the others, deleted and brought back', async (_, why, damage) => {
  const { engine } = withDamage(damage);
  const list = () => engine.query('evaluations.list', {});
  const both = {
    jobs: [expect.objectContaining({ jobId: 'whole', state: 'interrupted' })],
    damaged: [{ jobId: 'bad', why: expect.stringMatching(why) }],
  };
  expect(await list()).toEqual(both);
  await expect(engine.query('evaluations.summary', { jobId: 'bad' })).rejects.toMatchObject({
    name: 'EngineError',
  });
  await engine.query('evaluations.delete', { jobId: 'bad' });
  expect(await list()).toEqual({ ...both, damaged: [] });
  await engine.query('evaluations.restore', { jobId: 'bad' });
  expect(await list()).toEqual(both);
});

describe('answers after a damaged line', () => {
  it.each<[string, Buffer]>([
    ['that is no UTF-8', Buffer.from([0xff, 0xfe, 0x0a])],
    ['that is no JSON', Buffer.from('{"problem":"1"\n')],
    ['that is longer than any answer', Buffer.concat([Buffer.alloc(2 ** 25 + 1, 0x78), Buffer.from('\n')])],
  ])('%s are read, and kept when more are written', (_, line) => {
    const path = join(root, String(++count));
    const folder = JobFolder.create(path, manifestOf('one'), [PROBLEM]);
    folder.append(answerTo('1', 'first'));
    folder.close();
    const file = join(path, 'answers.jsonl');
    appendFileSync(file, line);
    appendFileSync(file, `${JSON.stringify(answerTo('2', 'second'))}\n{"problem":"3","la`);
    const before = readFileSync(file).lastIndexOf('\n') + 1;

    const again = JobFolder.open(path, 'one');
    again.append(answerTo('3', 'third'));
    again.close();
    const texts = [...again.answers()].map(({ text }) => text);
    expect(texts).toEqual(['first', 'second', 'third']);
    // What a killed process had begun is cut off, and nothing else.
    expect(readFileSync(file).indexOf('{"problem":"3"')).toBe(before);
  });
});

describe('two that want one job', () => {
  const path = () => join(root, String(++count));
  const since = (ms: number) => new Date(Date.now() - ms).toISOString();

  it('leave it to the process that works on it', () => {
    const parent = { host: manifestHost(), pid: process.ppid, since: since(0) };
    const folder = JobFolder.create(path(), manifestOf('one', { owner: parent, state: 'running' }), [
      PROBLEM,
    ]);
    expect(JobFolder.open(folder.path, 'one').manifest.state).toBe('running');
    expect(() => folder.claim()).toThrow(expect.objectContaining({ code: 'job-active' }));
    folder.update({ owner: null });
    folder.claim();
    expect(JobFolder.open(folder.path, 'one').manifest.owner).toMatchObject({ pid: process.pid });
  });

  it.each([
    ['a process that had this one’s number', () => process.pid, 1000 * process.uptime() + 60_000],
    ['one from before the machine was started', () => process.ppid, 1000 * uptime() + 60_000],
  ])('take it over from %s', (_, pid, age) => {
    const owner = { host: manifestHost(), pid: pid(), since: since(age) };
    const folder = JobFolder.create(path(), manifestOf('one', { owner, state: 'running' }), [PROBLEM]);
    expect(JobFolder.open(folder.path, 'one').manifest.state).toBe('interrupted');
    folder.claim();
    expect(JobFolder.open(folder.path, 'one').manifest.owner?.pid).toBe(process.pid);
  });

  it('do not judge answers anew and add to them at once', async () => {
    const engine = testEngine(join(root, String(++count)));
    const { jobId } = await jobToEnd(engine, CONFIG);
    const graders = [{ name: 'number' as const }];
    const [first, ...others] = await Promise.allSettled([
      engine.query('evaluations.regrade', { jobId, graders }),
      engine.query('evaluations.regrade', { jobId, graders }),
      engine.query('evaluations.resume', { jobId }),
    ]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { state: 'done', done: 2 } });
    for (const other of others)
      expect(other).toMatchObject({ status: 'rejected', reason: { code: 'job-active' } });
    await engine.query('evaluations.regrade', { jobId, graders });
  });
});

function manifestHost(): string {
  const folder = JobFolder.create(join(root, String(++count)), manifestOf('host'), [PROBLEM]);
  folder.claim();
  return folder.manifest.owner!.host;
}

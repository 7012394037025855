/** Jobs that are stopped: by a kill, by their user, for a run of the window. Nothing is lost and nothing is done twice. */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { cli } from '../cli/process';
import { BASELINE, jobToEnd, SLOT, starterConfig } from './jobs';

const folder = temporaryFolder();
const OTHER = { name: 'other', steps: 2, origin: { kind: 'other' } } as const;

/** A job's problems and answers, whoever gave them: without the line that says when. */
function answersOf(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('{"kind":"answer"'));
}

describe('a job whose process is killed', () => {
  const data = join(folder, 'killed');
  const args = ['--data', 'starter', '--limit', '6', '--lanes', 'baseline,slot:2x0.1,other:2x0.1'];
  const env = { SLOT_STUDIO_DATA: data };

  it('is taken up where it was, and ends as if nothing had been', async () => {
    const killed = await cli(['eval', ...args, '--max-new-tokens', '48', '--json'], env, (child, stdout) => {
      if ((stdout.match(/"type":"answer"/g) ?? []).length >= 5) child.kill('SIGKILL');
    });
    expect(killed.code).toBeNull();
    const [jobId] = readdirSync(join(data, 'evaluations'));
    const file = join(data, 'evaluations', jobId!, 'answers.jsonl');
    const before = readFileSync(file, 'utf8');
    // What a kill in the middle of a write leaves.
    appendFileSync(file, '{"problem":"6","lane":"bas');

    const engine = createEngine({ dataFolder: data });
    try {
      const { jobs } = await engine.query('evaluations.list', {});
      expect(jobs).toMatchObject([{ jobId, state: 'interrupted' }]);
      const { answers, last } = await jobToEnd(engine, jobId!);
      expect(last).toMatchObject({ state: 'done', done: 18, total: 18 });
      const kept = before.trimEnd().split('\n').length;
      expect(answers).toHaveLength(18 - kept);
      const after = readFileSync(file, 'utf8');
      expect(after.startsWith(before)).toBe(true);
      expect(after.trimEnd().split('\n')).toHaveLength(18);

      const lanes = [BASELINE, { ...SLOT, name: 'slot:2x0.1' }, { ...OTHER, name: 'other:2x0.1' }];
      const whole = await jobToEnd(
        engine,
        starterConfig(lanes, {
          selection: { limit: 6 },
          graders: [{ name: 'number' }, { name: 'paper' }],
        }),
      );
      const exported = async (id: string) =>
        (await engine.query('evaluations.export', { jobId: id, format: 'jsonl' })).text;
      expect(answersOf(await exported(jobId!))).toEqual(answersOf(await exported(whole.jobId)));
      const figures = (id: string) => readFileSync(join(data, 'evaluations', id, 'figures.bin'));
      expect(figures(jobId!).equals(figures(whole.jobId))).toBe(true);
    } finally {
      await engine.dispose();
    }
  });
});

describe('a job', () => {
  const engine = testEngine(join(folder, 'data'));

  it('is paused, goes on, and lets a run of the window in between', async () => {
    const config = starterConfig([BASELINE, SLOT]);
    let jobId = '';
    let paused: Promise<unknown> | undefined;
    const first = await jobToEnd(engine, config, (event) => {
      if (event.type !== 'answer' || paused) return;
      jobId = event.jobId;
      paused = engine.query('evaluations.pause', { jobId });
    });
    await paused;
    expect(first.last.state).toBe('paused');
    expect(first.answers.length).toBeGreaterThan(0);
    expect(first.answers.length).toBeLessThan(8);

    const prompt = { kind: 'raw', text: 'two and two' } as const;
    const alone = { prompt, lanes: [{ name: 'slot', steps: 1 }], generation: { maxNewTokens: 4 } };
    let left = Number.NaN;
    const rest = jobToEnd(engine, jobId, (event) => {
      if (event.type === 'job') left = event.job.total - event.job.done;
    });
    const events = await runEvents(engine, alone);
    expect(events.at(-1)!.type).toBe('run.done');
    expect(left).toBeGreaterThan(0);
    const second = await rest;
    expect(second.last).toMatchObject({ state: 'done', done: 8 });
    expect(first.answers.length + second.answers.length).toBe(8);

    const whole = await jobToEnd(engine, config);
    const texts = (answers: typeof whole.answers) =>
      answers.map(({ problem, lane, text }) => [problem, lane, text]).sort();
    expect(texts([...first.answers, ...second.answers])).toEqual(texts(whole.answers));
  });

  it('is deleted, brought back, named and judged anew, and the model is not asked', async () => {
    const { jobId } = await jobToEnd(engine, starterConfig([BASELINE], { selection: { limit: 2 } }));
    await engine.query('evaluations.delete', { jobId });
    await expect(engine.query('evaluations.summary', { jobId })).rejects.toMatchObject({ code: 'no-job' });
    await engine.query('evaluations.restore', { jobId });
    await engine.query('evaluations.rename', { jobId, title: 'two problems' });
    const job = await engine.query('evaluations.regrade', {
      jobId,
      graders: [{ name: 'exact' }, { name: 'number' }],
    });
    expect(job).toMatchObject({ title: 'two problems', state: 'done' });
    const { summary } = await engine.query('evaluations.summary', { jobId });
    expect(summary.lanes[0]!.graders).toMatchObject([
      { grader: 'exact', right: { count: 0 } },
      { grader: 'number', right: { count: 2 } },
    ]);
  });
});

/** The list of evaluations, and when it is read. */
import { describe, expect, it, vi } from 'vitest';
import { AnswerRecord } from '../../../../engine/protocol';
import { isAtWork, reduceJobs } from '../../../../renderer/state/evaluations/state';
import type { FakeTransport } from '../../fake-transport';
import { job, READY, start } from './jobs';

describe('the list of jobs', () => {
  it('takes over what jobs tell, newest first', () => {
    const later = job({ jobId: 'job-2', createdAt: '2026-01-02T00:00:00.000Z' });
    const both = reduceJobs([job()], { type: 'job', job: later });
    expect(both?.map(({ jobId }) => jobId)).toEqual(['job-2', 'job-1']);
    const oldest = job({ jobId: 'job-0', createdAt: '2025-12-01T00:00:00.000Z' });
    const three = reduceJobs(both, { type: 'job', job: oldest });
    expect(three?.map(({ jobId }) => jobId)).toEqual(['job-2', 'job-1', 'job-0']);
    const moved = reduceJobs(both, { type: 'job', job: job({ done: 4 }) });
    expect(moved?.map(({ done }) => done)).toEqual([3, 4]);
    expect(reduceJobs(moved, { type: 'deleted', jobId: 'job-2' })?.map(({ jobId }) => jobId)).toEqual([
      'job-1',
    ]);
  });

  it('knows the jobs that are at work', () => {
    const states = ['running', 'waiting', 'paused', 'done', 'failed'] as const;
    expect(states.filter((state) => isAtWork({ state }))).toEqual(['running', 'waiting']);
  });

  it('keeps its jobs while one of them answers', () => {
    const answer = AnswerRecord.parse({
      problem: '1',
      lane: 'slot',
      sample: 0,
      text: '4',
      end: 'eos',
      tokens: 1,
      loops: false,
      promptTokens: 3,
      seed: 0,
      loss: null,
      deltaNorm: 0,
      entropy: null,
      grades: {},
      format: { strict: false, lenient: false },
    });
    const jobs = [job()];
    expect(reduceJobs(jobs, { type: 'answer', jobId: 'job-1', answer })).toBe(jobs);
  });

  it('is read at once where the engine is there, and says why it cannot be read', async () => {
    const { transport, store, evaluations } = start({ engine: READY });
    expect(transport.sent.map(({ method }) => method)).toEqual(['evaluations.list', 'evaluations.options']);
    const error = { kind: 'failure', code: 'no-disk', message: 'the disk is gone', hint: '' };
    transport.receive({ kind: 'response', id: transport.sent[0]?.id, ok: false, error });
    await vi.waitFor(() => expect(store.getState().jobsFailure).toEqual(error));
    expect(store.getState().jobs).toHaveLength(1);
    const again = evaluations.refresh();
    transport.answer({ jobs: [], damaged: [] }, transport.sent.at(-2));
    transport.answer({ forms: [], datasets: [], graders: [] });
    await again;
    expect(store.getState()).toMatchObject({ jobs: [], jobsFailure: null });
  });

  it('waits to be read: what is told before is in it', () => {
    expect(reduceJobs(null, { type: 'job', job: job() })).toBeNull();
  });

  it('follows the engine, and leaves a job that is deleted elsewhere', () => {
    const { store, tell, evaluations } = start();
    evaluations.show({ job: 'job-1', problem: '7' });
    tell({ type: 'job', job: job({ done: 9 }) });
    expect(store.getState().jobs?.[0]?.done).toBe(9);
    const damaged = { jobId: 'bad', why: 'no JSON' };
    store.setState({ damagedJobs: [damaged, { ...damaged, jobId: 'worse' }] });
    tell({ type: 'deleted', jobId: 'worse' });
    expect(store.getState()).toMatchObject({
      damagedJobs: [damaged],
      evaluationPlace: { job: 'job-1', problem: '7' },
    });
    tell({ type: 'deleted', jobId: 'job-1' });
    expect(store.getState()).toMatchObject({ jobs: [], evaluationPlace: { job: null, problem: null } });
  });
});

describe('the list is read again', () => {
  const lists = (transport: FakeTransport) =>
    transport.sent.filter(({ method }) => method === 'evaluations.list').length;

  it('when its view is entered, and when the engine is back', () => {
    const { store, transport } = start();
    store.setState({ engine: READY });
    expect(lists(transport)).toBe(1);
    store.setState({ room: 'evaluate' });
    expect(lists(transport)).toBe(2);
    store.setState({ prompt: 'Another?' });
    store.setState({ room: 'workbench' });
    expect(lists(transport)).toBe(2);
    store.setState({ engine: { ...READY, state: 'exited' } });
    expect(lists(transport)).toBe(2);
    store.setState({ engine: READY });
    expect(lists(transport)).toBe(3);
  });

  it('not at all once it is closed', () => {
    const { store, transport, evaluations } = start();
    evaluations.close();
    store.setState({ room: 'evaluate' });
    expect(lists(transport)).toBe(0);
  });
});

/** What the user does to an evaluation, and one of its problems in the workbench. */
import { describe, expect, it, vi } from 'vitest';
import { CONFIG } from '../../run-events';
import { config, job, start } from './jobs';

describe('an evaluation', () => {
  it('is started again once it has failed to', async () => {
    const { evaluations, transport, last } = start();
    const first = evaluations.start(config, 'Yours');
    const error = { kind: 'input', code: 'no-file', message: 'no such file', hint: '' };
    transport.receive({ kind: 'response', id: last()?.id, ok: false, error });
    await first;
    void evaluations.start(config, 'Yours');
    expect(transport.sent.filter(({ method }) => method === 'evaluations.start')).toHaveLength(2);
  });

  it('is started once, however often it is asked for', async () => {
    const { evaluations, transport } = start();
    void evaluations.start(config, 'Yours');
    void evaluations.start(config, 'Yours');
    expect(transport.sent.filter(({ method }) => method === 'evaluations.start')).toHaveLength(1);
  });

  it('is looked at by its id, lane and problem', () => {
    const { evaluations, last } = start();
    const { signal } = new AbortController();
    void evaluations.summary('job-1', signal);
    expect(last()).toMatchObject({ method: 'evaluations.summary', params: { jobId: 'job-1' } });
    void evaluations.matrix('job-1', signal);
    expect(last()).toMatchObject({ method: 'evaluations.matrix', params: { jobId: 'job-1' } });
    void evaluations.problem('job-1', '7', signal);
    expect(last()).toMatchObject({ method: 'evaluations.problem', params: { jobId: 'job-1', problem: '7' } });
    void evaluations.figure('job-1', 'slot', signal);
    expect(last()).toMatchObject({ method: 'evaluations.figure', params: { jobId: 'job-1', lane: 'slot' } });
    void evaluations.exported('job-1', 'csv');
    expect(last()).toMatchObject({ method: 'evaluations.export', params: { jobId: 'job-1', format: 'csv' } });
    void evaluations.preview(config, signal);
    expect(last()).toMatchObject({ method: 'evaluations.preview', params: config });
  });

  it('is shown once it has started', async () => {
    const { evaluations, answer, last, store } = start();
    const starting = evaluations.start(config, 'Yours');
    expect(store.getState().startingJob).toBe(true);
    expect(last()).toMatchObject({ method: 'evaluations.start', params: { title: 'Yours', config } });
    await answer(job({ jobId: 'job-9', createdAt: '2026-02-01T00:00:00.000Z' }));
    await starting;
    expect(store.getState()).toMatchObject({ startingJob: false, evaluationPlace: { job: 'job-9' } });
    expect(store.getState().jobs?.[0]?.jobId).toBe('job-9');
  });

  it('is paused, resumed, renamed and graded anew; what goes wrong is told', async () => {
    const { evaluations, answer, last, store, transport } = start();
    void evaluations.pause('job-1');
    expect(last()).toMatchObject({ method: 'evaluations.pause', params: { jobId: 'job-1' } });
    void evaluations.resume('job-1');
    expect(last()).toMatchObject({ method: 'evaluations.resume', params: { jobId: 'job-1' } });
    void evaluations.rename('job-1', 'Ours');
    expect(last()).toMatchObject({
      method: 'evaluations.rename',
      params: { jobId: 'job-1', title: 'Ours' },
    });
    const error = { kind: 'input', code: 'no-job', message: 'there is no such evaluation', hint: '' };
    transport.receive({ kind: 'response', id: last()?.id, ok: false, error });
    await vi.waitFor(() => expect(store.getState().toast?.text).toBe('there is no such evaluation'));
    const graded = evaluations.regrade('job-1', [{ name: 'exact' }]);
    expect(last()).toMatchObject({
      method: 'evaluations.regrade',
      params: { jobId: 'job-1', graders: [{ name: 'exact' }] },
    });
    await answer(job());
    await graded;
    expect(store.getState().toast).toMatchObject({ kind: 'done', text: 'Graded the stored answers anew.' });
  });

  it('is exported as text', async () => {
    const { evaluations, answer } = start();
    const exported = evaluations.exported('job-1', 'csv');
    await answer({ text: 'a,b' });
    expect(await exported).toBe('a,b');
  });

  it('that is imported is listed, shown and named', async () => {
    const { evaluations, transport, last, store } = start();
    store.setState({ evaluationPlace: { job: 'job-1', tab: 'problems', problem: '7' } });
    const importing = evaluations.import(new File(['lines'], 'mine.jsonl'));
    await vi.waitFor(() => expect(last()?.method).toBe('evaluations.import'));
    transport.answer(job({ jobId: 'job-2' }));
    await vi.waitFor(() => expect(last()?.method).toBe('evaluations.options'));
    transport.answer({ jobs: [job({ jobId: 'job-2' })], damaged: [] }, transport.sent.at(-2));
    transport.answer({ forms: [], datasets: [], graders: [] });
    await importing;
    expect(store.getState()).toMatchObject({
      jobs: [{ jobId: 'job-2' }],
      evaluationPlace: { job: 'job-2', tab: 'problems', problem: null },
      toast: { kind: 'done', text: 'Imported mine.jsonl.' },
    });
  });

  it('that does not start says why, and loses nothing typed', async () => {
    const { evaluations, transport, last, store } = start();
    const before = store.getState().evaluationDraft;
    const starting = evaluations.start(config, '');
    const error = { kind: 'input', code: 'no-file', message: 'no such file', hint: 'Look again.' };
    transport.receive({ kind: 'response', id: last()?.id, ok: false, error });
    await starting;
    expect(store.getState()).toMatchObject({
      startingJob: false,
      startFailure: { message: 'no such file', hint: 'Look again.' },
      evaluationPlace: { job: null },
    });
    expect(store.getState().evaluationDraft).toBe(before);
  });

  it('that cannot be imported is named, with what to do', async () => {
    const { evaluations, transport, last, store } = start();
    const importing = evaluations.import(new File(['nothing'], 'mine.jsonl'));
    await new Promise((resolve) => setTimeout(resolve));
    expect(last()).toMatchObject({ method: 'evaluations.import', params: { text: 'nothing' } });
    const error = {
      kind: 'input',
      code: 'bad-evaluation-file',
      message: 'line 1: no JSON',
      hint: 'Export it.',
    };
    transport.receive({ kind: 'response', id: last()?.id, ok: false, error });
    await importing;
    expect(store.getState().toast).toMatchObject({
      kind: 'problem',
      text: expect.stringMatching(/^Nothing was imported: mine\.jsonl, line 1: no JSON\. Export it\./),
      code: 'bad-evaluation-file',
    });
  });

  it.each([
    ['is larger than a message', 2 ** 26, /has 64 MiB/],
    ['is no text', 5, /not UTF-8/],
  ])('that %s is refused before it is sent', async (_, size, why) => {
    const { evaluations, last, store } = start();
    const latin = new File([Buffer.from('Größe', 'latin1')], 'x');
    await evaluations.import({ name: 'x', size, arrayBuffer: () => latin.arrayBuffer() });
    expect(last()?.method).not.toBe('evaluations.import');
    expect(store.getState().toast?.text).toMatch(why);
  });

  it('is imported as PowerShell redirected it into a file', async () => {
    const { evaluations, last } = start();
    void evaluations.import(new File([Buffer.from('\ufefflines €', 'utf16le')], 'ps.jsonl'));
    await vi.waitFor(() => expect(last()).toMatchObject({ params: { text: 'lines €' } }));
  });

  it('is deleted with a way back', async () => {
    const { evaluations, answer, last, store, transport } = start();
    const deleting = evaluations.delete(job());
    await answer(null);
    await deleting;
    const { toast } = store.getState();
    expect(toast?.text).toBe('Deleted “Mine”.');
    toast?.action?.run();
    expect(last()).toMatchObject({ method: 'evaluations.restore', params: { jobId: 'job-1' } });
    await answer(null);
    const damaged = [{ jobId: 'bad', why: 'no JSON' }];
    transport.answer({ jobs: [job()], damaged }, transport.sent.at(-2));
    await answer({ forms: [], datasets: [], graders: [] });
    expect(store.getState()).toMatchObject({ evaluationPlace: { job: 'job-1' }, damagedJobs: damaged });
  });

  it('that cannot be read is listed, and deleted with a way back', async () => {
    const { evaluations, answer, last, tell, store } = start();
    store.setState({ damagedJobs: [{ jobId: 'bad', why: 'no JSON' }] });
    const deleting = evaluations.delete({ jobId: 'bad', title: '' });
    expect(last()).toMatchObject({ method: 'evaluations.delete', params: { jobId: 'bad' } });
    tell({ type: 'deleted', jobId: 'bad' });
    expect(store.getState()).toMatchObject({ damagedJobs: [], jobs: [{ jobId: 'job-1' }] });
    await answer(null);
    await deleting;
    expect(store.getState().toast?.text).toBe('Deleted the evaluation.');
    store.getState().toast?.action?.run();
    expect(last()).toMatchObject({ method: 'evaluations.restore', params: { jobId: 'bad' } });
  });
});

describe('a problem in the workbench', () => {
  it('takes the prompt, the lanes and the model there, runs, and gives all of it back', async () => {
    const { evaluations, control, store } = start();
    store.setState({ room: 'evaluate' });
    const before = store.getState();
    const run = { ...CONFIG, model: { ...CONFIG.model, folder: '/models/other', dtype: 'q4' } };
    await evaluations.openInWorkbench(run);
    expect(control.start.mock.calls[0]?.[0]).toBe(run);
    expect(store.getState().shownPane).toBe('answers');
    expect(control.openModel).toHaveBeenCalledOnce();
    const { toast, ...shown } = store.getState();
    expect(shown).toMatchObject({
      room: 'workbench',
      modelChoice: { folder: '/models/other', dtype: 'q4' },
      conversation: { turns: [{ user: shown.prompt }] },
    });
    expect(shown.prompt).not.toBe('Mine');
    toast?.action?.run();
    const { room, prompt, system, lanes, modelChoice } = before;
    expect(store.getState()).toMatchObject({ room, prompt, system, lanes, modelChoice });
  });

  it('opens no model where it is the chosen one', async () => {
    const { evaluations, control, store } = start();
    const { folder, dtype, ...how } = CONFIG.model;
    store.setState({ modelChoice: { folder: folder ?? '', dtype: dtype ?? '', ...how } });
    await evaluations.openInWorkbench(CONFIG);
    expect(control.openModel).not.toHaveBeenCalled();
  });
});

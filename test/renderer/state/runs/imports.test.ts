/** Runs and their vectors imported from files, and files that are refused. */
import { describe, expect, it, vi } from 'vitest';
import { MAX_IMPORT_BYTES } from '../../../../engine/protocol';
import { importAll } from '../../../../renderer/runs/import-all';
import { COMPLETE_RUN } from '../../run-events';
import { SUMMARY, start } from './stored-runs';

describe('an import', () => {
  const vectorsFile = new File([Uint8Array.of(1, 2, 3)], 'a.safetensors');
  const file = (name: string, text: string | Buffer, size = text.length) => ({
    name,
    size,
    arrayBuffer: async () => new Uint8Array(Buffer.from(text)).buffer,
  });

  it('reads what PowerShell redirected into a file', async () => {
    const { runs, last } = start();
    void runs.import(file('ps.jsonl', Buffer.from('\ufefflines €', 'utf16le')));
    await vi.waitFor(() => expect(last()).toMatchObject({ params: { text: 'lines €' } }));
  });

  it('that is no text is refused before it is sent', async () => {
    const { store, runs, last } = start();
    await runs.import(file('latin.jsonl', Buffer.from('Größe', 'latin1')));
    expect(last()?.method).not.toBe('runs.import');
    expect(store.getState().importFailure).toMatchObject({ message: expect.stringContaining('offset 2') });
  });

  it('is listed, says where it came from and offers to open it', async () => {
    const { store, runs, answer, last } = start();
    const imported = runs.import(file('a.jsonl', 'lines'));
    await vi.waitFor(() =>
      expect(last()).toMatchObject({ method: 'runs.import', params: { text: 'lines' } }),
    );
    await answer({ runId: 'new' });
    expect(last()).toMatchObject({
      method: 'runs.label',
      params: { labels: { note: 'Imported from a.jsonl.' } },
    });
    await answer({});
    await answer({ runs: [SUMMARY] });
    await imported;
    expect(store.getState()).toMatchObject({
      dialog: 'runs',
      importFailure: null,
      toast: { text: 'Imported a.jsonl.', action: { name: 'Open' } },
    });
    store.getState().toast?.action?.run();
    expect(last()).toMatchObject({ method: 'runs.read', params: { runId: 'new' } });
    await answer({ summary: { ...SUMMARY, runId: 'new' }, events: COMPLETE_RUN });
    expect(store.getState()).toMatchObject({
      dialog: null,
      shown: { kind: 'stored', summary: { runId: 'new' } },
    });
  });

  it('of vectors brings a run its own: the one that was imported last, where the file does not say', async () => {
    const { store, runs, answer, last } = start();
    const both = importAll(runs, [vectorsFile, new File(['lines'], 'a.jsonl')]);
    await vi.waitFor(() => expect(last()).toMatchObject({ method: 'runs.import' }));
    await answer({ runId: 'new' });
    await answer({});
    await answer({ runs: [SUMMARY] });
    await vi.waitFor(() =>
      expect(last()).toMatchObject({
        method: 'runs.importVectors',
        params: { runId: 'new', file: Uint8Array.of(1, 2, 3) },
      }),
    );
    await answer({ runId: 'new' });
    await both;
    expect(store.getState()).toMatchObject({
      importFailure: null,
      toast: { text: 'Imported a.safetensors.' },
    });
  });

  it('that is refused says which file and line', async () => {
    const { transport, store, runs, last } = start();
    const imported = runs.import(file('b.jsonl', 'lines'));
    await vi.waitFor(() => expect(last()?.method).toBe('runs.import'));
    const error = { kind: 'input', code: 'not-a-run', message: 'line 7: it is not JSON', hint: 'Mend it.' };
    transport.receive({ kind: 'response', id: last()?.id, ok: false, error });
    await imported;
    expect(store.getState().importFailure).toMatchObject({
      message: 'b.jsonl, line 7: it is not JSON',
      hint: 'Mend it.',
    });
  });

  it('that is too large for the wire is refused before it is read', async () => {
    const { transport, store, runs } = start();
    await runs.import(file('huge.jsonl', '', MAX_IMPORT_BYTES + 1));
    expect(transport.sent.map(({ method }) => method)).toEqual(['runs.list']);
    expect(store.getState().importFailure?.message).toMatch(/huge\.jsonl, the file has 40 MiB/);
  });
});

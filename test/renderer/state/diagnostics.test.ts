/** The diagnostics: what went wrong is kept, the user's name is not told, and a deaf engine holds nothing up. */
import { describe, expect, it, vi } from 'vitest';
import { type Diagnostics, EngineError, toFailure } from '../../../engine/protocol';
import { readReport, reportText } from '../../../renderer/state/diagnostics';
import { watchIncidents } from '../../../renderer/state/incidents';
import { parseRemembered, serialise } from '../../../renderer/state/persistence';
import { createAppStore } from '../../../renderer/state/store';

const HOME = '/home/mary';
const ENGINE: Diagnostics = {
  home: HOME,
  facts: [{ name: 'SLOT Studio', value: '1.2.3' }],
  folders: [{ name: 'Runs and evaluations', path: `${HOME}/.local/share/slot-studio` }],
  incidents: [],
};
const READY = { state: 'ready', detail: '', silentSince: null } as const;

function watched() {
  const page = new EventTarget();
  const store = createAppStore();
  let second = 0;
  watchIncidents(page as Window, store, () => new Date(Date.UTC(2026, 0, 1, 0, 0, second++)));
  const texts = () => store.getState().incidents.map(({ text }) => text);
  return { page, store, texts };
}

describe('incidents', () => {
  it('are errors of the window, with the place', () => {
    const { page, texts } = watched();
    page.dispatchEvent(
      Object.assign(new Event('error'), { error: new TypeError('no such lane'), message: '' }),
    );
    page.dispatchEvent(Object.assign(new Event('error'), { error: null, message: 'Script error.' }));
    page.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: 'stopped' }));
    expect(texts()[0]).toMatch(/^The window: TypeError: no such lane\nat .*diagnostics\.test\.ts/);
    expect(texts().slice(1)).toEqual(['The window: Script error.', 'The window: stopped']);
  });

  it('are ends of the engine, each told once', () => {
    const { store, texts } = watched();
    store.setState({ engine: READY });
    store.setState({ engine: { ...READY, state: 'exited', detail: 'It ran out of memory.' } });
    store.setState({ prompt: 'another' });
    store.setState({ engine: { ...READY, state: 'exited', detail: 'It ran out of memory.' } });
    store.setState({ engine: READY });
    store.setState({ engine: { ...READY, state: 'lost' } });
    expect(texts()).toEqual(['It ran out of memory.', 'The connection to the engine was lost.']);
  });

  it('are models that could not be opened, and messages that break the contract', () => {
    const { store, texts } = watched();
    const failure = toFailure(new EngineError('input', 'no-head', 'no head was found'));
    store.setState({ model: { state: 'failed', failure } });
    store.setState({ brokenMessage: 'an event without a type' });
    expect(texts()).toEqual([
      'The model could not be opened (no-head): no head was found',
      'an event without a type',
    ]);
  });

  it('outlive a reload, the newest fifty', () => {
    const { page, store } = watched();
    for (let i = 0; i < 60; i++)
      page.dispatchEvent(
        Object.assign(new Event('error'), { error: null, message: `${i} ${'x'.repeat(5_000)}` }),
      );
    const { incidents } = parseRemembered(serialise(store.getState()));
    expect(incidents).toHaveLength(50);
    expect(incidents?.at(-1)?.text).toMatch(/^The window: 59 x+$/);
    expect(incidents?.at(-1)?.text).toHaveLength(2_000);
  });
});

describe('the report', () => {
  const desktop = { name: 'electron', readDiagnostics: async () => SHELL } as const;
  const SHELL: Diagnostics = {
    home: HOME,
    facts: [{ name: 'Electron', value: '45.4.1' }],
    folders: [{ name: 'Crash dumps', path: `${HOME}/.config/SLOT Studio/Crashpad` }],
    incidents: [{ at: '2026-01-01T00:00:02.000Z', text: `a dump in ${HOME}/x` }],
  };
  const answering = { request: vi.fn(async () => ENGINE as never) };

  it('joins engine, shell and window, the newest incident first, without the name of the user', async () => {
    const store = createAppStore({
      engine: READY,
      incidents: [{ at: '2026-01-01T00:00:01.000Z', text: `${HOME}/models/a is not a model` }],
      prompt: 'a secret question',
    });
    const report = await readReport(answering, desktop, store, 'Chrome 150');
    expect(reportText(report)).toBe(`SLOT Studio: 1.2.3
Electron: 45.4.1
Shell: desktop
Browser: Chrome 150
Engine: ready
Model: closed

Runs and evaluations: ~/.local/share/slot-studio
Crash dumps: ~/.config/SLOT Studio/Crashpad

What went wrong, the newest first:
2026-01-01T00:00:02.000Z a dump in ~/x
2026-01-01T00:00:01.000Z ~/models/a is not a model
`);
  });

  it('leaves paths as they are where the home folder is the root of all', async () => {
    const rooted = {
      ...desktop,
      readDiagnostics: async () => ({ ...SHELL, home: '/', facts: [], folders: [] }),
    };
    const engine = { request: vi.fn(async () => ({ ...ENGINE, home: '' }) as never) };
    const report = await readReport(engine, rooted, createAppStore({ engine: READY }), '');
    expect(reportText(report)).toContain(`${HOME}/.local/share/slot-studio`);
  });

  it('says what an engine does not tell, and asks none that is gone', async () => {
    const deaf = {
      request: vi.fn(async () => Promise.reject(new EngineError('failure', 'cancelled', 'no answer'))),
    };
    const browser = { name: 'browser', readDiagnostics: null } as const;
    const silent = createAppStore({ engine: { ...READY, silentSince: 5 } });
    const report = await readReport(deaf, browser, silent, '');
    expect(report.facts).toContainEqual({ name: 'Engine', value: 'ready, does not answer' });
    expect(report.facts).toContainEqual({ name: 'Not read', value: 'no answer' });
    const gone = createAppStore({ engine: { ...READY, state: 'exited', detail: 'It was killed.' } });
    const { facts } = await readReport(deaf, browser, gone, '');
    expect(deaf.request).toHaveBeenCalledTimes(1);
    expect(facts).toContainEqual({ name: 'Engine', value: 'exited: It was killed.' });
    expect(reportText(report)).toContain('Nothing went wrong.');
  });
});

/** When the window says that the engine does not answer or does not stop, on a clock that the test sets. */
import { describe, expect, it } from 'vitest';
import { CONNECTING } from '../../../renderer/engine/engine-client';
import { type AppState, INITIAL_STATE } from '../../../renderer/state/app-state';
import { engineTrouble } from '../../../renderer/state/engine-trouble';
import { withOpeningTime } from '../../../renderer/state/opening-times';

const READY = { state: 'ready', detail: '', silentSince: null } as const;
const SILENT = { ...READY, silentSince: 100_000 };

function trouble(seconds: number, state: Partial<AppState>) {
  return engineTrouble({ ...INITIAL_STATE, ...state }, 100_000 + seconds * 1000);
}

describe('a silent engine', () => {
  it('is told once it has been silent for longer than a long step takes', () => {
    expect(trouble(14, { engine: SILENT })).toBeNull();
    expect(trouble(16, { engine: SILENT })).toMatchObject({ kind: 'silent', forMs: 16_000, isUrgent: false });
    expect(trouble(1000, { engine: READY })).toBeNull();
  });

  it('has more time while it opens a model, and more still where that took long before', () => {
    const opening = { engine: SILENT, model: { state: 'opening', since: 0, before: null } } as const;
    expect(trouble(59, opening)).toBeNull();
    expect(trouble(61, opening)).toMatchObject({ isOpening: true });
    const openingTimes = withOpeningTime({}, INITIAL_STATE.modelChoice, 40_000);
    expect(trouble(119, { ...opening, openingTimes })).toBeNull();
    expect(trouble(121, { ...opening, openingTimes })).toMatchObject({ isOpening: true });
  });

  it('is pressing once it has not heard a cancel, however it stood before', () => {
    const cancelled = { engine: SILENT, cancelling: true, cancellingSince: 102_000 };
    expect(trouble(6, cancelled)).toBeNull();
    expect(trouble(8, cancelled)).toMatchObject({ kind: 'silent', forMs: 6000, isUrgent: true });
    // Silent only since the cancel was heard of.
    const heard = { ...cancelled, cancellingSince: 90_000 };
    expect(trouble(4, heard)).toBeNull();
    expect(trouble(6, heard)).toMatchObject({ kind: 'silent', forMs: 6000 });
  });

  it('is left alone for twice as long by a user who waits', () => {
    const { morePatience: patience = 0 } = trouble(16, { engine: SILENT }) ?? {};
    expect(trouble(31, { engine: SILENT, patience })).toBeNull();
    expect(trouble(33, { engine: SILENT, patience })).toMatchObject({ forMs: 33_000 });
  });
});

describe('an engine that answers', () => {
  it('and does not stop a cancelled run is told, too', () => {
    const cancelled = { engine: READY, cancelling: true, cancellingSince: 100_000 };
    expect(trouble(19, cancelled)).toBeNull();
    expect(trouble(21, cancelled)).toMatchObject({ kind: 'deaf', isUrgent: true });
  });
});

it('is nobody’s concern while there is none, or a new one is on its way', () => {
  for (const engine of [CONNECTING, { ...SILENT, state: 'exited' as const }]) {
    expect(trouble(100, { engine, cancelling: true })).toBeNull();
  }
  expect(trouble(100, { engine: SILENT, restarting: true })).toBeNull();
});

/** What components read of the state, as they are first drawn; React's server renderer runs all but effects. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN } from '../../../renderer/run/run-view';
import type { AppState } from '../../../renderer/state/app-state';
import { ownRun, showing } from '../../../renderer/state/shown-run';
import { createAppStore } from '../../../renderer/state/store';
import { type Studio, StudioProvider, useIsPage, useStudio } from '../../../renderer/state/studio-context';
import { useAdaptations } from '../../../renderer/state/use-adaptations';
import { useDraftCheck } from '../../../renderer/state/use-draft-check';
import { useReading } from '../../../renderer/state/use-reading';
import { useSelectedStep } from '../../../renderer/state/use-selected-step';
import { useLanesOfTurn, useShownChat } from '../../../renderer/state/use-shown-chat';
import { useShownRun } from '../../../renderer/state/use-shown-run';
import { COMPLETE_RUN, RUN_ID } from '../run-events';

const answer = (lane: string) => ({ runId: RUN_ID, lane, text: null, start: [] });
const conversation = {
  kind: 'chat' as const,
  turns: [{ id: 'turn', user: 'Hi', answers: { baseline: answer('baseline'), slot: answer('slot') } }],
};

function start(part: Partial<AppState> = {}) {
  const initial = createAppStore({ conversation, ...part });
  const view = reduceEvents(EMPTY_RUN, COMPLETE_RUN);
  // The server renderer reads the state that a store began with.
  const store = createAppStore({
    ...initial.getState(),
    ...showing(ownRun(RUN_ID), initial.getState(), view),
  });
  const studio = { store, shell: { readViewer: null } } as unknown as Studio;
  /** What the hook returns. */
  function read<T>(hook: () => T, within = studio): T {
    const seen: T[] = [];
    const Probe = () => {
      seen.push(hook());
      return null;
    };
    renderToStaticMarkup(StudioProvider({ studio: within, children: createElement(Probe) }));
    return seen[0]!;
  }
  return { store, studio, read };
}

it('there is a studio above every component, and it says whether this is an exported page', () => {
  const { read, studio } = start();
  expect(read(useStudio)).toBe(studio);
  expect(() => renderToStaticMarkup(createElement(() => void useStudio()))).toThrow('no StudioProvider');
  expect(read(useIsPage)).toBe(true);
  const shell = { readViewer: async () => '' };
  expect(read(useIsPage, { ...studio, shell } as unknown as Studio)).toBe(false);
});

it('the adapting lanes are those with curves, each with its settings, steps and end', () => {
  const { read } = start();
  expect(read(useAdaptations)).toMatchObject([
    { name: 'slot', settings: { steps: 2 }, steps: [{ loss: 3 }, { loss: 2.5 }], slot: { finalLoss: 2.25 } },
  ]);
});

describe('the step', () => {
  it('is the newest until one is chosen, and none beyond it', () => {
    expect(start().read(useSelectedStep)).toMatchObject({ step: 2, last: 2 });
    expect(start({ selectedStep: 1 }).read(useSelectedStep)).toMatchObject({ step: 1, last: 2 });
    expect(start({ selectedStep: 7 }).read(useSelectedStep).step).toBe(2);
  });

  it('that is chosen stays, and at the end follows the newest again', () => {
    const { read, store } = start();
    const { select } = read(useSelectedStep);
    const chosen = (step: number) => {
      select(step);
      return store.getState().selectedStep;
    };
    expect([1, 2, 0, -1, 3].map(chosen)).toEqual([1, null, 0, 0, null]);
  });
});

it('the draft is checked as it is typed', () => {
  expect(start({ prompt: 'Hi' }).read(useDraftCheck).config?.prompt).toMatchObject({
    messages: [{ content: 'Hi' }],
  });
  expect([...start({ prompt: ' ' }).read(useDraftCheck).problems.keys()]).toEqual(['prompt']);
});

it('the chat, the lanes of its turn and the run are those on screen', () => {
  const { read } = start();
  expect(read(useShownChat)).toMatchObject({ conversation, isStored: false });
  expect(read(() => useLanesOfTurn('turn')).map(({ name }) => name)).toEqual(['baseline', 'slot']);
  expect(read(() => useShownRun(({ runId }) => runId))).toBe(RUN_ID);
});

it('a reading has nothing to show at first', () => {
  const { read } = start();
  const options = { key: 'a', scope: 1, read: async () => 'x' };
  expect(read(() => useReading(options))).toMatchObject({ value: null, failure: null, isCurrent: false });
});

/** Tokens to explain, as the user writes them and as a run has them. */
import { describe, expect, it } from 'vitest';
import type { ModelInfo, SlotExplained } from '../../../engine/protocol';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN } from '../../../renderer/run/run-view';
import { createExplaining, explainObstacle } from '../../../renderer/state/chat/explain';
import { checkDraft, DEFAULT_DRAFT } from '../../../renderer/state/draft';
import { draftOfRun } from '../../../renderer/state/draft-of-run';
import { readExplained, writeExplained } from '../../../renderer/state/explained';
import { ownRun, showing } from '../../../renderer/state/shown-run';
import { createAppStore } from '../../../renderer/state/store';
import { COMPLETE_RUN, RUN_ID } from '../run-events';

it('are written as the charts write them, and come back from a run', () => {
  const { config } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'Hi', explain: '·apples, Tom,,' });
  expect(config!.explain).toEqual([' apples', 'Tom']);
  expect(draftOfRun(config!, DEFAULT_DRAFT).explain).toBe('·apples, Tom');
});

it('are none where nothing is written', () => {
  const { config } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'Hi', explain: ' , ' });
  expect(config).not.toHaveProperty('explain');
});

it('are told apart whatever they hold', () => {
  const tokens = [' apples', ',', '\n', '\\', '  ', 'a, b', '\t', ' ,'];
  expect(readExplained(writeExplained(tokens))).toEqual({ explain: tokens });
});

describe('a token of an answer', () => {
  const REF = { turn: 'turn', lane: 'slot', runId: RUN_ID, index: 1 };
  const MUST = { id: 12, token: ' must' };

  function start() {
    const view = reduceEvents(EMPTY_RUN, COMPLETE_RUN);
    const answer = (lane: string) => ({ runId: RUN_ID, lane, text: null, start: [] });
    const answers = { baseline: answer('baseline'), slot: answer('slot') };
    const conversation = { kind: 'chat' as const, turns: [{ id: 'turn', user: 'Hi', answers }] };
    const store = createAppStore({ conversation, prompt: 'Hi', explain: 'Tom' });
    store.setState(showing(ownRun(RUN_ID), store.getState(), view));
    const asked: unknown[] = [];
    const again = { ...answers, slot: { ...answers.slot, runId: 'run-2' } };
    const explaining = createExplaining(store, {
      async answer(...how) {
        asked.push(how);
        store.setState({
          conversation: { ...conversation, turns: [{ ...conversation.turns[0]!, answers: again }] },
        });
      },
    });
    return { store, asked, explain: explaining.explain, view };
  }

  it('is explained by answering again the same way, and stays pinned', async () => {
    const { store, asked, explain } = start();
    store.setState({ pinned: REF });
    await explain(REF, MUST);
    expect(asked).toEqual([[0, null, 'same']]);
    expect(store.getState()).toMatchObject({
      explain: 'Tom, ·must',
      explained: { id: 12, by: 'estimate' },
      shiftLane: 'slot',
      pinned: { ...REF, runId: 'run-2' },
    });
  });

  it('is shown at once where its run explained it', async () => {
    const { store, asked, explain, view } = start();
    const explained: SlotExplained = {
      type: 'slot.explained',
      lane: 'slot',
      ...MUST,
      shift: 2,
      contributions: [1, 1],
    };
    const lanes = view.lanes.map((lane) =>
      lane.name === 'slot' ? { ...lane, explained: [explained] } : lane,
    );
    store.setState({ runViews: { [RUN_ID]: { ...view, lanes } } });
    await explain(REF, MUST);
    expect(asked).toEqual([]);
    expect(store.getState()).toMatchObject({ explained: { id: 12, by: 'estimate' }, explain: 'Tom' });
  });

  it('is not where there is nothing to explain it by, which is said', async () => {
    const { store, asked, explain } = start();
    const obstacle = (ref = REF, token = ' must') => explainObstacle(store.getState(), ref, token);
    expect(obstacle()).toBeNull();
    expect(obstacle({ ...REF, lane: 'baseline' })).toContain('learned itself');
    expect(obstacle(REF, '\uFFFD')).toContain('part of a character');
    const capped = { tail: ['Div', 'Tanh', 'Mul'] } as unknown as ModelInfo;
    store.setState({ model: { state: 'open', info: capped } });
    expect(obstacle()).toContain('soft-capped');
    await explain(REF, MUST);
    expect(asked).toEqual([]);
    const { conversation } = store.getState();
    store.setState({
      model: { state: 'closed' },
      conversation: {
        ...conversation,
        turns: [...conversation.turns, { id: 'next', user: 'Two?', answers: {} }],
      },
    });
    expect(obstacle()).toContain('last turn');
  });
});

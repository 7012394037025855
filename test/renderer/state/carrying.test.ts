/** A conversation as one file: whole again elsewhere, beside what is there, and refused where it is none. */
import { describe, expect, it } from 'vitest';
import { MAX_IMPORT_BYTES, METHODS, type Method, type RunEvent } from '../../../engine/protocol';
import { RunStore } from '../../../engine/runs/store';
import { temporaryFolder } from '../../../fixtures/runs';
import type { EngineClient } from '../../../renderer/engine/engine-client';
import type { AppState } from '../../../renderer/state/app-state';
import { DEFAULT_DRAFT } from '../../../renderer/state/draft';
import { createCarrying } from '../../../renderer/state/runs/carrying';
import { createImporting } from '../../../renderer/state/runs/importing';
import { createReopening } from '../../../renderer/state/runs/reopening';
import { createStoredRuns } from '../../../renderer/state/runs/stored-runs';
import { createAppStore } from '../../../renderer/state/store';
import { createToasts } from '../../../renderer/state/toasts';
import { COMPLETE_RUN, RUN_ID } from '../run-events';

const folder = temporaryFolder();
let installations = 0;

const linesOf = (events: readonly RunEvent[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const RUN = linesOf(COMPLETE_RUN);
const OTHER = linesOf(
  COMPLETE_RUN.map((event) =>
    event.type === 'run.started' ? { ...event, at: '2026-01-01T00:00:00.000Z' } : event,
  ),
);

/** Window and store of one installation; only the engine's process between them is left out. */
function installation(state: Partial<AppState> = {}) {
  const runs = new RunStore(`${folder}/data-${installations++}`);
  const handlers: Partial<Record<Method, (params: never) => unknown>> = {
    'runs.list': () => ({ runs: runs.list() }),
    'runs.read': ({ runId }: { runId: string }) => runs.read(runId),
    'runs.export': ({ runId }: { runId: string }) => ({ text: runs.lines(runId) }),
    'runs.import': async ({ text }: { text: string }) => ({ runId: await runs.import(text) }),
    'runs.label': ({ runId, labels }: { runId: string; labels: { tags: string[]; note: string } }) =>
      runs.label(runId, labels),
  };
  const client = {
    request: async (method: Method, params: unknown) =>
      handlers[method]!(METHODS[method].params.parse(params) as never),
  } as unknown as EngineClient;
  const store = createAppStore(state);
  const toasts = createToasts(store);
  const stored = createStoredRuns(client, store, toasts);
  const carrying = createCarrying(client, store, stored);
  const importing = createImporting(
    client,
    store,
    stored,
    createReopening(store, stored, toasts),
    carrying,
    toasts,
  );
  return { runs, store, carrying, take: (text: string) => importing.import(new File([text], 'talk.jsonl')) };
}

const answer = (runId: string | null, lane: string, text: string) => ({ runId, lane, text, start: [] });
const BRANCH = {
  ...DEFAULT_DRAFT.lanes[1]!,
  id: 'branch',
  name: 'slot ↳',
  branch: { lane: 'slot', turn: 'a', index: 1, token: ' so' },
};
const HELD: Partial<AppState> = {
  system: 'Be brief.',
  prompt: 'Two and two?',
  lanes: [...DEFAULT_DRAFT.lanes, BRANCH],
  generation: { ...DEFAULT_DRAFT.generation, temperature: '0.7', samples: '4' },
  groups: [{ name: 'links', words: 'so, thus' }],
  explain: '·apples',
  conversation: {
    kind: 'chat',
    turns: [
      {
        id: 'a',
        user: 'Two and two?',
        answers: { baseline: answer('gone', 'baseline', '4'), slot: answer(RUN_ID, 'slot', 'four') },
      },
      {
        id: 'b',
        user: 'And three?',
        answers: { baseline: answer(RUN_ID, 'baseline', '7'), branch: answer(null, 'slot', 'so 7') },
      },
    ],
  },
};
const KEYS = [
  'system',
  'prompt',
  'promptKind',
  'template',
  'lanes',
  'generation',
  'groups',
  'explain',
  'listLength',
] as const;
const settings = (state: AppState) => Object.fromEntries(KEYS.map((key) => [key, state[key]]));

async function exported() {
  const from = installation(HELD);
  await from.runs.import(RUN);
  const written = await from.carrying.conversationFile();
  return { ...from, written, text: written.parts.join('') };
}

describe('a conversation’s file', () => {
  it('says how large it is, and what is not in it', async () => {
    const { written, text } = await exported();
    expect(written).toMatchObject({ turns: 2, runs: 1, leftOut: 1, bytes: new Blob([text]).size });
  });

  it('leaves out a run that could not be imported again with it', async () => {
    const long = {
      ...COMPLETE_RUN.find(({ type }) => type === 'lane.done')!,
      text: 'x'.repeat(2 ** 24),
    } as RunEvent;
    const events = [...COMPLETE_RUN.slice(0, -1), long, long, long, COMPLETE_RUN.at(-1)!];
    const from = installation(HELD);
    await from.runs.import(linesOf(events));
    const { runs, leftOut, bytes } = await from.carrying.conversationFile();
    expect([runs, leftOut, bytes < MAX_IMPORT_BYTES]).toEqual([0, 2, true]);
  });

  it('is the same conversation in another installation, its runs byte for byte', async () => {
    const { text, store: first } = await exported();
    const { runs, store, take } = installation({ prompt: 'Mine' });
    await take(text);
    const state = store.getState();
    expect(settings(state)).toEqual(settings(first.getState()));
    expect(runs.lines(RUN_ID)).toBe(RUN);
    const [a, b] = HELD.conversation!.turns;
    // Of a run that did not come along the text is left.
    const turns = [{ ...a!, answers: { ...a!.answers, baseline: answer(null, 'baseline', '4') } }, b!];
    expect(state.conversation).toEqual({ kind: 'chat', turns });
    expect(state).toMatchObject({ shown: { kind: 'own', runId: RUN_ID }, dialog: null, importFailure: null });
    expect(state.runViews[RUN_ID]?.lanes.map(({ tokens }) => tokens.length)).toEqual([2, 3]);
    expect(state.toast?.text).toContain('2 turns, 1 run');
  });

  it('finds its runs where they are already, and adds nothing', async () => {
    const { text, runs, store, take } = await exported();
    store.setState({ prompt: 'Something else', conversation: { kind: 'chat', turns: [] } });
    await take(text);
    expect(runs.list().map(({ runId }) => runId)).toEqual([RUN_ID]);
    expect(store.getState().conversation.turns).toHaveLength(2);
  });

  it('gives a run another id where its own is another run’s, which stays as it is', async () => {
    const { text } = await exported();
    const { runs, store, take } = installation();
    await runs.import(OTHER);
    await take(text);
    const ids = runs.list().map(({ runId }) => runId);
    const added = ids.find((runId) => runId !== RUN_ID)!;
    expect(ids).toHaveLength(2);
    expect(runs.lines(RUN_ID)).toBe(OTHER);
    expect(store.getState().conversation.turns[0]!.answers.slot!.runId).toBe(added);
    expect(runs.lines(added)).toBe(RUN.replace(`"runId":"${RUN_ID}"`, `"runId":"${added}"`));
  });

  it('takes nothing away: undo brings back what was held', async () => {
    const { text } = await exported();
    const mine = {
      ...HELD,
      prompt: 'Mine',
      system: '',
      groups: [{ name: 'own', words: 'x' }],
      lanes: DEFAULT_DRAFT.lanes,
    };
    const { store, take } = installation(mine);
    const before = store.getState();
    await take(text);
    expect(store.getState().prompt).not.toBe('Mine');
    store.getState().toast!.action!.run();
    expect(settings(store.getState())).toEqual(settings(before));
    expect(store.getState().conversation).toEqual(before.conversation);
  });

  it('is of use where one of its runs is damaged', async () => {
    const { text } = await exported();
    const { runs, store, take } = installation();
    await take(text.replace('"type":"slot.step"', '"type":"slot.stop"'));
    expect(runs.list()).toEqual([]);
    const { conversation, toast } = store.getState();
    expect(conversation.turns[0]!.answers.slot).toEqual(answer(null, 'slot', 'four'));
    expect(toast?.text).toContain('1 run could not be read: their answers are texts');
  });
});

describe('what is no conversation', () => {
  type Head = Record<string, unknown> & { conversation: { turns: object[] }; lanes: object[] };
  it.each<[string, (head: Head) => unknown, string]>([
    ['a later version’s', (head) => ({ ...head, v: 2 }), 'newer-conversation'],
    ['one without lanes', (head) => ({ ...head, lanes: [] }), 'not-a-conversation'],
    [
      'one of nine lanes',
      (head) => ({ ...head, lanes: Array.from({ length: 9 }, (_, i) => ({ ...head.lanes[0], id: `${i}` })) }),
      'not-a-conversation',
    ],
    ['lanes of one id', (head) => ({ ...head, lanes: [head.lanes[0], head.lanes[0]] }), 'not-a-conversation'],
    [
      'a lane named as what objects have',
      (head) => ({ ...head, lanes: [{ ...head.lanes[0], id: 'constructor' }] }),
      'not-a-conversation',
    ],
    [
      'one without turns',
      (head) => ({ ...head, conversation: { kind: 'chat', turns: [] } }),
      'not-a-conversation',
    ],
    [
      'turns of one id',
      (head) => ({
        ...head,
        conversation: { kind: 'chat', turns: [head.conversation.turns[0], head.conversation.turns[0]] },
      }),
      'not-a-conversation',
    ],
    ['a text that is no text', (head) => ({ ...head, system: { toString: 1 } }), 'not-a-conversation'],
  ])('%s is refused, and nothing is changed', async (_, change, code) => {
    const { text } = await exported();
    const [head = '', ...rest] = text.split('\n');
    const { runs, store, take } = installation({ prompt: 'Mine' });
    await take([JSON.stringify(change(JSON.parse(head) as Head)), ...rest].join('\n'));
    expect(store.getState()).toMatchObject({
      prompt: 'Mine',
      conversation: { turns: [] },
      importFailure: { code },
    });
    expect(runs.list()).toEqual([]);
  });

  it('a line that is cut is refused', async () => {
    const { text } = await exported();
    const { store, take } = installation();
    await take(text.slice(0, 200));
    expect(store.getState().importFailure?.code).toBe('not-a-conversation');
  });
});

/** Histories of lanes: what each reads before it answers, and what a stored run says of its conversation. */
import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../../../engine/protocol';
import {
  type Answer,
  askTurn,
  Conversation,
  conversationOfRun,
  copyAnswers,
  messagesFor,
  recordAnswers,
  runsOf,
} from '../../../renderer/run/conversation';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN } from '../../../renderer/run/run-view';
import { checkDraft, DEFAULT_DRAFT } from '../../../renderer/state/draft';
import { turnConfig } from '../../../renderer/state/turn-config';
import { COMPLETE_RUN, CONFIG, laneDone, RUN_ID, STARTED, token } from '../run-events';

const LANES = [
  { id: 'b', name: 'baseline' },
  { id: 's', name: 'slot' },
];

function answer(text: string | null, runId: string | null = 'r1', start: number[] = []): Answer {
  return { runId, lane: 'slot', text, start };
}

function chat(...turns: [string, Record<string, Answer>][]): Conversation {
  return { kind: 'chat', turns: turns.map(([user, answers], i) => ({ id: `t${i}`, user, answers })) };
}

describe('what a lane reads', () => {
  const two = chat(
    ['One?', { b: answer('1'), s: answer('one') }],
    ['Two?', { b: answer('2'), s: answer(null) }],
    ['Three?', {}],
  );

  it('is its own history and the system prompt', () => {
    expect(messagesFor(two, 'Be brief.', 'b', 2)).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: '1' },
      { role: 'user', content: 'Two?' },
      { role: 'assistant', content: '2' },
      { role: 'user', content: 'Three?' },
    ]);
  });

  it('ends with the turn that is asked, whatever came after it', () => {
    expect(messagesFor(two, '', 'b', 0)).toEqual([{ role: 'user', content: 'One?' }]);
    expect(() => messagesFor(two, '', 'b', 3)).toThrow('no turn 3');
  });

  it('leaves out turns that it has not answered, so that roles always alternate', () => {
    expect(messagesFor(two, ' ', 's', 2)).toEqual([
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'one' },
      { role: 'user', content: 'Three?' },
    ]);
    expect(messagesFor(two, '', 'new lane', 2)).toEqual([{ role: 'user', content: 'Three?' }]);
  });

  it('becomes a run in which only lanes of another history carry a prompt', () => {
    const draft = { ...DEFAULT_DRAFT, prompt: 'One?' };
    const { settings } = checkDraft(draft);
    const same = chat(['One?', { baseline: answer('x'), slot: answer('x') }], ['Two?', {}]);
    const parted = chat(['One?', { baseline: answer('x'), slot: answer('y') }], ['Two?', {}]);
    const config = (conversation: Conversation, lanes = ['baseline', 'slot']): RunConfig => {
      if (!settings) throw new Error('the default draft is valid');
      return turnConfig(settings, draft, conversation, 1, lanes);
    };
    expect(config(same).lanes.map((lane) => lane.prompt)).toEqual([undefined, undefined]);
    expect(config(parted).lanes[1]?.prompt).toEqual({
      kind: 'chat',
      messages: [
        { role: 'user', content: 'One?' },
        { role: 'assistant', content: 'y' },
        { role: 'user', content: 'Two?' },
      ],
    });
    expect(config(parted, ['slot'])).toMatchObject({
      prompt: { messages: [{}, { content: 'y' }, {}] },
      lanes: [{ name: 'slot', steps: 5 }],
    });
  });

  it('begins its answer as it was told', () => {
    const { settings } = checkDraft({ ...DEFAULT_DRAFT, prompt: 'One?' });
    const branch = chat(['One?', { slot: answer(null, null, [7, 8]) }]);
    const config = settings && turnConfig(settings, DEFAULT_DRAFT, branch, 0, ['baseline', 'slot']);
    expect(config?.lanes.map((lane) => lane.forcedPrefix)).toEqual([[], [7, 8]]);
  });
});

describe('a run writes into the conversation', () => {
  const asked = askTurn(chat(['Two and two?', {}]), 0, LANES, RUN_ID);

  it('its texts, once a lane has ended', () => {
    const open = recordAnswers(asked, reduceEvents(EMPTY_RUN, [STARTED, token('slot', 0, 1, 'It')]));
    expect(open).toBe(asked);
    const done = recordAnswers(asked, reduceEvents(EMPTY_RUN, COMPLETE_RUN));
    expect(done.turns[0]?.answers).toEqual({
      b: { runId: RUN_ID, lane: 'baseline', text: 'It is', start: [] },
      s: { runId: RUN_ID, lane: 'slot', text: 'It must be', start: [] },
    });
    expect(recordAnswers(done, reduceEvents(EMPTY_RUN, COMPLETE_RUN))).toBe(done);
  });

  it('what a lane wrote before its engine died, and nothing for one that wrote nothing', () => {
    const view = reduceEvents(EMPTY_RUN, [
      STARTED,
      token('slot', 0, 1, 'It'),
      { type: 'run.failed', kind: 'failure', code: 'engine-exited', message: '', hint: '' },
    ]);
    const { answers } = recordAnswers(asked, view).turns[0] ?? {};
    expect([answers?.b?.text, answers?.s?.text]).toEqual([null, 'It']);
  });

  it('the text that a lane ended with, rather than its tokens', () => {
    const view = reduceEvents(EMPTY_RUN, [
      STARTED,
      token('slot', 0, 1, 'It #'),
      laneDone('slot', 'It', [1], 'eos'),
    ]);
    expect(recordAnswers(asked, view).turns[0]?.answers.s?.text).toBe('It');
  });

  it('no more of an answer than is kept', () => {
    const long = 'x'.repeat(1_000_001);
    const view = reduceEvents(EMPTY_RUN, [STARTED, laneDone('slot', long, [])]);
    const kept = recordAnswers(asked, view);
    expect(kept.turns[0]?.answers.s?.text).toBe(long.slice(1));
    expect(Conversation.safeParse(kept).success).toBe(true);
  });

  it('no answer of a lane that was cancelled before it wrote, and an empty one of a lane that ended so', () => {
    const textAfter = (text: string, reason: 'eos' | 'cancelled') => {
      const view = reduceEvents(EMPTY_RUN, [STARTED, laneDone('slot', text, [], reason)]);
      return recordAnswers(asked, view).turns[0]?.answers.s?.text;
    };
    expect(textAfter('', 'cancelled')).toBeNull();
    expect(textAfter('', 'eos')).toBe('');
    expect(textAfter('It', 'cancelled')).toBe('It');
  });

  it('keeps what it was told to begin with when it answers again', () => {
    const branched = chat(['One?', { s: answer('x', 'old', [3]) }]);
    expect(askTurn(branched, 0, LANES, 'new').turns[0]?.answers.s).toMatchObject({
      runId: 'new',
      start: [3],
      text: null,
    });
  });

  it('fits the schema that it is remembered by', () => {
    expect(Conversation.parse(JSON.parse(JSON.stringify(asked)))).toEqual(asked);
  });
});

describe('a stored run', () => {
  const config = (lanes: RunConfig['lanes']): RunConfig => ({
    ...(STARTED.type === 'run.started' ? STARTED.config : never()),
    prompt: {
      kind: 'chat',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One?' },
        { role: 'assistant', content: '1' },
        { role: 'user', content: 'Two?' },
      ],
    },
    lanes,
  });

  it('says its conversation: earlier turns as texts, the last with its tokens', () => {
    const lanes = config([]).lanes;
    const [baseline, slot] = STARTED.type === 'run.started' ? STARTED.config.lanes : lanes;
    const own = { kind: 'chat' as const, messages: [{ role: 'user' as const, content: 'Two?' }] };
    const started = {
      ...STARTED,
      config: config([baseline ?? never(), { ...(slot ?? never()), prompt: own }]),
    } as typeof STARTED;
    const view = reduceEvents(EMPTY_RUN, [
      started,
      laneDone('baseline', '2', [5]),
      laneDone('slot', 'two', [6]),
    ]);
    const { turns } = conversationOfRun(view);
    expect(turns.map(({ user }) => user)).toEqual(['One?', 'Two?']);
    expect(turns[0]?.answers).toEqual({ baseline: { runId: null, lane: 'baseline', text: '1', start: [] } });
    expect(turns[1]?.answers.slot).toMatchObject({ runId: RUN_ID, text: 'two' });
    expect(runsOf(conversationOfRun(view))).toEqual([RUN_ID]);
  });

  it('is one turn of raw text where the run went on with a text, and nothing before the run has begun', () => {
    const prompt = { kind: 'raw' as const, text: 'Once upon a' };
    const started = { ...STARTED, config: { ...CONFIG, prompt } };
    const view = reduceEvents(EMPTY_RUN, [started as typeof STARTED, laneDone('slot', ' time', [5])]);
    const { kind, turns } = conversationOfRun(view);
    expect([kind, turns.map(({ id, user }) => [id, user])]).toEqual([
      'raw',
      [[`${RUN_ID}-0`, 'Once upon a']],
    ]);
    expect(turns[0]?.answers.slot).toMatchObject({ runId: RUN_ID, text: ' time' });
    expect(conversationOfRun(EMPTY_RUN).turns).toEqual([]);
  });

  it('gives a lane that joined at the second turn its answers where they were', () => {
    const exchange = (user: string, assistant: string) => [
      { role: 'user' as const, content: user },
      { role: 'assistant' as const, content: assistant },
    ];
    const last = { role: 'user' as const, content: 'Three?' };
    const [baseline, slot] = STARTED.type === 'run.started' ? STARTED.config.lanes : [];
    const late = { kind: 'chat' as const, messages: [...exchange('Two?', 'two'), last] };
    const lanes = [baseline ?? never(), { ...(slot ?? never()), prompt: late }];
    const messages = [...exchange('One?', '1'), ...exchange('Two?', '2'), last];
    const started = { ...STARTED, config: { ...config(lanes), prompt: { kind: 'chat', messages } } };
    const { turns } = conversationOfRun(reduceEvents(EMPTY_RUN, [started as typeof STARTED]));
    expect(turns.map(({ user, answers }) => [user, answers.baseline?.text, answers.slot?.text])).toEqual([
      ['One?', '1', undefined],
      ['Two?', '2', 'two'],
      ['Three?', null, null],
    ]);
  });
});

describe('lanes', () => {
  it('hand their answers on up to the turn of a branch', () => {
    const before = chat(['One?', { s: answer('1') }], ['Two?', { s: answer('2') }]);
    const after = copyAnswers(before, 's', 'branch', 0);
    expect(after.turns.map(({ answers }) => answers.branch?.text)).toEqual(['1', undefined]);
  });
});

function never(): never {
  throw new Error('not to be reached');
}

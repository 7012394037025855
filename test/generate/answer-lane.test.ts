/** An answer as it grows: where it ends, what is told of its tokens, and what is left of it. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AnswerLane, type AnswerRequest, type FinishedAnswer } from '../../engine/generate/answer-lane';
import { interleave } from '../../engine/generate/interleave';
import { readModelFolder } from '../../engine/model/folder';
import { GenerationSettings } from '../../engine/protocol';
import { Tokenizer } from '../../engine/tokenizer/tokenizer';

const tokenizer = new Tokenizer(
  readModelFolder(join(import.meta.dirname, '../exports/fixtures/qwen2'), null),
);
const END = 2_000_000;
const ROOM = 40;
const model = { tokenizer, stopIds: [END], room: (tokens: number) => ROOM - tokens };
const PROMPT = { ids: [1, 2, 3], hidden: new Float32Array(6) };

type Change = Partial<AnswerRequest> & { readonly settings?: Partial<GenerationSettings> };

function begun({ settings, ...change }: Change = {}, keepHidden = false): AnswerLane {
  const generation = GenerationSettings.parse({ maxNewTokens: 100, temperature: 1, ...settings });
  const [delta, b] = [new Float32Array(2), new Float32Array(4)];
  return new AnswerLane(model, { key: 'x', prompt: PROMPT, generation, delta, b, ...change }, keepHidden);
}

/** Writes tokens until one ends the answer. */
function written(lane: AnswerLane, ids: readonly number[]): FinishedAnswer | undefined {
  for (const [i, id] of ids.entries()) {
    const finished = lane.add(id, i + 1, Float32Array.of(i, -i));
    if (finished) return finished;
  }
  return undefined;
}
const idsOf = (text: string) => tokenizer.encode(text, false);

describe('an answer ends', () => {
  it('at an end token, unless those are ignored', () => {
    const ids = [...idsOf('Yes'), END, ...idsOf('No')];
    const end = written(begun(), ids);
    expect(end).toMatchObject({ key: 'x', reason: 'eos', tokens: ids.indexOf(END) + 1 });
    expect(end!.ids).toEqual(ids.slice(0, end!.tokens));
    expect(written(begun({ settings: { ignoreEos: true } }), ids)).toBeUndefined();
  });

  it('with as many tokens as were asked for, or as the context has room for', () => {
    const many = Array.from({ length: 90 }, () => idsOf('a')[0]!);
    expect(written(begun({ settings: { maxNewTokens: 3 } }), many)).toMatchObject({
      reason: 'length',
      tokens: 3,
    });
    expect(written(begun(), many)).toMatchObject({ reason: 'length', tokens: ROOM - PROMPT.ids.length });
    expect(begun().isFull).toBe(false);
    const full = { ids: Array<number>(ROOM).fill(1), hidden: new Float32Array(0) };
    expect(begun({ prompt: full }).isFull).toBe(true);
  });

  it('before the first of its stops, also where that lies across tokens', () => {
    const text = 'The answer is 42. Question: what now?';
    const ids = idsOf(text);
    expect(ids.length).toBeGreaterThan(6);
    const end = written(begun({ settings: { stops: ['what', 'Question:', '. Q'] } }), ids);
    expect(end).toMatchObject({ reason: 'stop', text: 'The answer is 42' });
    // What was written is told whole.
    expect(tokenizer.decode(end!.ids)).toContain('. Q');
    expect(written(begun({ settings: { stops: ['Q:', 'answers'] } }), ids)).toBeUndefined();
    expect(written(begun({ settings: { stops: ['The'] } }), ids)).toMatchObject({
      reason: 'stop',
      text: '',
      tokens: 2,
    });
  });

  it('neither at an end token nor at a stop of what it was given', () => {
    const given = [END, ...idsOf('stop')];
    const lane = begun({ forcedPrefix: given, settings: { maxNewTokens: 1, stops: ['stop'] } });
    expect(given.map(() => lane.forced)).toEqual(given.map(() => END));
    expect(lane.add(END, 1, new Float32Array(2))).toBeUndefined();
    expect(lane.forced).toBe(given[1]);
    const last = given.slice(1).map((id) => lane.add(id, 1, new Float32Array(2)));
    expect(last.at(-1)).toMatchObject({ reason: 'length', tokens: given.length });
    expect(lane.forced).toBeUndefined();
  });
});

it('an answer has the mean of its entropies, and the hidden states where they are kept', () => {
  const [first, second] = idsOf('one');
  const state = Float32Array.of(1, 2);
  const lane = begun({ settings: { maxNewTokens: 2 } }, true);
  lane.add(first!, 3, state);
  state.fill(0);
  const end = lane.add(second!, 5, state);
  expect(end).toMatchObject({ reason: 'length', text: 'one', meanEntropy: 4 });
  // A copy: the model goes on in the same memory.
  expect(end!.hidden).toEqual([Float32Array.of(1, 2), Float32Array.of(0, 0)]);
  expect(begun().finish('not-finite')).toEqual({
    key: 'x',
    ids: [],
    text: '',
    reason: 'not-finite',
    tokens: 0,
    meanEntropy: 0,
  });
});

it('a token is told with both its probabilities, and that of its draw unless it was given', () => {
  const logprobs = Float32Array.from([0.5, 0.25, 0.125, 0.125], Math.log);
  const baseLogprobs = Float32Array.from([0.1, 0.2, 0.3, 0.4], Math.log);
  const lane = begun({ forcedPrefix: [1], settings: { topP: 0.7 } });
  const given = lane.token(1, { logprobs, baseLogprobs });
  expect(given).toEqual({
    index: 0,
    id: 1,
    logprob: logprobs[1],
    baseLogprob: baseLogprobs[1],
    drawnLogprob: undefined,
  });
  lane.add(1, 1, new Float32Array(2));
  const drawn = lane.token(1, { logprobs, baseLogprobs });
  expect(drawn).toMatchObject({ index: 1, id: 1, baseLogprob: baseLogprobs[1] });
  // Of the two tokens that reach top-p, a third.
  expect(drawn.drawnLogprob).toBeCloseTo(Math.log(1 / 3), 6);
});

it('several answers stream in turn until the last of them is over', async () => {
  async function* count(name: string, to: number) {
    for (let i = 1; i <= to; i++) yield `${name}${i}`;
  }
  const events: string[] = [];
  for await (const event of interleave([count('a', 1), count('b', 3), count('c', 0), count('d', 2)]))
    events.push(event);
  expect(events).toEqual(['a1', 'b1', 'd1', 'b2', 'd2', 'b3']);
  for await (const event of interleave([])) expect(event).toBeUndefined();
});

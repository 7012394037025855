/** Samples from events to charts: by lane, live and stored alike, with their tree as rows that keys move over. */
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../engine/protocol';
import { describeProgress } from '../../../renderer/run/progress';
import { reduceEvents } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN, type RunView } from '../../../renderer/run/run-view';
import { laneSamples, sharedRows } from '../../../renderer/run/samples';
import { textOf, treeMove, treeRows } from '../../../renderer/samples/tree-rows';
import { CONFIG, STARTED, token } from '../run-events';

const DRAW = { temperature: 0.5, topP: 1 };

/** Each letter a token. */
const written = (lane: string, sample: number, text: string): RunEvent[] =>
  [...text].map((letter, index) =>
    sample === 0
      ? { ...token(lane, index, letter.charCodeAt(0), letter), drawnLogprob: -0.5 }
      : {
          type: 'sample.token',
          lane,
          sample,
          index,
          id: letter.charCodeAt(0),
          token: letter,
          logprob: -1,
          baseLogprob: -2,
          drawnLogprob: -0.5,
        },
  );

function done(lane: string, sample: number, text: string, reason: 'eos' | 'cancelled' = 'eos'): RunEvent {
  const answer = { text: text.at(-1) ?? '', by: 'number' as const };
  return { type: 'sample.done', lane, sample, seed: sample, text, reason, tokens: text.length, answer };
}

function viewOf(...events: readonly RunEvent[]): RunView {
  const config = { ...CONFIG, samples: 4 };
  return reduceEvents(EMPTY_RUN, [{ ...STARTED, config } as RunEvent, ...events]);
}

const whole = (lane: string, texts: readonly string[]) =>
  texts.flatMap((text, sample) => [...written(lane, sample, text), done(lane, sample, text)]);

describe('a lane’s samples', () => {
  const view = viewOf(...whole('baseline', ['ab1', 'ab2', 'ac1', 'b1']), ...whole('slot', ['ab1']));

  it('come to answers, most frequent first, by what is final or by the whole text', () => {
    const [baseline] = view.lanes;
    expect(laneSamples(baseline!, 'final', DRAW).answers).toEqual([
      { text: '1', by: 'number', samples: [0, 2, 3] },
      { text: '2', by: 'number', samples: [1] },
    ]);
    expect(laneSamples(baseline!, 'text', DRAW).answers.map(({ text }) => text)).toEqual([
      'ab1',
      'ab2',
      'ac1',
      'b1',
    ]);
  });

  it('leave out of the answers what was cancelled, but not out of the tree', () => {
    const cut = viewOf(
      ...whole('slot', ['ab1']),
      ...written('slot', 1, 'ab'),
      done('slot', 1, 'ab', 'cancelled'),
    );
    const { answers, ended, tree } = laneSamples(cut.lanes[1]!, 'final', DRAW);
    expect([answers.length, ended.length, tree.samples]).toEqual([1, 1, [0, 1]]);
  });

  it('share rows between lanes, a lane without it left open', () => {
    const lanes = view.lanes.map((lane) => laneSamples(lane, 'final', DRAW).answers);
    const rows = sharedRows(lanes, ({ text }) => text);
    expect(rows.map(({ key, of }) => [key, of.map((group) => group?.samples.length)])).toEqual([
      ['1', [3, 1]],
      ['2', [1, undefined]],
    ]);
  });

  it('tell the probability of a first draw also of tokens that are listed and were not drawn', () => {
    const p = (logprob: number) => Math.exp(logprob) ** 2 / (0.6 ** 2 + 0.3 ** 2 + 0.1 ** 2);
    const top = [0.6, 0.3].map((share, i) => ({
      id: 97 + i,
      token: 'ab'[i]!,
      logprob: Math.log(share),
      baseLogprob: -1,
    }));
    const first = {
      ...token('slot', 0, 97, 'a'),
      logprob: Math.log(0.6),
      drawnLogprob: Math.log(p(Math.log(0.6))),
      top,
    };
    const lane = viewOf(first, done('slot', 0, 'a')).lanes[1]!;
    const draws = laneSamples(lane, 'final', DRAW).firstDraws;
    expect(draws.get(97)).toBeCloseTo(p(Math.log(0.6)), 10);
    expect(draws.get(98)).toBeCloseTo(p(Math.log(0.3)), 10);
    expect(laneSamples(lane, 'final', { ...DRAW, topP: 0.9 }).firstDraws.has(98)).toBe(false);
  });

  it('are counted while they are drawn, the lanes’ own among them', () => {
    const drawing = viewOf(...whole('slot', ['ab1']), ...written('slot', 1, 'ab'));
    expect(describeProgress(drawing, true)).toMatchObject({
      label: 'Drawing samples: 1 of 8',
      done: 1,
      total: 8,
    });
  });

  it('are not waited for of a lane that was stopped or has failed', () => {
    const drawn = [...whole('slot', ['ab1']), ...written('slot', 1, 'ab')];
    const stopped = viewOf(...drawn, ...written('baseline', 0, 'a'), done('baseline', 0, 'a', 'cancelled'));
    expect(describeProgress(stopped, true).label).toBe('Drawing samples: 2 of 5');
    const failed = viewOf(...drawn, {
      type: 'lane.failed',
      lane: 'baseline',
      code: 'x',
      message: '',
      hint: '',
    });
    expect(describeProgress(failed, true).label).toBe('Drawing samples: 1 of 4');
  });
});

describe('the tree as rows', () => {
  const view = viewOf(...whole('baseline', ['ab1', 'ab2', 'ac1', 'b1']));
  const { tree } = laneSamples(view.lanes[0]!, 'final', DRAW);
  const shown = (closed: readonly string[] = []) => treeRows(tree, new Set(closed));
  const lines = (closed?: readonly string[]) =>
    shown(closed).map(
      ({ level, node, of }) => `${level} ${textOf(node).join('')} ${node.samples.length}/${of}`,
    );

  it('shows each way at each fork with the samples that take it', () => {
    expect(lines()).toEqual(['1 a 3/4', '2 b 2/3', '3 1 1/2', '3 2 1/2', '2 c1 1/3', '1 b1 1/4']);
  });

  it('leaves out what is below a closed one', () => {
    expect(lines([shown()[1]!.key])).toEqual(['1 a 3/4', '2 b 2/3', '2 c1 1/3', '1 b1 1/4']);
  });

  it.each([
    [0, 'ArrowDown', { to: 1 }],
    [0, 'ArrowUp', { to: 0 }],
    [5, 'ArrowDown', { to: 5 }],
    [2, 'Home', { to: 0 }],
    [2, 'End', { to: 5 }],
    [0, 'ArrowRight', { to: 1 }],
    [2, 'ArrowRight', { to: 2 }],
    [2, 'ArrowLeft', { to: 1 }],
    [5, 'ArrowLeft', { to: 5 }],
    [2, 'Enter', undefined],
    [2, 'x', undefined],
  ])('from row %i %s goes to %j', (at, key, move) => {
    expect(treeMove(shown(), at, key)).toEqual(move);
  });

  it('opens and closes a fork with Enter, and with the arrows as it stands', () => {
    const fork = shown()[1]!.key;
    expect(treeMove(shown(), 1, 'Enter')).toEqual({ toggle: fork });
    expect(treeMove(shown(), 1, 'ArrowLeft')).toEqual({ toggle: fork });
    expect(treeMove(shown([fork]), 1, 'ArrowRight')).toEqual({ toggle: fork });
    expect(treeMove(shown([fork]), 1, 'ArrowLeft')).toEqual({ to: 0 });
  });
});

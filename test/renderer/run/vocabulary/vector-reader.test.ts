/** What the window remembers of vectors: what is asked of the engine, how often, and what goes wrong. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Method, Params, Result } from '../../../../engine/protocol';
import { readShifts } from '../../../../renderer/compare/use-shifts';
import type { RunView } from '../../../../renderer/run/run-view';
import {
  createVectorReader,
  type RunModel,
  runModelOf,
} from '../../../../renderer/run/vocabulary/vector-reader';

const RUN: RunModel = { runId: 'r', model: 'm', vocab: 2, ids: [1], tokens: ['b'] };

function reader(answers: Partial<Record<Method, (params: unknown) => unknown>>) {
  const asked: [Method, unknown][] = [];
  const request = async <M extends Method>(method: M, params: Params<M>): Promise<Result<M>> => {
    asked.push([method, params]);
    const answer = answers[method];
    if (!answer) throw new Error(`${method} was not expected`);
    return answer(params) as Result<M>;
  };
  return { asked, reader: createVectorReader(request) };
}

describe('the vector reader', () => {
  const shift = () => ({
    shift: Float32Array.of(1, 2),
    meanP: Float32Array.of(0.5, 0.5),
    baseMeanP: Float32Array.of(0.25, 0.75),
  });

  it('asks once for what two want at the same time, by the engine’s own count of steps', async () => {
    const { asked, reader: vectors } = reader({ 'shift.read': shift });
    const [a, b] = await Promise.all([vectors.step('r', 'slot', 3), vectors.step('r', 'slot', 3)]);
    expect(a).toBe(b);
    expect(asked).toEqual([['shift.read', { runId: 'r', lane: 'slot', step: 2 }]]);
    const before = await vectors.step('r', 'slot', 0);
    expect([...before.shift]).toEqual([0, 0]);
    expect(await vectors.step('r', 'slot', 0)).toBe(before);
  });

  it('reads a vocabulary page by page', async () => {
    const { asked, reader: vectors } = reader({
      'vocabulary.read': (params) => {
        const { from } = params as { from: number };
        return { tokens: ['a', 'b', 'c', 'd', 'e'].slice(from, from + 2), total: 5 };
      },
    });
    expect(await vectors.vocabulary(RUN)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(asked).toHaveLength(3);
  });

  it('reads nothing again while a comparison goes back and forth between steps', async () => {
    const { asked, reader: vectors } = reader({
      'shift.read': shift,
      'vocabulary.read': () => ({ tokens: ['a', 'b'], total: 2 }),
    });
    const other = { ...RUN, runId: 'other' };
    for (const step of [1, 2, 3, 2, 1, 3]) {
      for (const run of [RUN, other]) {
        const shifts = await readShifts(vectors, run, 'slot', step);
        expect(shifts.tokens).toEqual(['a', 'b']);
        expect([...shifts.values('raw')]).toEqual([1, 2]);
        expect([...shifts.values('mass')]).toEqual([25, -25]);
      }
    }
    const count = (method: Method) => asked.filter(([each]) => each === method).length;
    // One vocabulary, since the model is the same; each step of each run once.
    expect(count('vocabulary.read')).toBe(1);
    expect(count('shift.read')).toBe(6);
  });

  it('does not remember a failure', async () => {
    let fails = true;
    const { reader: vectors } = reader({
      'shift.read': () => {
        if (fails) throw new Error('gone');
        return shift();
      },
    });
    await expect(vectors.step('r', 'slot', 1)).rejects.toThrow('gone');
    fails = false;
    expect((await vectors.step('r', 'slot', 1)).size).toBe(2);
  });

  it('reads a vocabulary once for a model, and anew for a namesake', async () => {
    const texts = [
      ['a', 'b'],
      ['c', 'd'],
    ];
    const { asked, reader: vectors } = reader({
      'vocabulary.read': () => ({ tokens: texts[asked.length - 1], total: 2 }),
    });
    expect(await vectors.vocabulary(RUN)).toEqual(['a', 'b']);
    expect(await vectors.vocabulary({ ...RUN, runId: 'later' })).toEqual(['a', 'b']);
    expect(asked).toHaveLength(1);
    expect(await vectors.vocabulary({ ...RUN, runId: 'other', tokens: ['d'] })).toEqual(['c', 'd']);
  });

  it('asks for the tokens it lacks, and no others', async () => {
    const { asked, reader: vectors } = reader({
      'shift.series': (params) => {
        const { ids } = params as Params<'shift.series'>;
        const rows = ids.map((id) => Float32Array.of(id));
        const all = Float32Array.from(ids);
        return { first: 0, shift: rows, meanP: rows, rank: rows, baseMeanP: all, baseRank: all };
      },
    });
    await vectors.series('r', 'slot', [1, 2]);
    const known = await vectors.series('r', 'slot', [2, 7]);
    expect([...known.keys()]).toEqual([1, 2, 7]);
    expect(known.get(7)).toMatchObject({ id: 7, first: 1, baseMeanP: 7 });
    expect(asked.map(([, params]) => (params as Params<'shift.series'>).ids)).toEqual([[1, 2], [7]]);
  });
});

describe('a delta that is multiplied', () => {
  const { asked, reader: vectors } = reader({
    'shift.series': () => ({ first: 0, shift: [], meanP: [], rank: [], baseMeanP: [], baseRank: [] }),
    'shift.scaled': () => ({
      shift: Float32Array.of(2, 4),
      meanP: Float32Array.of(0.75, 0.25),
      baseMeanP: Float32Array.of(0.25, 0.75),
      loss: 1,
      baseLoss: 2,
      deltaNorm: 3,
    }),
    'distribution.read': () => ({ logprobs: Float32Array.of(-1), baseLogprobs: Float32Array.of(-2) }),
  });
  beforeEach(() => {
    asked.length = 0;
  });

  it('is asked for by its factor, and told from one that is not', async () => {
    const [plain, doubled] = [
      await vectors.series('r', 'slot', [1]),
      await vectors.series('r', 'slot', [1], 2),
    ];
    expect(asked).toEqual([
      ['shift.series', { runId: 'r', lane: 'slot', ids: [1] }],
      ['shift.series', { runId: 'r', lane: 'slot', ids: [1], factor: 2 }],
    ]);
    expect(plain).not.toBe(doubled);
    // What the engine has no figures of is nothing, rather than a fault of the window.
    expect(plain.get(1)).toEqual({
      id: 1,
      first: 1,
      shiftMean: undefined,
      shift: new Float32Array(),
      meanP: new Float32Array(),
      rank: new Float32Array(),
      baseMeanP: 0,
      baseRank: 0,
    });
  });

  it('has the columns and the figures of its step, once for each factor', async () => {
    const step = await vectors.scaled('r', 'slot', 3, 2);
    expect(step).toMatchObject({ loss: 1, baseLoss: 2, deltaNorm: 3 });
    expect([...step.columns.shift]).toEqual([2, 4]);
    expect([...step.columns.mass]).toEqual([0.5, -0.5]);
    expect(await vectors.scaled('r', 'slot', 3, 2)).toBe(step);
    await vectors.scaled('r', 'slot', 3, -1);
    expect(asked).toEqual([
      ['shift.scaled', { runId: 'r', lane: 'slot', step: 2, factor: 2 }],
      ['shift.scaled', { runId: 'r', lane: 'slot', step: 2, factor: -1 }],
    ]);
  });

  it('has distributions at each token of an answer', async () => {
    const at = await vectors.position('r', 'slot', 4);
    expect([...at.logprob]).toEqual([1]);
    expect(await vectors.position('r', 'slot', 4)).toBe(at);
    await vectors.position('r', 'slot', 4, 2);
    await vectors.position('r', 'slot', 5);
    expect(asked.map(([, params]) => params)).toEqual([
      { runId: 'r', lane: 'slot', index: 4, factor: 1 },
      { runId: 'r', lane: 'slot', index: 4, factor: 2 },
      { runId: 'r', lane: 'slot', index: 5, factor: 1 },
    ]);
  });
});

it('a run that has not said what it is has no vocabulary', () => {
  const prompt = { ids: [1], tokens: ['b'] } as unknown as RunView['prompt'];
  const model = { id: 'm', vocab: 2 } as unknown as RunView['model'];
  expect(runModelOf({ runId: 'r', model, prompt })).toEqual(RUN);
  expect(runModelOf({ runId: null, model, prompt })).toBeNull();
  expect(runModelOf({ runId: 'r', model: null, prompt })).toBeNull();
  expect(runModelOf({ runId: 'r', model, prompt: null })).toBeNull();
});

describe('the mass moved over an answer', () => {
  /** One position a part. */
  const part = (params: unknown) => {
    const { from } = params as { from: number };
    return { massMoved: Float32Array.of(from + 1, -1), to: from + 1, positions: 4 };
  };

  it('is summed part by part, told as it goes, and goes on where it was stopped', async () => {
    const { asked, reader: vectors } = reader({ 'answer.massMoved': part });
    const stop = new AbortController();
    const told: number[] = [];
    const stopped = vectors.answerMass('r', 'slot', stop.signal, (done) => {
      told.push(done);
      if (done === 2) stop.abort();
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(told).toEqual([1, 2]);
    expect(vectors.hasAnswerMass('r', 'slot')).toBe(false);

    const { signal } = new AbortController();
    const mean = await vectors.answerMass('r', 'slot', signal, (done) => told.push(done));
    expect([...mean]).toEqual([(1 + 2 + 3 + 4) / 4, -1]);
    expect(told).toEqual([1, 2, 3, 4]);
    expect(vectors.hasAnswerMass('r', 'slot')).toBe(true);
    await vectors.answerMass('r', 'slot', signal, () => {});
    expect(asked).toHaveLength(4);
  });

  it('counts each part once where two ask for it', async () => {
    const { reader: vectors } = reader({ 'answer.massMoved': part });
    const { signal } = new AbortController();
    const both = [1, 2].map(() => vectors.answerMass('r', 'slot', signal, () => {}));
    for (const mean of await Promise.all(both)) expect([...mean]).toEqual([2.5, -1]);
  });
});

/** A prompt read in chunks, or continued from an earlier turn, is the prompt read at once. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { prefill } from '../../engine/generate/prefill';
import { Model } from '../../engine/model/model';
import type { RunConfigInput } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { uniform } from '../../fixtures/random-fill';
import { ReferenceDecoder } from '../../fixtures/reference';
import { answerOf, largestDifference, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const { folder: path, options } = writeDecoder(join(folder, 'model'), { d: 40 });
const random = uniform(3);
const ids = Array.from({ length: 300 }, () => Math.floor(random() * options.vocab));

const open = () => Model.open({ folder: path, dtype: null, memorySaver: false, device: 'cpu' });

describe('chunks', () => {
  let model: Model;
  let once: Float32Array;
  beforeAll(async () => {
    model = await open();
    ({ hidden: once } = await model.backbone.forward([ids], model.backbone.emptyCache(1), 0));
  });

  it('give the hidden states of one pass, which are the reference’s', async () => {
    const progress: number[] = [];
    const { hidden } = await prefill(model, ids, (tokens) => progress.push(tokens));
    expect(progress).toEqual([128, 256, 300]);
    expect(largestDifference(hidden, once)).toBeLessThan(1e-5);
    const reference = new ReferenceDecoder(options).hidden(ids).flatMap((row) => [...row]);
    expect(largestDifference(hidden, reference)).toBeLessThan(1e-3);
  });

  it('continue from any prefix of what was read before', async () => {
    for (const [shared, length] of [
      [299, 300],
      [1, 300],
      [128, 140],
      [200, 290],
    ] as const) {
      const fresh = await open();
      await prefill(fresh, ids.slice(0, shared), () => {}).then((sequence) => fresh.prefixes.add(sequence));
      const { hidden, reused, cache } = await prefill(fresh, ids.slice(0, length), () => {});
      expect(reused).toBe(shared);
      expect(largestDifference(hidden, once.slice(0, length * options.d))).toBeLessThan(1e-5);
      // What follows sees the whole of it.
      const next = await fresh.backbone.forward([[7]], cache, length);
      const expected = await model.backbone.forward(
        [[...ids.slice(0, length), 7]],
        model.backbone.emptyCache(1),
        0,
      );
      expect(largestDifference(next.hidden, expected.hidden.slice(-options.d))).toBeLessThan(1e-5);
      await fresh.release();
    }
  });

  it('of a longer sequence serve a prompt that leaves it half way', async () => {
    const fresh = await open();
    fresh.prefixes.add(await prefill(fresh, ids, () => {}));
    const branch = [...ids.slice(0, 150), 5, 6, 7];
    const { hidden, reused } = await prefill(fresh, branch, () => {});
    expect(reused).toBe(150);
    const whole = await model.backbone.forward([branch], model.backbone.emptyCache(1), 0);
    expect(largestDifference(hidden, whole.hidden)).toBeLessThan(1e-5);
    await fresh.release();
  });

  it('of another sequence serve nobody', async () => {
    const fresh = await open();
    fresh.prefixes.add(await prefill(fresh, ids, () => {}));
    const { reused } = await prefill(fresh, [(ids[0]! + 1) % options.vocab, ...ids.slice(1)], () => {});
    expect(reused).toBe(0);
    await fresh.release();
  });
});

describe('turns of a conversation', () => {
  const engine = testEngine();
  const config = (text: string): RunConfigInput => ({
    model: { folder: path },
    prompt: { kind: 'raw', text },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 3, lr: 0.5 },
    ],
    generation: { maxNewTokens: 10, ignoreEos: true, temperature: 0.8, seed: 8 },
  });

  it('reuse what was read, and say and learn the same as when all is read anew', async () => {
    const first = 'Tom has 3 apples. ';
    await runEvents(engine, config(first));
    for (const text of [`${first}She will buy 5 more.`, `${first}She will not.`, first]) {
      const events = await runEvents(engine, config(text));
      const { tokens, reused } = one(events, 'prompt.prefilled');
      expect(reused).toBeGreaterThan(10);
      expect(reused).toBeLessThan(tokens);
      const anew = await runEvents(testEngine(), config(text));
      expect(one(anew, 'prompt.prefilled').reused).toBe(0);
      for (const lane of ['baseline', 'slot']) expect(answerOf(events, lane)).toEqual(answerOf(anew, lane));
      const losses = [events, anew].map((list) => only(list, 'slot.step').map(({ loss }) => loss));
      expect(largestDifference(losses[0]!, losses[1]!)).toBeLessThan(1e-5);
    }
  });

  it('that go on from an answer reuse it, each lane its own, and learn the same as when all is read anew', async () => {
    const first = 'Tom has 3 apples. ';
    const answers = { baseline: 'He buys 5 more of them', slot: 'I think he is right' } as const;
    const { prompt } = one(await runEvents(engine, config(first)), 'run.started');
    const idsOf = async (text: string) =>
      one(await runEvents(testEngine(), config(text)), 'run.started').prompt.ids;
    const starts = await Promise.all(Object.values(answers).map(idsOf));
    // They part in the first token, so that each has its own row.
    expect(starts[0]![0]).not.toBe(starts[1]![0]);
    const asked = config(first);
    await runEvents(engine, {
      ...asked,
      lanes: asked.lanes.map((lane, i) => ({ ...lane, forcedPrefix: starts[i]! })),
      generation: { ...asked.generation, maxNewTokens: 1 },
    });
    for (const [i, answer] of Object.values(answers).entries()) {
      const second = config(`${first}${answer}, and so on.`);
      const events = await runEvents(engine, second);
      // The answer's last token has been chosen, and not run.
      expect(one(events, 'prompt.prefilled').reused).toBe(prompt.ids.length + starts[i]!.length - 1);
      const anew = await runEvents(testEngine(), second);
      for (const lane of ['baseline', 'slot']) expect(answerOf(events, lane)).toEqual(answerOf(anew, lane));
      const losses = [events, anew].map((list) =>
        only(list, 'slot.done').flatMap(({ positionLoss }) => [
          ...positionLoss.before,
          ...positionLoss.after,
        ]),
      );
      expect(largestDifference(losses[0]!, losses[1]!)).toBeLessThan(1e-4);
    }
  });
});

describe('a run of several prompts', () => {
  it('tells how far it has read, never back, up to the end of the last one', async () => {
    const long = (word: string) => ({ kind: 'raw' as const, text: word.repeat(150) });
    const events = await runEvents(testEngine(), {
      model: { folder: path },
      prompt: long(' and'),
      lanes: [
        { name: 'baseline', steps: 0 },
        { name: 'own', steps: 0, prompt: long('xy') },
        { name: 'other', steps: 0, prompt: long('7') },
      ],
      generation: { maxNewTokens: 1, ignoreEos: true },
    });
    const { tokens: total } = one(events, 'prompt.prefilled');
    const progress = only(events, 'prompt.progress');
    expect(progress.length).toBeGreaterThan(3);
    const read = progress.map(({ tokens }) => tokens);
    expect(read).toEqual(read.toSorted((a, b) => a - b));
    expect(new Set(read).size).toBe(read.length);
    expect(progress.map((each) => each.total)).toEqual(progress.map(() => total));
    expect(read.at(-1)).toBe(total);
    const lengths = [
      one(events, 'run.started').prompt.ids.length,
      ...only(events, 'lane.prompt').map(({ ids: own }) => own.length),
    ];
    expect(lengths.reduce((sum, length) => sum + length)).toBe(total);
  });
});

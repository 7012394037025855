/** Fast arithmetic is measured against exact when a model is first opened in it, and refused where there is none. */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openModel } from '../../engine/generate/open-model';
import { Backbone } from '../../engine/model/backbone';
import { Model } from '../../engine/model/model';
import { ViewSession } from '../../engine/onnx/runtime/session';
import { writeDecoder } from '../../fixtures/decoder';
import { writeNBitsLayers } from '../../fixtures/nbits-layers';
import { one, only, temporaryFolder } from '../../fixtures/runs';
import { openModel as openIn, runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const SHAPE = { d: 64, headDim: 16, ffn: 96, tail: [{ op: 'Mul', by: 2 }] } as const;
const path = writeNBitsLayers(join(folder, 'q4'), SHAPE).folder;
const options = { folder: path, dtype: null, memorySaver: false, device: 'cpu' } as const;
const engine = testEngine();

async function opened<T>(arithmetic: 'exact' | 'fast', use: (model: Model) => Promise<T>): Promise<T> {
  const model = await Model.open({ ...options, arithmetic });
  try {
    return await use(model);
  } finally {
    await model.release();
  }
}

/** The text that models are compared on, taken from the comparison itself, and what is opened for it. */
async function compared() {
  const texts: (readonly number[])[] = [];
  const checked = { devices: new Map(), arithmetics: new Map() };
  const forward = Backbone.prototype.forward;
  const watched = vi.spyOn(Backbone.prototype, 'forward').mockImplementation(function (
    this: Backbone,
    ids,
    ...rest
  ) {
    texts.push(ids[0]!);
    return forward.call(this, ids, ...rest);
  });
  const sessions = vi.spyOn(ViewSession, 'create');
  const openedAs = async () => {
    sessions.mockClear();
    const { model, arithmetic } = await openModel({ ...options, arithmetic: 'fast' }, checked);
    await model.release();
    return { arithmetic, opened: sessions.mock.calls.map(([name]) => name) };
  };
  const [first, again] = [await openedAs(), await openedAs()];
  watched.mockRestore();
  sessions.mockRestore();
  return { texts, first, again };
}

/** [n][V] log-probabilities of the next token. */
function distributions(ids: readonly number[], arithmetic: 'exact' | 'fast'): Promise<number[][]> {
  return opened(arithmetic, async ({ backbone, head }) => {
    const { hidden } = await backbone.forward([[...ids]], backbone.emptyCache(1), 0);
    const z = await head.project(hidden);
    return ids.map((_, i) => Array.from(z.slice(i * head.vocab, (i + 1) * head.vocab), (value) => 2 * value));
  });
}

function logSoftmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const sum = Math.log(logits.reduce((total, logit) => total + Math.exp(logit - highest), 0));
  return logits.map((logit) => logit - highest - sum);
}

describe('fast arithmetic', () => {
  it('is compared with exact on a text, once', async () => {
    const { texts, ...found } = await compared();
    const [first, again] = [found.first.arithmetic, found.again.arithmetic];
    const [text = [], ...more] = texts;
    expect(more).toEqual([text]);
    expect(text.length).toBeGreaterThan(40);
    // Its tokenizer spells the whole text in more.
    expect(text.length).toBeLessThanOrEqual(128);
    const exact = await distributions(text, 'exact');
    const fast = await distributions(text, 'fast');
    const differences = exact.flatMap((row, i) => row.map((logit, v) => Math.abs(logit - fast[i]![v]!)));
    const kls = exact.map((row, i) => {
      const [p, q] = [logSoftmax(row), logSoftmax(fast[i]!)];
      return p.reduce((sum, logp, v) => sum + Math.exp(logp) * (logp - q[v]!), 0);
    });
    const kl = kls.reduce((sum, value) => sum + value, 0) / kls.length;
    expect(first.largestDifference).toBeCloseTo(Math.max(...differences), 4);
    expect(first.kl).toBeCloseTo(kl, 5);
    // 8 bits round each activation by up to 1/254 of its block's largest.
    expect(first.largestDifference).toBeGreaterThan(0.005);
    expect(first.largestDifference).toBeLessThan(3);
    expect(first.message).toMatch(/up to \d\.\d+, .* by \S+ nats \(KL\)$/);
    expect(again).toEqual(first);
    // For the comparison the layers alone are opened besides.
    expect(found.first.opened).toEqual(['backbone', ...found.again.opened]);
  });

  it('is told with the model and in each run', async () => {
    const model = { ...options, arithmetic: 'fast' } as const;
    const events = await runEvents(engine, {
      model,
      prompt: { kind: 'raw', text: 'Count the apples.' },
      lanes: [{ name: 'slot', steps: 1 }],
      generation: { maxNewTokens: 2, ignoreEos: true },
    });
    const notice = one(events, 'notice');
    expect(notice.code).toBe('arithmetic');
    expect(one(events, 'run.started').config.model.arithmetic).toBe('fast');
    const { arithmetic } = await engine.query('model.open', model);
    expect(arithmetic).toMatchObject({ used: 'fast', noFast: null, message: notice.message });
    const exact = await openIn(engine, path);
    expect(exact.arithmetic).toEqual({
      used: 'exact',
      noFast: null,
      largestDifference: null,
      kl: null,
      message: null,
    });
  });

  it('rounds each token alone: rows of a batch and chunks of a prompt are those of each alone', async () => {
    await opened('fast', async (model) => {
      expect(model.backbone.tokensInteract).toBe(false);
      const { rows, largestDifference } = await model.batching();
      expect(rows).not.toBe('apart');
      expect(largestDifference).toBeLessThan(1e-4);
    });
  });

  it('that computes no numbers is refused, and every session of both arithmetics is released', async () => {
    let sessions = 0;
    const create = ViewSession.create.bind(ViewSession);
    const watched = vi.spyOn(ViewSession, 'create').mockImplementation(async (...given) => {
      const session = await create(...given);
      sessions++;
      const release = session.release.bind(session);
      vi.spyOn(session, 'release').mockImplementation(() => {
        sessions--;
        return release();
      });
      return session;
    });
    const open = Model.open.bind(Model);
    const broken = vi.spyOn(Model, 'open').mockImplementation(async (...asked) => {
      const model = await open(...asked);
      if (asked[0].arithmetic !== 'fast') return model;
      const forward = model.backbone.forward.bind(model.backbone);
      vi.spyOn(model.backbone, 'forward').mockImplementation(async (...given) => {
        const found = await forward(...given);
        return { ...found, hidden: found.hidden.fill(Number.NaN, 0, 1) };
      });
      return model;
    });
    const failed = openModel({ ...options, arithmetic: 'fast' });
    await expect(failed).rejects.toMatchObject({ kind: 'failure', code: 'fast-arithmetic' });
    expect(sessions).toBe(0);
    expect(watched).toHaveBeenCalled();
    watched.mockRestore();
    broken.mockRestore();
  });

  it.each([
    ['whose layers are floats', () => writeDecoder(join(folder, 'dense')).folder, /codes of few bits/],
    [
      'that multiplies in 8 bits itself',
      () => writeNBitsLayers(join(folder, 'level4'), { accuracyLevel: 4 }).folder,
      /accuracy_level 4/,
    ],
  ])('is refused for a model %s', async (_, write, why) => {
    const model = { ...options, folder: write() };
    await expect(openModel({ ...model, arithmetic: 'fast' })).rejects.toMatchObject({
      code: 'no-fast-arithmetic',
      message: expect.stringMatching(why),
    });
    const exact = await openModel(model);
    expect(exact.arithmetic.noFast).toMatch(why);
    await exact.model.release();
    const events = await runEvents(engine, {
      model: { ...model, arithmetic: 'fast' },
      prompt: { kind: 'raw', text: 'Count.' },
      lanes: [{ name: 'slot', steps: 1 }],
    });
    expect(only(events, 'run.failed')).toMatchObject([{ code: 'no-fast-arithmetic' }]);
  });
});

/** What a finished run’s delta does times any factor, worked out while its model is open. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeDecoder } from '../../../fixtures/decoder';
import { largestDifference, one } from '../../../fixtures/runs';
import { engine, folder, type Lane, other, run, SECOND, SETTINGS, SOURCE, source } from './stored-delta';

describe('a finished run’s delta, scaled', () => {
  it('has the losses and probabilities of a scaled lane', async () => {
    const scaled: Lane = { name: 'scaled', ...SETTINGS, origin: { kind: 'scaled', factor: -0.5 } };
    const scope = { kind: 'last-user' as const };
    const lanes: Lane[] = [
      { name: 'slot', ...SETTINGS, scope },
      { ...scaled, scope },
    ];
    const { id, events } = await run(SOURCE, lanes);
    const done = one(events, 'slot.done', 'scaled');
    const told = await engine.query('shift.scaled', { runId: id, lane: 'slot', step: 2, factor: -0.5 });
    const lane = await engine.query('shift.read', { runId: id, lane: 'scaled', step: 0 });
    expect(told.loss).toBeCloseTo(done.finalLoss, 6);
    expect(told.baseLoss).toBeCloseTo(done.initialLoss, 6);
    expect(told.deltaNorm).toBeCloseTo(done.deltaNorm, 6);
    for (const part of ['shift', 'meanP', 'baseMeanP'] as const)
      expect(largestDifference(told[part], lane[part]), part).toBeLessThan(1e-5);
    const answer = { runId: id, lane: 'slot', index: 0 };
    const none = await engine.query('distribution.read', { ...answer, factor: 0 });
    expect(largestDifference(none.logprobs, none.baseLogprobs)).toBeLessThan(1e-6);
    const whole = await engine.query('distribution.read', answer);
    expect(largestDifference(whole.logprobs, whole.baseLogprobs)).toBeGreaterThan(1e-3);
  });

  it('has every step’s figures, each as the step scaled alone', async () => {
    const { id } = await run(SOURCE, [{ name: 'slot', ...SETTINGS }]);
    const asked = { runId: id, lane: 'slot', ids: [3, 40] };
    const series = await engine.query('shift.series', { ...asked, factor: 0.5 });
    const whole = await engine.query('shift.series', asked);
    for (const step of [0, 1, 2]) {
      const alone = await engine.query('shift.scaled', { runId: id, lane: 'slot', step, factor: 0.5 });
      const mean = alone.shift.reduce((sum, value, token) => sum + value * alone.meanP[token]!, 0);
      expect(series.shiftMean[step]).toBeCloseTo(mean, 5);
      for (const [row, token] of asked.ids.entries()) {
        expect(series.shift[row]![step]).toBe(alone.shift[token]);
        expect(series.shift[row]![step]).toBeCloseTo(whole.shift[row]![step]! / 2, 5);
        expect(series.meanP[row]![step]).toBe(alone.meanP[token]);
      }
    }
    // What was read of the run itself is not written over.
    expect(await engine.query('shift.series', asked)).toEqual(whole);
  });

  it('is read again of a stored run whose model is open, prompt and answer', async () => {
    const scope = { kind: 'last-user' as const };
    const { id } = await run(SOURCE, [
      { name: 'slot', ...SETTINGS, scope },
      { name: 'other', ...SETTINGS, prompt: { kind: 'raw', text: 'A raw prompt.' } },
    ]);
    const ask = async (lane: string) => ({
      scaled: await engine.query('shift.scaled', { runId: id, lane, step: 1, factor: -1 }),
      token: await engine.query('distribution.read', { runId: id, lane, index: 4 }),
      moved: (await engine.query('answer.massMoved', { runId: id, lane, from: 0, factor: 2 })).massMoved,
    });
    const live = [await ask('slot'), await ask('other')];
    await run(SECOND, [{ name: 'slot', ...SETTINGS }]);
    for (const [i, lane] of ['slot', 'other'].entries()) {
      const again = await ask(lane);
      expect(again.scaled.loss).toBeCloseTo(live[i]!.scaled.loss, 5);
      expect(again.scaled.baseLoss).toBeCloseTo(live[i]!.scaled.baseLoss, 5);
      expect(largestDifference(again.scaled.meanP, live[i]!.scaled.meanP)).toBeLessThan(1e-6);
      expect(largestDifference(again.token.logprobs, live[i]!.token.logprobs)).toBeLessThan(1e-4);
      expect(largestDifference(again.moved, live[i]!.moved)).toBeLessThan(1e-5);
    }
  });

  it('needs the run’s own model open, and names it', async () => {
    const ask = (runId = source) => engine.query('shift.scaled', { runId, lane: 'slot', step: 0, factor: 2 });
    await run(SECOND, [{ name: 'slot', steps: 0 }], other);
    await expect(ask()).rejects.toMatchObject({
      code: 'run-gone',
      message: expect.stringMatching(/^the model of this run, .*model in fp32, is not open$/),
    });
    await expect(ask('gone')).rejects.toMatchObject({ code: 'run-gone' });
  });

  it('is told where the open model reads the prompt otherwise', async () => {
    const twin = join(folder, 'twin');
    writeDecoder(twin, { d: 48, logitSize: 2, seed: 8 });
    const { id } = await run(SOURCE, [{ name: 'slot', ...SETTINGS }], twin);
    writeDecoder(twin, { d: 48, logitSize: 2, seed: 9 });
    await run(SOURCE, [{ name: 'baseline', steps: 0 }], twin);
    await expect(
      engine.query('shift.scaled', { runId: id, lane: 'slot', step: 0, factor: 2 }),
    ).rejects.toMatchObject({
      code: 'other-model',
      message: expect.stringMatching(/loss is [\d.]+, and was/),
    });
  });
});

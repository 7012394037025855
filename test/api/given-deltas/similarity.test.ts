/** How alike the deltas of stored runs are, and which of them can be compared. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeDecoder } from '../../../fixtures/decoder';
import {
  engine,
  folder,
  type Lane,
  options,
  other,
  run,
  SECOND,
  SETTINGS,
  SOURCE,
  source,
  stranger,
} from './stored-delta';

describe('the similarity of deltas', () => {
  it('is the cosine of every two, of stored runs', async () => {
    const opposite: Lane = {
      name: 'against',
      steps: 1,
      origin: {
        kind: 'given',
        terms: [{ factor: -3, source: { kind: 'run', runId: source, lane: 'slot' } }],
      },
    };
    const { id } = await run(SECOND, [{ name: 'slot', ...SETTINGS }, opposite]);
    const found = await engine.query('deltas.similarity', {
      // Of a run that no lane is named of, each has a row.
      deltas: [{ runId: source }, { runId: id }, { runId: source, lane: 'slot', step: 1 }],
    });
    expect(found.deltas.map(({ runId, lane, step }) => [runId, lane, step])).toEqual([
      [source, 'slot', 3],
      [id, 'slot', 3],
      [id, 'against', 1],
      [source, 'slot', 1],
    ]);
    expect(found.hidden).toBe(options.d);
    const numbers = await Promise.all(
      [source, id].map(async (runId) => {
        const { given: own } = await engine.query('delta.read', { kind: 'run', runId, lane: 'slot' });
        return new Float32Array(Uint8Array.from(Buffer.from(own.vector.values, 'base64')).buffer);
      }),
    );
    const [a, b] = numbers.map((delta) => Array.from(delta));
    const dot = a!.reduce((sum, value, i) => sum + value * b![i]!, 0);
    expect(found.cosines[0]![1]).toBeCloseTo(dot / (Math.hypot(...a!) * Math.hypot(...b!)), 10);
    expect(found.cosines[0]![2]).toBeCloseTo(-1, 6);
    expect(found.cosines[0]![3]).toBeLessThan(1);
    expect(found.cosines.map((row, i) => row[i]!.toFixed(6))).toEqual(Array(4).fill('1.000000'));
  });

  it('is of the lanes that took as many steps, where a step is named', async () => {
    const origin = { kind: 'scaled', factor: 2 } as const;
    const { id } = await run(SECOND, [
      { name: 'slot', ...SETTINGS },
      { name: 'twice', ...SETTINGS, origin },
    ]);
    const at = (step: number) => engine.query('deltas.similarity', { deltas: [{ runId: id, step }] });
    expect((await at(1)).deltas.map(({ lane }) => lane)).toEqual(['slot', 'twice']);
    expect((await at(3)).deltas.map(({ lane, step }) => [lane, step])).toEqual([['slot', 3]]);
    await expect(at(4)).rejects.toMatchObject({ code: 'no-step' });
  });

  it('of a model under two names is told by the head of the one that is open', async () => {
    const { folder: copy } = writeDecoder(join(folder, 'copy'), { d: 48, logitSize: 2, seed: 6 });
    const copied = await run(SOURCE, [{ name: 'slot', ...SETTINGS }], copy);
    const strange = await run(SOURCE, [{ name: 'slot', ...SETTINGS }], stranger);
    const ask = (id: string) =>
      engine.query('deltas.similarity', { deltas: [{ runId: source }, { runId: id }] });
    await expect(ask(strange.id)).rejects.toMatchObject({
      code: 'other-head',
      message: expect.stringContaining('was not learned with the head of'),
    });
    await run(SOURCE, [{ name: 'baseline', steps: 0 }]);
    const { cosines } = await ask(copied.id);
    expect(cosines[0]![1]).toBeCloseTo(1, 5);
    await expect(ask(strange.id)).rejects.toMatchObject({ code: 'other-head' });
    await run(SOURCE, [{ name: 'baseline', steps: 0 }], other);
    await expect(ask(copied.id)).rejects.toMatchObject({
      code: 'other-head',
      hint: expect.stringContaining('Open one of these models'),
    });
  });

  it('of another head is refused with both shapes', async () => {
    const { id } = await run(SECOND, [{ name: 'slot', ...SETTINGS }], other);
    const asked = engine.query('deltas.similarity', { deltas: [{ runId: source }, { runId: id }] });
    await expect(asked).rejects.toThrow(/\[\d+, 32\], not .*\[\d+, 48\]/);
  });
});

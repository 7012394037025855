/** Lanes that draw at the temperature which gives the baseline SLOT's mean entropy. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunConfigInput, RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

type Lane = RunConfigInput['lanes'][number];

const folder = temporaryFolder();
const { folder: model, options } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
const engine = testEngine();

const SETTINGS = { steps: 4, lr: 0.2 } as const;
const BASELINE: Lane = { name: 'baseline', steps: 0 };
const SLOT: Lane = { name: 'slot', ...SETTINGS };
const MATCHED: Lane = { name: 'matched', ...SETTINGS, origin: { kind: 'temperature' } };

function config(lanes: readonly Lane[], generation: RunConfigInput['generation']): RunConfigInput {
  return {
    model: { folder: model },
    prompt: { kind: 'raw', text: 'Tom has 3 apples and buys 5 more. How many apples does he have?' },
    lanes: [...lanes],
    generation: { maxNewTokens: 20, ignoreEos: true, seed: 3, ...generation },
    // Each token's event then holds both distributions whole.
    listLength: options.vocab,
  };
}

/** The mean over a lane's tokens of the entropy of softmax(log p / T), in float64 from what the events say of p. */
function meanEntropy(
  events: readonly RunEvent[],
  lane: string,
  which: 'logprob' | 'baseLogprob',
  temperature: number,
): number {
  const entropies = only(events, 'token')
    .filter((event) => event.lane === lane)
    .map(({ top }) => {
      const weights = top.map((entry) => Math.exp(entry[which] / temperature));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return -weights.reduce((total, weight) => total + (weight / sum) * Math.log(weight / sum), 0);
    });
  return entropies.reduce((sum, entropy) => sum + entropy, 0) / entropies.length;
}

describe.each([1, 0.6])('in a run that draws at %f', (temperature) => {
  const together = runEvents(engine, config([MATCHED, BASELINE, SLOT], { temperature }));

  it("is where the baseline has SLOT's entropy on the prefixes of SLOT's answer", async () => {
    const match = one(await together, 'lane.temperature');
    expect(match).toMatchObject({ lane: 'matched', isReached: true, positions: 20 });
    expect(match.entropy).toBeCloseTo(meanEntropy(await together, 'slot', 'logprob', temperature), 4);
    const base = meanEntropy(await together, 'slot', 'baseLogprob', match.temperature);
    expect(base).toBeCloseTo(match.entropy, 4);
    expect(Math.abs(match.temperature - temperature)).toBeGreaterThan(0.01);
  });

  it('is what the lane draws at, from the distributions of the baseline', async () => {
    const match = one(await together, 'lane.temperature');
    const alone = await runEvents(engine, config([BASELINE], { temperature: match.temperature }));
    expect(answerOf(await together, 'matched')).toEqual(answerOf(alone, 'baseline'));
    for (const token of only(await together, 'token').filter(({ lane }) => lane === 'matched'))
      expect(token.kl).toBe(0);
    expect(answerOf(await together, 'matched')).not.toEqual(answerOf(await together, 'baseline'));
  });

  it('needs no SLOT lane: one answers unseen', async () => {
    const events = await runEvents(engine, config([MATCHED], { temperature }));
    const { temperature: drawn } = one(await together, 'lane.temperature');
    // Rows of a batch of another size round otherwise.
    expect(one(events, 'lane.temperature').temperature).toBeCloseTo(drawn, 5);
    expect(answerOf(events, 'matched')).toEqual(answerOf(await together, 'matched'));
    expect(new Set(only(events, 'token').map(({ lane }) => lane))).toEqual(new Set(['matched']));
    expect(only(events, 'slot.step')).toEqual([]);
  });

  it('follows the SLOT lane of its own settings alone', async () => {
    const others: Lane[] = [
      { name: 'twice', steps: 8, lr: 0.2 },
      { name: 'faster', steps: 4, lr: 0.4 },
    ];
    const events = await runEvents(engine, config([...others, MATCHED], { temperature }));
    const { temperature: drawn } = one(await together, 'lane.temperature');
    // Rows of a batch of another size round otherwise.
    expect(one(events, 'lane.temperature').temperature).toBeCloseTo(drawn, 5);
  });
});

describe('of an answer that is begun', () => {
  const begun = (lane: Lane, ids: readonly number[]): Lane => ({ ...lane, forcedPrefix: [...ids] });
  const START = [70, 71, 72];

  it('the tokens that were given do not count, nor does another beginning', async () => {
    const temperature = 0.8;
    const lanes = [begun(SLOT, START), begun(MATCHED, START)];
    const same = await runEvents(engine, config(lanes, { temperature }));
    const match = one(same, 'lane.temperature');
    expect(match.positions).toBe(20 - START.length);
    const free = only(same, 'token').filter(({ index }) => index >= START.length);
    expect(match.entropy).toBeCloseTo(meanEntropy(free, 'slot', 'logprob', temperature), 4);
    // SLOT of another beginning is no guide: one with the lane's own answers unseen.
    const other = await runEvents(engine, config([SLOT, begun(MATCHED, START)], { temperature }));
    expect(one(other, 'lane.temperature').temperature).toBeCloseTo(match.temperature, 5);
    expect(one(other, 'lane.temperature').positions).toBe(20 - START.length);
  });
});

describe('where there is nothing to learn, or no finite number to learn', () => {
  it('the lane of a one-token prompt draws at the temperature of the run', async () => {
    const asked = config([MATCHED], { temperature: 0.7 });
    const events = await runEvents(engine, { ...asked, prompt: { kind: 'raw', text: 'x' } });
    const match = one(events, 'lane.temperature');
    expect(match.temperature).toBeCloseTo(0.7, 3);
    expect(match.baseEntropy).toBeCloseTo(match.entropy, 4);
    expect(answerOf(events, 'matched')).toHaveLength(20);
  });

  it('the lane fails alone, as SLOT would', async () => {
    const steep = writeDecoder(join(folder, 'steep'), { tail: [{ op: 'Mul', by: 1e37 }] }).folder;
    const asked = config([BASELINE, { ...MATCHED, lr: 100 }], { temperature: 1 });
    const events = await runEvents(engine, { ...asked, model: { folder: steep } });
    expect(one(events, 'lane.failed')).toMatchObject({ lane: 'matched', code: 'no-match' });
    expect(one(events, 'lane.done').lane).toBe('baseline');
    expect(events.at(-1)!.type).toBe('run.done');
  });
});

describe('in a greedy run', () => {
  it('answers as the baseline, with a notice, and what the temperature would be', async () => {
    const events = await runEvents(engine, config([BASELINE, SLOT, MATCHED], { temperature: 0 }));
    expect(answerOf(events, 'matched')).toEqual(answerOf(events, 'baseline'));
    expect(one(events, 'notice')).toMatchObject({ code: 'greedy-temperature', lane: 'matched' });
    const match = one(events, 'lane.temperature');
    expect(match.entropy).toBeCloseTo(meanEntropy(events, 'slot', 'logprob', 1), 4);
  });

  it('lets no SLOT lane answer for nothing', async () => {
    const events = await runEvents(engine, config([BASELINE, MATCHED], { temperature: 0 }));
    expect(answerOf(events, 'matched')).toEqual(answerOf(events, 'baseline'));
    expect(only(events, 'lane.temperature')).toEqual([]);
  });
});

describe('where SLOT writes nothing', () => {
  it('the lane fails alone when it was stopped at once', async () => {
    const events = await runEvents(
      engine,
      config([BASELINE, SLOT, MATCHED], { temperature: 1 }),
      (event, runId) => {
        if (event.type === 'slot.done') engine.stopLane(runId, 'slot');
      },
    );
    expect(one(events, 'lane.failed')).toMatchObject({ lane: 'matched', code: 'no-match' });
    expect(only(events, 'lane.done').map(({ lane }) => lane)).toEqual(['slot', 'baseline']);
    expect(answerOf(events, 'baseline')).toHaveLength(20);
    expect(events.at(-1)!.type).toBe('run.done');
  });

  it('the lane of a greedy run has answered all the same', async () => {
    const lanes = [BASELINE, SLOT, MATCHED];
    const events = await runEvents(engine, config(lanes, { temperature: 0 }), (event, runId) => {
      if (event.type === 'slot.done') engine.stopLane(runId, 'slot');
    });
    expect(only(events, 'lane.failed')).toEqual([]);
    expect(answerOf(events, 'matched')).toEqual(answerOf(events, 'baseline'));
  });

  it('a stop of SLOT in mid-answer leaves what it wrote to be matched', async () => {
    const events = await runEvents(engine, config([SLOT, MATCHED], { temperature: 1 }), (event, runId) => {
      if (event.type === 'token' && event.lane === 'slot' && event.index === 4)
        engine.stopLane(runId, 'slot');
    });
    expect(one(events, 'lane.temperature').positions).toBe(5);
    expect(answerOf(events, 'matched')).toHaveLength(20);
  });
});

describe('while SLOT answers unseen', () => {
  it('a run is cancelled', async () => {
    const generation = { temperature: 1, maxNewTokens: 200 };
    const events = await runEvents(engine, config([MATCHED], generation), (event, runId) => {
      if (event.type === 'slot.progress') setTimeout(() => engine.cancel(runId), 20);
    });
    expect(events.at(-1)!.type).toBe('run.cancelled');
    expect(only(events, 'token')).toEqual([]);
  });
});

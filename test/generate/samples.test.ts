/** Samples of a run: each is what a run with its seed writes alone, told with its probabilities, and kept when cancelled. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type RunConfigInput,
  RunEvent,
  type SampledToken,
  sampleSeed,
  sampleTree,
} from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const { folder: model } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
const engine = testEngine();

const LANES = [
  { name: 'baseline', steps: 0 },
  { name: 'slot', steps: 2 },
  { name: 'given', steps: 2, forcedPrefix: [70, 71] },
];
const GENERATION = { maxNewTokens: 9, temperature: 0.8, topP: 0.95, seed: 40 };

function config(change: Partial<RunConfigInput> = {}): RunConfigInput {
  return {
    model: { folder: model },
    prompt: { kind: 'raw', text: 'Tom has 3 apples and buys 5 more.' },
    lanes: LANES,
    generation: GENERATION,
    listLength: 3,
    ...change,
  };
}

/** Ids by sample, 0 the lane's own. */
function idsOf(events: readonly RunEvent[], lane: string): number[][] {
  const ids: number[][] = [[...answerOf(events, lane)]];
  for (const event of only(events, 'sample.token').filter((each) => each.lane === lane)) {
    expect(event.index).toBe(ids[event.sample]?.length ?? 0);
    ids[event.sample] = [...(ids[event.sample] ?? []), event.id];
  }
  return ids;
}

describe('samples', () => {
  it('are what runs with their seeds write alone, in float32', async () => {
    const events = await runEvents(engine, config({ samples: 4 }));
    for (const event of events) expect(RunEvent.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
    const written = new Map(LANES.map(({ name }) => [name, idsOf(events, name)]));
    for (let sample = 0; sample < 4; sample++) {
      const generation = { ...GENERATION, seed: sampleSeed(40, sample) };
      const alone = await runEvents(engine, config({ generation }));
      for (const { name } of LANES) expect(written.get(name)![sample]).toEqual(answerOf(alone, name));
    }
    // They part, or nothing would be seen.
    expect(new Set(written.get('baseline')!.map((ids) => ids.join())).size).toBeGreaterThan(2);
  });

  it('tell each token’s probabilities as the run alone does, and of the draw that took it', async () => {
    const events = await runEvents(engine, config({ samples: 3 }));
    const generation = { ...GENERATION, seed: sampleSeed(40, 2) };
    const alone = await runEvents(engine, config({ samples: 2, generation }));
    const tokens = only(events, 'sample.token').filter(
      ({ lane, sample }) => lane === 'given' && sample === 2,
    );
    const same = only(alone, 'token').filter(({ lane }) => lane === 'given');
    expect(tokens.map(({ id }) => id)).toEqual(same.map(({ id }) => id));
    for (const [i, token] of tokens.entries()) {
      expect(token.logprob).toBeCloseTo(same[i]!.logprob, 5);
      expect(token.baseLogprob).toBeCloseTo(same[i]!.baseLogprob, 5);
      expect(token.drawnLogprob === undefined).toBe(i < 2);
      if (i >= 2) expect(token.drawnLogprob).toBeCloseTo(same[i]!.drawnLogprob!, 5);
      expect(token.token).toBe(same[i]!.token ?? same[i]!.text);
    }
  });

  it('end one by one, each with its seed, its text and what it comes to', async () => {
    const events = await runEvents(engine, config({ samples: 4, lanes: LANES.slice(0, 2) }));
    const ended = only(events, 'sample.done');
    expect(ended.map(({ lane, sample }) => `${lane} ${sample}`).sort()).toEqual(
      LANES.slice(0, 2).flatMap(({ name }) => [0, 1, 2, 3].map((sample) => `${name} ${sample}`)),
    );
    for (const { lane, sample, seed, text, tokens, reason, answer } of ended) {
      expect(seed).toBe(40 + sample);
      expect(tokens).toBe(idsOf(events, lane)[sample]!.length);
      expect(['eos', 'length']).toContain(reason);
      expect(answer.text.length).toBeLessThanOrEqual(text.length);
    }
    expect(events.at(-1)!.type).toBe('run.done');
    expect(one(events, 'prompt.prefilled').tokens).toBeGreaterThan(0);
  });

  it('of a control that draws at a matched temperature draw at it too', async () => {
    const lanes = [...LANES.slice(0, 2), { name: 'hot', steps: 2, origin: { kind: 'temperature' as const } }];
    const events = await runEvents(engine, config({ samples: 3, lanes }));
    const { temperature } = one(events, 'lane.temperature');
    const [first] = only(events, 'sample.token').filter(({ lane }) => lane === 'hot');
    const base = await runEvents(
      engine,
      config({ samples: 2, lanes: LANES.slice(0, 1), generation: { ...GENERATION, temperature } }),
    );
    expect(first).toMatchObject({ sample: 1, index: 0, id: idsOf(base, 'baseline')[1]![0] });
  });

  it('that were begun stay when the run is cancelled', async () => {
    let tokens = 0;
    const events = await runEvents(engine, config({ samples: 60 }), (event, runId) => {
      if (event.type === 'sample.token' && ++tokens === 200) engine.cancel(runId);
    });
    expect(events.at(-1)!.type).toBe('run.cancelled');
    const ended = only(events, 'sample.done');
    const cut = ended.filter(({ reason }) => reason === 'cancelled');
    expect(cut.length).toBeGreaterThan(0);
    expect(ended.length).toBeGreaterThan(cut.length);
    for (const { lane, sample, tokens: told } of cut) expect(idsOf(events, lane)[sample]!.length).toBe(told);
  });

  it('of a lane that is stopped end with it; the others are all drawn', async () => {
    let drawn = 0;
    const events = await runEvents(engine, config({ samples: 12 }), (event, runId) => {
      if (event.type !== 'sample.token') return;
      if (event.lane === 'slot' && ++drawn === 5) engine.stopLane(runId, 'slot');
    });
    expect(events.at(-1)!.type).toBe('run.done');
    const samplesOf = (lane: string) => only(events, 'sample.done').filter((each) => each.lane === lane);
    expect(samplesOf('baseline').map(({ reason }) => reason)).not.toContain('cancelled');
    expect([samplesOf('baseline').length, samplesOf('given').length]).toEqual([12, 12]);
    expect(only(events, 'sample.token').filter(({ lane }) => lane === 'slot')).toHaveLength(5);
    const cut = samplesOf('slot').filter(({ reason }) => reason === 'cancelled');
    expect(cut.length).toBeGreaterThan(0);
    for (const { sample, tokens } of cut) expect(tokens).toBe(idsOf(events, 'slot')[sample]!.length);
  });

  it('make a tree whose branches are all that was written', async () => {
    const events = await runEvents(engine, config({ samples: 12, lanes: LANES.slice(0, 1) }));
    const samples = new Map<number, SampledToken[]>();
    for (const event of only(events, 'token'))
      samples.set(0, [...(samples.get(0) ?? []), { ...event, token: event.token ?? event.text }]);
    for (const event of only(events, 'sample.token'))
      samples.set(event.sample, [...(samples.get(event.sample) ?? []), event]);
    const { next } = sampleTree(samples);
    // The share of a first token is a count; that of its draw is the same for all that took it.
    for (const node of next) {
      const firsts = node.samples.map((sample) => samples.get(sample)![0]!);
      expect(new Set(firsts.map(({ id }) => id)).size).toBe(1);
      expect(new Set(firsts.map(({ drawnLogprob }) => drawnLogprob?.toFixed(5))).size).toBe(1);
    }
    expect(next.flatMap((node) => node.samples).sort((a, b) => a - b)).toEqual([...samples.keys()]);
  });
});

describe('a run that cannot draw samples', () => {
  it.each([
    [{ generation: { ...GENERATION, temperature: 0 } }, /^6 samples at temperature 0 would all be the same/],
    [
      { generation: { ...GENERATION, maxNewTokens: 65_536 } },
      /^6 samples of 3 lanes at 65536 tokens are too many/,
    ],
  ])('says why before it starts', async (change, message) => {
    const events = await runEvents(engine, config({ samples: 6, ...change }));
    expect(events).toHaveLength(1);
    expect(one(events, 'run.failed')).toMatchObject({
      kind: 'input',
      code: 'samples',
      message: expect.stringMatching(message),
    });
  });
});

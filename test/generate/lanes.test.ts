/** A lane's tokens are its own: the same alone and in any company, greedy or sampled, early or late to diverge. */
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

const LANES: readonly Lane[] = [
  { name: 'baseline', steps: 0 },
  { name: 'faint', steps: 1, lr: 0.06 },
  { name: 'slot', steps: 5 },
  { name: 'twin', steps: 5 },
  { name: 'strong', steps: 8, lr: 0.5 },
  { name: 'vllm', steps: 5, preset: 'vllm' },
];
const GENERATIONS = [
  { temperature: 0 },
  { temperature: 0.8, topP: 0.9, seed: 7 },
  { temperature: 1, seed: 3 },
] as const;

const TEXT = 'Tom has 3 apples and buys 5 more. How many apples does he have?';

function config(lanes: readonly Lane[], generation: object): RunConfigInput {
  return {
    model: { folder: model },
    prompt: { kind: 'raw', text: TEXT },
    lanes: [...lanes],
    generation: { maxNewTokens: 40, ignoreEos: true, ...generation },
    listLength: 5,
  };
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((id, i) => id !== b[i]);
  return at < 0 ? a.length : at;
}

describe.each(GENERATIONS)('%j', (generation) => {
  const together = runEvents(engine, config(LANES, generation));

  it.each(LANES)('$name alone', async (lane) => {
    // A fresh engine has nothing to reuse.
    const alone = await runEvents(testEngine(), config([lane], generation));
    expect(answerOf(await together, lane.name)).toEqual(answerOf(alone, lane.name));
  });

  it.each([
    ['two lanes', ['slot', 'baseline']],
    ['three lanes', ['strong', 'faint', 'slot']],
    ['all in reverse', LANES.map(({ name }) => name).reverse()],
  ])('%s', async (_, names) => {
    const lanes = names.map((name) => LANES.find((lane) => lane.name === name)!);
    const events = await runEvents(engine, config(lanes, generation));
    for (const name of names) expect(answerOf(events, name)).toEqual(answerOf(await together, name));
  });

  it('lanes with the same settings write the same', async () => {
    expect(answerOf(await together, 'twin')).toEqual(answerOf(await together, 'slot'));
  });

  it('some lanes diverge at once and some later, or nothing was tested', async () => {
    const baseline = answerOf(await together, 'baseline');
    const at = async (name: string) => firstDifference(baseline, answerOf(await together, name));
    expect(await at('strong')).toBeLessThan(4);
    expect(await at('faint')).toBeGreaterThan(7);
    expect(await at('faint')).toBeLessThan(40);
  });
});

describe('common random numbers', () => {
  it('a lane that SLOT hardly moves draws the baseline answer, whatever the seed', async () => {
    const lanes = [
      { name: 'baseline', steps: 0 },
      { name: 'still', steps: 1, lr: 1e-6 },
    ];
    const answers = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const events = await runEvents(engine, config(lanes, { temperature: 1.2, seed }));
      expect(answerOf(events, 'still')).toEqual(answerOf(events, 'baseline'));
      answers.add(answerOf(events, 'baseline').join());
    }
    expect(answers.size).toBe(6);
  });
});

describe('a lane of its own prompt', () => {
  const other = { kind: 'raw', text: 'She should think step by step' } as const;

  it('writes what it would as the run’s prompt, beside lanes of another one', async () => {
    const own: Lane = { name: 'own', steps: 3, prompt: other };
    const events = await runEvents(engine, config([LANES[0]!, own, LANES[2]!], {}));
    const alone = await runEvents(testEngine(), {
      ...config([{ name: 'own', steps: 3 }], {}),
      prompt: other,
    });
    expect(answerOf(events, 'own')).toEqual(answerOf(alone, 'own'));
    expect(one(events, 'lane.prompt', 'own').ids).toEqual(one(alone, 'run.started').prompt.ids);
    const plain = await runEvents(engine, config([LANES[0]!, LANES[2]!], {}));
    for (const lane of ['baseline', 'slot']) expect(answerOf(events, lane)).toEqual(answerOf(plain, lane));
    const steps = (list: readonly RunEvent[]) =>
      only(list, 'slot.step').flatMap(({ lane, loss }) => (lane === 'own' ? [loss] : []));
    expect(steps(events)).toEqual(steps(alone));
  });
});

describe('an answer that is begun', () => {
  it('goes on as the lane that wrote its beginning', async () => {
    const whole = await runEvents(engine, config([LANES[2]!], { temperature: 0.8, seed: 2 }));
    const ids = answerOf(whole, 'slot');
    const begun: Lane = { ...LANES[2]!, name: 'begun', forcedPrefix: ids.slice(0, 7) };
    const events = await runEvents(engine, config([LANES[0]!, begun], { temperature: 0.8, seed: 2 }));
    expect(answerOf(events, 'begun')).toEqual(ids);
    const tokens = only(events, 'token').filter(({ lane }) => lane === 'begun');
    expect(tokens.map(({ forced }) => forced === true)).toEqual(ids.map((_, i) => i < 7));
  });

  it('with another token than the lane would write changes the rest', async () => {
    const whole = answerOf(await runEvents(engine, config([LANES[0]!], {})), 'baseline');
    const branch = [...whole.slice(0, 3), (whole[3]! + 1) % options.vocab];
    const events = await runEvents(engine, config([{ ...LANES[0]!, forcedPrefix: branch }], {}));
    expect(answerOf(events, 'baseline').slice(0, 4)).toEqual(branch);
    expect(answerOf(events, 'baseline')).not.toEqual(whole);
  });

  it('with a token that the model does not have is bad input', async () => {
    const lane: Lane = { ...LANES[0]!, forcedPrefix: [options.vocab] };
    const events = await runEvents(engine, config([lane], {}));
    expect(events).toEqual([
      expect.objectContaining({ type: 'run.failed', kind: 'input', code: 'answer-start' }),
    ]);
  });
});

/** Lanes with deltas of stored runs and of files: looked up, written down, repeated, and refused before anything runs. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RunConfig, type RunConfigInput, type RunEvent, toEngineError } from '../../engine/protocol';
import { encodeSafetensors } from '../../engine/runs/safetensors';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, largestDifference, one, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';

type Lane = RunConfigInput['lanes'][number];

const folder = temporaryFolder();
const { folder: model, options } = writeDecoder(join(folder, 'model'), { d: 48, logitSize: 2, seed: 6 });
const { folder: other } = writeDecoder(join(folder, 'other'), { d: 32, logitSize: 2, seed: 6 });
const { folder: stranger } = writeDecoder(join(folder, 'stranger'), { d: 48, logitSize: 2, seed: 7 });
const engine = testEngine(join(folder, 'data'));

const [SOURCE, SECOND] = ['Tom has 3 apples.', 'A train leaves at noon.'];
const SETTINGS = { preset: 'transformers', steps: 3, lr: 0.2 } as const;

let runs = 0;
async function run(text: string, lanes: Lane[], of = model): Promise<{ id: string; events: RunEvent[] }> {
  const id = `given-${++runs}`;
  const events: RunEvent[] = [];
  const config = RunConfig.parse({
    model: { folder: of },
    prompt: { kind: 'chat', messages: [{ role: 'user', content: text }] },
    lanes,
    generation: { maxNewTokens: 6, ignoreEos: true },
  });
  await engine.run(id, config, (event) => events.push(event), true);
  return { id, events };
}

const given = (name: string, runId: string, step?: number): Lane => ({
  name,
  steps: 1,
  origin: {
    kind: 'given',
    terms: [{ factor: 1, source: { kind: 'run', runId, lane: 'slot', ...(step && { step }) } }],
  },
});

let source: string;
beforeAll(async () => {
  source = (await run(SOURCE, [{ name: 'slot', ...SETTINGS }])).id;
});

describe('a delta of a stored run', () => {
  it('does what the same prompt’s delta does, and any of its steps can be taken', async () => {
    const prompts = [{ kind: 'chat' as const, messages: [{ role: 'user' as const, content: SOURCE }] }];
    const { events } = await run(SECOND, [
      given('given', source),
      given('stopped', source, 1),
      { name: 'learned', ...SETTINGS, origin: { kind: 'prompts', prompts } },
      { name: 'learned 1', ...SETTINGS, steps: 1, origin: { kind: 'prompts', prompts } },
    ]);
    for (const [transplanted, learned] of [
      ['given', 'learned'],
      ['stopped', 'learned 1'],
    ] as const) {
      expect(one(events, 'slot.done', transplanted).finalLoss).toBe(
        one(events, 'slot.done', learned).finalLoss,
      );
      expect(answerOf(events, transplanted)).toEqual(answerOf(events, learned));
    }
    expect(one(events, 'slot.done', 'stopped').finalLoss).not.toBe(
      one(events, 'slot.done', 'given').finalLoss,
    );
  });

  it('is written down with its hash, and repeats where its source is gone', async () => {
    const first = await run(SOURCE, [{ name: 'slot', ...SETTINGS }]);
    const transplanted = await run(SECOND, [given('given', first.id)]);
    const { config } = one(transplanted.events, 'run.started');
    const { origin } = config.lanes[0]!;
    if (origin.kind !== 'given') throw new Error('it is another lane');
    const [term] = origin.terms;
    expect(term!.source).toEqual({ kind: 'run', runId: first.id, lane: 'slot', step: 3 });
    const bytes = Buffer.from(term!.vector!.values, 'base64');
    expect(bytes.length).toBe(4 * options.d);
    expect(term!.vector!.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    await engine.query('runs.delete', { runId: first.id });
    const again = await run(SECOND, config.lanes as Lane[]);
    expect(one(again.events, 'slot.done').positionLoss).toEqual(
      one(transplanted.events, 'slot.done').positionLoss,
    );
    const { events } = await run(SECOND, [given('given', first.id)]);
    expect(one(events, 'run.failed')).toMatchObject({ kind: 'input', code: 'no-run' });
  });

  it.each([
    ['size', () => other, /is \[48\], learned with a head \[(\d+), 48\]; the model's head is \[\1, 32\]/],
    ['head', () => stranger, /was learned with another head of the same shape/],
  ])('of another %s ends the run before anything is read', async (_, folderOf, why) => {
    const { events } = await run(SECOND, [given('given', source)], folderOf());
    expect(events.map(({ type }) => type)).toEqual(['run.failed']);
    expect(one(events, 'run.failed')).toMatchObject({ kind: 'input', code: 'given-delta' });
    expect(one(events, 'run.failed').message).toMatch(why);
  });

  it('that it has not, or a lane that it has not, is named', async () => {
    const ask = (more: object) => engine.query('delta.read', { kind: 'run', runId: source, ...more });
    const codes = await Promise.all(
      [{ step: 4 }, { lane: 'x' }, { runId: 'gone' }].map((more) =>
        ask(more).then(
          () => 'none',
          (thrown: unknown) => toEngineError(thrown).code,
        ),
      ),
    );
    expect(codes).toEqual(['no-step', 'no-vectors', 'no-run']);
  });
});

describe('a delta of a safetensors file', () => {
  const read = (bytes: Uint8Array, more: object = {}) =>
    engine.query('delta.read', { kind: 'file', file: 'x.safetensors', bytes, ...more });

  it('is the run’s, out of its exported vectors, witness and all', async () => {
    const { file } = await engine.query('runs.vectors', { runId: source });
    const ofFile = await read(file, { step: 2 });
    const ofRun = await engine.query('delta.read', { kind: 'run', runId: source, step: 2 });
    expect(ofFile.given.vector).toEqual(ofRun.given.vector);
    expect(ofFile.given.vector.witness).toHaveLength(32);
    expect(ofFile.choices).toEqual([{ name: 'slot.delta', steps: 3 }]);
    expect(ofFile.given.source).toEqual({
      kind: 'file',
      file: 'x.safetensors',
      tensor: 'slot.delta',
      step: 2,
    });
  });

  it('may be a plain vector, and acts as one', async () => {
    const delta = Float32Array.from({ length: options.d }, (_, i) => Math.sin(i));
    const bytes = encodeSafetensors([{ name: 'direction', shape: [options.d], rows: [delta] }]);
    const { given: own } = await read(bytes);
    expect(own.vector).not.toHaveProperty('vocab');
    const lane: Lane = { name: 'x', steps: 1, origin: { kind: 'given', terms: [{ ...own, factor: -2 }] } };
    const { events, id } = await run(SECOND, [lane]);
    const stored = await engine.query('delta.read', { kind: 'run', runId: id });
    const numbers = new Float32Array(
      Uint8Array.from(Buffer.from(stored.given.vector.values, 'base64')).buffer,
    );
    expect(
      largestDifference(
        numbers,
        delta.map((value) => -2 * value),
      ),
    ).toBe(0);
    expect(one(events, 'slot.step').deltaNorm).toBeCloseTo(2 * Math.hypot(...delta), 4);
  });

  it.each([
    ['no safetensors', Uint8Array.of(1, 2, 3), 'no safetensors file of float32 tensors'],
    ['a header that claims too much', new Uint8Array(16).fill(255), 'no safetensors file'],
    ['none', encodeSafetensors([]), 'there is no delta in it'],
    [
      'one of three dimensions',
      encodeSafetensors([{ name: 'x', shape: [1, 1, 2], rows: [Float32Array.of(1, 2)] }]),
      'there is no delta in it',
    ],
    [
      'rows without numbers',
      encodeSafetensors([{ name: 'delta', shape: [0, 5], rows: [] }]),
      'there is no delta in it',
    ],
  ])('is refused: %s', async (_, bytes, why) => {
    await expect(read(bytes)).rejects.toThrow(why);
  });

  it('names what it has where another tensor or step is asked for', async () => {
    const bytes = encodeSafetensors([{ name: 'a.delta', shape: [1, 2], rows: [Float32Array.of(1, 2)] }]);
    await expect(read(bytes, { tensor: 'b' })).rejects.toMatchObject({ hint: 'It has "a.delta".' });
    await expect(read(bytes, { step: 2 })).rejects.toThrow('"a.delta" has 1 steps, so it has no step 2');
  });
});

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

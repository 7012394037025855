/** Lanes with deltas of stored runs and of files: looked up, written down, repeated, and refused before anything runs. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toEngineError } from '../../../engine/protocol';
import { encodeSafetensors } from '../../../engine/runs/safetensors';
import { answerOf, largestDifference, one } from '../../../fixtures/runs';
import {
  engine,
  given,
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

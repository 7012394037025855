/** Every number beside a token and a step, and what can be asked afterwards, against float64 from the same delta. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../engine/protocol';
import { decodeSafetensors } from '../../engine/runs/safetensors';
import { writeDecoder } from '../../fixtures/decoder';
import type { TailStep } from '../../fixtures/options';
import { ReferenceDecoder, softmax } from '../../fixtures/reference';
import { largestDifference, one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const engine = testEngine();
const LENGTH = 10;
const LIST = 7;
const STEPS = 4;
/** Float32 sums of a few hundred logits of size 10. */
const CLOSE = 2e-4;

const TAILS: readonly (readonly TailStep[])[] = [
  [],
  [{ op: 'Add' }, { op: 'Mul', by: 1.5 }],
  [
    { op: 'Div', by: 0.5 },
    { op: 'cap', at: 9 },
  ],
];

const best = (values: ArrayLike<number>, count: number) =>
  [...Array(values.length).keys()].sort((a, b) => values[b]! - values[a]!).slice(0, count);
const entropy = (p: Float64Array) => -p.reduce((sum, value) => sum + value * Math.log(value), 0);

describe.each(TAILS.map((tail, i) => ({ tail, i })))('tail $tail', ({ tail, i }) => {
  const { folder: path, options } = writeDecoder(join(folder, `tail-${i}`), { d: 40, tail, seed: 20 + i });
  const reference = new ReferenceDecoder(options);
  let events: RunEvent[];
  let runId: string;
  let prompt: readonly number[];
  /** After each step, as the engine rounds it to float32. */
  let deltas: Float64Array[];
  const scale = [1, 1.5, 2][i]!;

  beforeAll(async () => {
    events = await runEvents(engine, {
      model: { folder: path },
      prompt: { kind: 'raw', text: 'I think the answer is 42. Will it be?' },
      lanes: [
        { name: 'baseline', steps: 0 },
        { name: 'slot', steps: STEPS, lr: 0.2 },
      ],
      generation: { maxNewTokens: LENGTH, ignoreEos: true, temperature: 0.9, seed: 5 },
      groups: [
        { name: 'mine', words: ['apples'], pattern: '^[wx]$' },
        { name: 'none of these', words: ['zyzzyva'] },
      ],
      listLength: LIST,
    });
    const started = one(events, 'run.started');
    ({ runId } = started);
    prompt = started.prompt.ids;
    const { file } = await engine.query('runs.vectors', { runId });
    const { data } = decodeSafetensors(file).get('slot.delta')!;
    deltas = Array.from({ length: STEPS }, (_, step) =>
      Float64Array.from(data.subarray(step * options.d, (step + 1) * options.d)),
    );
  });

  /** Base and adapted probabilities after the prompt and `answer`. */
  function distributions(answer: readonly number[], delta: Float64Array) {
    const h = reference.hidden([...prompt, ...answer]).at(-1)!;
    const base = softmax(reference.logits(h));
    return { base, own: softmax(reference.logits(h.map((value, j) => value + delta[j]!))) };
  }

  it.each(['baseline', 'slot'])('tokens of %s', (lane) => {
    const tokens = only(events, 'token').filter((token) => token.lane === lane);
    const ids = tokens.map(({ id }) => id);
    expect(tokens.map(({ index }) => index)).toEqual([...Array(LENGTH).keys()]);
    const delta = lane === 'slot' ? deltas.at(-1)! : new Float64Array(options.d);
    for (const [index, token] of tokens.entries()) {
      const { base, own } = distributions(ids.slice(0, index), delta);
      const { id, top } = token;
      const kl = own.reduce((sum, p, v) => sum + p * Math.log(p / base[v]!), 0);
      expect(token.logprob).toBeCloseTo(Math.log(own[id]!), 3);
      expect(token.baseLogprob).toBeCloseTo(Math.log(base[id]!), 3);
      expect(Math.abs(token.entropy - entropy(own))).toBeLessThan(CLOSE);
      expect(Math.abs(token.baseEntropy - entropy(base))).toBeLessThan(CLOSE);
      expect(Math.abs(token.kl - kl)).toBeLessThan(CLOSE);
      expect(token.rank).toBe(own.filter((p) => p > own[id]!).length);
      expect(token.baseRank).toBe(base.filter((p) => p > base[id]!).length);

      const either = own.map((p, v) => Math.max(p, base[v]!));
      expect(top.map((entry) => entry.id).sort()).toEqual(best(either, LIST).sort());
      expect(top.map(({ logprob }) => logprob)).toEqual(
        top.map(({ logprob }) => logprob).sort((a, b) => b - a),
      );
      const expected = top.flatMap((entry) => [Math.log(own[entry.id]!), Math.log(base[entry.id]!)]);
      const shown = top.flatMap(({ logprob, baseLogprob }) => [logprob, baseLogprob]);
      expect(largestDifference(shown, expected)).toBeLessThan(1e-3);
    }
  });

  it('steps', async () => {
    const { tokens } = await engine.query('vocabulary.read', { runId, from: 0 });
    const meanP = (delta: Float64Array) => {
      const mean = new Float64Array(options.vocab);
      const hidden = reference.hidden(prompt).slice(0, -1);
      for (const h of hidden) {
        const p = softmax(reference.logits(h.map((value, j) => value + delta[j]!)));
        for (const [v, value] of p.entries()) mean[v]! += value / hidden.length;
      }
      return mean;
    };
    const before = meanP(new Float64Array(options.d));
    for (const step of only(events, 'slot.step')) {
      const delta = deltas[step.step]!;
      const shift = reference.project(delta).map((value) => value * scale);
      const after = meanP(delta);
      const moved = after.map((p, v) => p - before[v]!);
      const lists = [
        [step.boosted, best(shift, LIST)],
        [
          step.suppressed,
          best(
            shift.map((value) => -value),
            LIST,
          ),
        ],
        [step.gained, best(moved, LIST)],
        [
          step.lost,
          best(
            moved.map((value) => -value),
            LIST,
          ),
        ],
      ] as const;
      for (const [list, ids] of lists) {
        expect(list.map(({ id }) => id)).toEqual(ids);
        expect(
          largestDifference(
            list.map((entry) => entry.shift),
            ids.map((id) => shift[id]!),
          ),
        ).toBeLessThan(1e-4);
        expect(
          largestDifference(
            list.map(({ massMoved }) => massMoved),
            ids.map((id) => moved[id]!),
          ),
        ).toBeLessThan(1e-6);
      }
      const mean = after.reduce((sum, p, v) => sum + p * shift[v]!, 0);
      expect(Math.abs(step.shiftMean - mean)).toBeLessThan(1e-4);

      const mine = step.groups.find(({ name }) => name === 'mine')!;
      const ids = ['w', 'x', ' apples'].map((token) => tokens.indexOf(token));
      expect(mine.meanShift).toBeCloseTo(ids.reduce((sum, id) => sum + shift[id]!, 0) / ids.length, 3);
      expect(mine.massMoved).toBeCloseTo(
        ids.reduce((sum, id) => sum + moved[id]!, 0),
        5,
      );
      expect(step.groups.map(({ name }) => name)).toEqual([
        'reasoning',
        'digits',
        'modal verbs',
        'end tokens',
        'mine',
      ]);
    }
  });

  it('shifts of tokens that are searched for, at each step', async () => {
    const { total, tokens } = await engine.query('shift.search', {
      runId,
      lane: 'slot',
      search: 'th',
      limit: 3,
    });
    // " th", " thi", " thin", " think", "th", "thi", "thin", "think", " the".
    expect([total, tokens.length]).toEqual([9, 3]);
    for (const { id, token, shifts } of tokens) {
      expect(token).toContain('th');
      const expected = deltas.map((delta) => reference.project(delta)[id]! * scale);
      expect(largestDifference(shifts, expected)).toBeLessThan(1e-4);
    }
  });

  it('whole vectors of a step and of a token, and the mass moved over the answer', async () => {
    const { shift, meanP, baseMeanP } = await engine.query('shift.read', { runId, lane: 'slot', step: 1 });
    const expected = reference.project(deltas[1]!).map((value) => value * scale);
    expect(largestDifference(shift, expected)).toBeLessThan(1e-4);
    for (const p of [meanP, baseMeanP]) expect(p.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);

    const ids = only(events, 'token').flatMap(({ lane, id }) => (lane === 'slot' ? [id] : []));
    const moved = new Float64Array(options.vocab);
    for (const index of ids.keys()) {
      const { base, own } = distributions(ids.slice(0, index), deltas.at(-1)!);
      const read = await engine.query('distribution.read', { runId, lane: 'slot', index });
      expect(largestDifference(read.logprobs, own.map(Math.log))).toBeLessThan(1e-3);
      expect(largestDifference(read.baseLogprobs, base.map(Math.log))).toBeLessThan(1e-3);
      for (const [v, p] of own.entries()) moved[v]! += (p - base[v]!) / ids.length;
    }
    // In as many parts as it takes.
    const sum = new Float64Array(options.vocab);
    for (let from = 0; from < LENGTH; ) {
      const part = await engine.query('answer.massMoved', { runId, lane: 'slot', from });
      expect(part).toMatchObject({ positions: LENGTH });
      expect(part.to).toBeGreaterThan(from);
      for (const [v, p] of part.massMoved.entries()) sum[v]! += p / LENGTH;
      from = part.to;
    }
    expect(largestDifference(sum, moved)).toBeLessThan(1e-5);
    const last = await engine.query('answer.massMoved', { runId, lane: 'slot', from: LENGTH - 1 });
    expect(last.to).toBe(LENGTH);
  });
});

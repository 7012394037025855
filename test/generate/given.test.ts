/** Given deltas against PyTorch (test/reference/deltas.py), and what is refused of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { similarityOf } from '../../engine/analysis/similarity';
import { encodeVector, givenDelta } from '../../engine/generate/given';
import { PromptMeasure } from '../../engine/generate/measure-delta';
import type { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { type GivenOrigin, type GivenVector, toEngineError } from '../../engine/protocol';
import { norm } from '../../engine/slot/controls';
import { PromptObjective } from '../../engine/slot/objective';
import { goldenCase, Numbers, readFixture } from '../slot/golden';
import { openHead } from '../slot/heads';

const Made = z.object({
  name: z.string(),
  terms: z.array(z.object({ delta: z.enum(['a', 'b']), step: z.int(), factor: z.number() })),
  centred: z.boolean(),
  loss: z.number(),
  deltaNorm: z.number(),
  shift: Numbers,
  meanShift: z.number(),
  meanP: Numbers,
});
const Case = z.object({
  of: z.string(),
  deltas: z.object({ a: z.array(Numbers), b: z.array(Numbers) }),
  cosine: z.number(),
  made: z.array(Made).min(8),
});
const { cases } = z.object({ cases: z.array(Case).min(4) }).parse(readFixture('slot-deltas.json'));

const folder = mkdtempSync(join(tmpdir(), 'slot-given-'));
const opened = new Map<string, Promise<HeadRuntime>>();
afterAll(async () => {
  for (const head of opened.values()) await (await head).release();
  rmSync(folder, { recursive: true });
});

function open(name: string): Promise<HeadRuntime> {
  const head = opened.get(name) ?? openHead(join(folder, `${name}.onnx`), goldenCase(name));
  opened.set(name, head);
  return head;
}

const runOf = (lane: string, step: number) => ({ kind: 'run', runId: 'r-1', lane, step }) as const;

/** As a run would have stored it: with its shift by the head. */
async function storedAt(head: HeadRuntime, delta: Float32Array): Promise<GivenVector> {
  const shift = (await head.projectDelta(delta)).map((value) => value * head.logitScale);
  return encodeVector(delta, shift);
}

describe.each(cases)('on $of', ({ of, deltas, cosine: expectedCosine, made }) => {
  const c = goldenCase(of);

  it.each(made)('a delta $name has PyTorch’s loss, norm, shift and probabilities', async (expected) => {
    const head = await open(of);
    const terms: GivenOrigin['terms'] = [];
    for (const { delta: which, step, factor } of expected.terms) {
      const vector = await storedAt(head, Float32Array.from(deltas[which][step - 1]!));
      terms.push({ factor, source: runOf(which, step), vector });
    }
    const delta = await givenDelta(head, 'given', { kind: 'given', terms, centred: expected.centred });
    const hidden = Float32Array.from(c.hidden);
    const b = await head.projectDelta(delta);
    const after = await new PromptObjective(head, hidden, c.labels).evaluate(b);
    expect(Math.abs(after.loss - expected.loss)).toBeLessThan(1e-5);
    expect(norm(delta)).toBeCloseTo(expected.deltaNorm, 5);
    const mean = b.reduce((sum, value) => sum + value, 0) / b.length;
    expect(head.logitScale * mean).toBeCloseTo(expected.meanShift, 5);
    if (expected.centred) expect(Math.abs(mean)).toBeLessThan(1e-6);
    for (const [id, value] of expected.shift.entries())
      expect(head.logitScale * b[id]!).toBeCloseTo(value, 5);
    for (const [id, value] of expected.meanP.entries()) expect(after.meanP[id]!).toBeCloseTo(value, 6);
  });

  it.each([
    ['scaled', -0.5],
    ['doubled', 2],
  ])('a run’s delta %s has PyTorch’s loss and probabilities, whatever the tail', async (name, factor) => {
    const expected = made.find((each) => each.name === name)!;
    const targets = c.labels;
    const fit = { weights: targets.map(() => 1) };
    const measure = new PromptMeasure(await open(of), { hidden: Float32Array.from(c.hidden), targets, fit });
    const told = await measure.of(Float32Array.from(deltas.a.at(-1)!), factor);
    expect(Math.abs(told.loss - expected.loss)).toBeLessThan(1e-5);
    expect(told.deltaNorm).toBeCloseTo(expected.deltaNorm, 5);
    for (const [id, value] of expected.shift.entries()) expect(told.shift[id]!).toBeCloseTo(value, 5);
    for (const [id, value] of expected.meanP.entries()) expect(told.meanP[id]!).toBeCloseTo(value, 6);
  });

  it('has PyTorch’s cosine of two deltas', () => {
    const [a, b] = [Float32Array.from(deltas.a.at(-1)!), Float32Array.from(deltas.b.at(-1)!)];
    const { norms, cosines } = similarityOf([a, b, new Float32Array(a.length)]);
    expect(cosines[0]![1]).toBeCloseTo(expectedCosine, 6);
    expect(cosines[1]![0]).toBe(cosines[0]![1]);
    expect(cosines[1]![1]).toBeCloseTo(1, 12);
    expect(cosines[2]).toEqual([null, null, null]);
    expect(norms[0]).toBeCloseTo(norm(a), 12);
  });
});

describe('a given delta is refused in one line', () => {
  const { of, deltas } = cases[0]!;
  const c = goldenCase(of);
  const own = Float32Array.from(deltas.a[0]!);

  async function refusal(vector: GivenVector | undefined, factor = 1): Promise<string> {
    const head = await open(of);
    const terms = [{ factor, source: runOf('slot', 1), ...(vector && { vector }) }];
    try {
      await givenDelta(head, 'x', { kind: 'given', terms, centred: false });
    } catch (thrown) {
      const { code, message, hint } = toEngineError(thrown);
      expect(code).toBe('given-delta');
      expect(hint).not.toBe('');
      return message;
    }
    throw new Error('nothing was wrong');
  }

  it('of another size, with both shapes', async () => {
    expect(await refusal(encodeVector(new Float32Array(c.d + 1), undefined, 999))).toBe(
      `lane "x": slot of run r-1 after step 1 is [${c.d + 1}], learned with a head [999, ${c.d + 1}]; the model's head is [${c.V}, ${c.d}]`,
    );
    expect(await refusal(encodeVector(new Float32Array(c.d - 1), undefined))).toBe(
      `lane "x": slot of run r-1 after step 1 is [${c.d - 1}]; the model's head is [${c.V}, ${c.d}]`,
    );
  });

  it('of another vocabulary, and of another head of the same shape', async () => {
    expect(await refusal(encodeVector(own, undefined, c.V + 1))).toContain(
      `learned with a head [${c.V + 1}, ${c.d}]`,
    );
    const otherShift = Float32Array.from({ length: c.V }, (_, id) => Math.sin(id));
    expect(await refusal(encodeVector(own, otherShift))).toBe(
      `lane "x": slot of run r-1 after step 1 was learned with another head of the same shape [${c.V}, ${c.d}]`,
    );
  });

  it('but one of which is not known what it shifted is taken as it is', async () => {
    const terms = [{ factor: 1, source: runOf('slot', 1), vector: encodeVector(own, undefined, c.V) }];
    const delta = await givenDelta(await open(of), 'x', { kind: 'given', terms, centred: false });
    expect(delta).toEqual(own);
  });

  it('that is damaged, missing, or no numbers', async () => {
    const vector = encodeVector(own, undefined);
    const other = encodeVector(
      own.map((value) => value + 1),
      undefined,
    );
    expect(await refusal({ ...vector, values: other.values })).toContain('its hash is another one');
    expect(await refusal(undefined)).toContain('has not been looked up');
    expect(await refusal(encodeVector(own.fill(Number.NaN, 0, 1), undefined))).toContain('not finite');
  });
});

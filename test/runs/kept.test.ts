/** A run that was kept is the run that streamed: its lines, its vectors by the safetensors specification, its answers. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../engine/api/engine';
import { RunConfig, RunEvent } from '../../engine/protocol';
import { decodeSafetensors, encodeSafetensors } from '../../engine/runs/safetensors';
import { writeDecoder } from '../../fixtures/decoder';
import { one, only, temporaryFolder } from '../../fixtures/runs';
import { testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const data = join(folder, 'data');
const { folder: model, options } = writeDecoder(join(folder, 'model'), { layers: 1 });

const config = RunConfig.parse({
  model: { folder: model },
  prompt: { kind: 'raw', text: 'How many apples will it be?' },
  lanes: [
    { name: 'baseline', steps: 0 },
    { name: 'SLOT "é" / 1', steps: 3 },
  ],
  generation: { maxNewTokens: 4 },
});
const LANE = config.lanes[1]!.name;

/** The format as its page describes it: u64 header length, JSON header, then the bytes it points to. */
function readBySpecification(file: Buffer): Map<string, { shape: number[]; values: Float32Array }> {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  let covered = 0;
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const found = tensors.map(([name, { dtype, shape, data_offsets }]) => {
    const [from, to] = data_offsets;
    expect(dtype).toBe('F32');
    expect(from).toBe(covered);
    expect(to - from).toBe(4 * shape.reduce((product, dim) => product * dim, 1));
    covered = to;
    const values = Float32Array.from({ length: (to - from) / 4 }, (_, i) =>
      file.readFloatLE(8 + length + from + 4 * i),
    );
    return [name, { shape, values }] as const;
  });
  // "The byte buffer needs to be entirely indexed, and cannot contain holes."
  expect(8 + length + covered).toBe(file.length);
  return new Map(found);
}

/** Tensors of one shape at these places of a body of so many bytes. */
function fileOf(places: Record<string, [number, number]>, shape: number[], bytes: number): Uint8Array {
  const entries = Object.entries(places).map(([name, data_offsets]) => [
    name,
    { dtype: 'F32', shape, data_offsets },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(bytes)]);
}

describe('safetensors', () => {
  const tensors = [
    { name: 'a', shape: [2, 3], data: Float32Array.of(1, -2, 0.5, Number.POSITIVE_INFINITY, 0, 1e-30) },
    { name: 'é', shape: [], data: Float32Array.of(7) },
    { name: 'empty', shape: [0, 5], data: new Float32Array(0) },
  ];
  // As the rows that a run keeps.
  const stacked = tensors.map(({ name, shape, data }) => ({
    name,
    shape,
    rows: [data.subarray(0, 3), data.subarray(3)],
  }));

  it('are written by the specification', () => {
    const read = readBySpecification(Buffer.from(encodeSafetensors(stacked)));
    for (const { name, shape, data: values } of tensors) expect(read.get(name)).toEqual({ shape, values });
  });

  it('come back from memory and from a file', () => {
    const encoded = encodeSafetensors(stacked);
    writeFileSync(join(folder, 't.safetensors'), encoded);
    for (const file of [encoded, readFileSync(join(folder, 't.safetensors'))]) {
      expect([...decodeSafetensors(file).values()]).toEqual(tensors);
    }
  });

  it.each([
    ['nothing', (file: Uint8Array) => file.subarray(0, 0)],
    ['half a header', (file: Uint8Array) => file.subarray(0, 20)],
    ['missing data', (file: Uint8Array) => file.subarray(0, file.length - 1)],
    ['a header without end', (file: Uint8Array) => file.with(7, 0x7f)],
    ['the same bytes twice', () => fileOf({ a: [0, 8], b: [0, 8] }, [2], 8)],
    ['more rows than fit into a number', () => fileOf({ a: [0, 8] }, [2 ** 52, 2 ** 52], 8)],
  ])('of %s are damaged', (_, damage) => {
    expect(() => decodeSafetensors(damage(encodeSafetensors(stacked)))).toThrow(
      expect.objectContaining({ name: 'EngineError', code: 'safetensors' }),
    );
  });
});

describe('a kept run', () => {
  const engine = testEngine(data);
  const events: RunEvent[] = [];
  beforeAll(() => engine.run('kept', config, (event) => events.push(event), true));

  it('holds the events as they streamed, a line each', async () => {
    const lines = readFileSync(join(data, 'runs', 'kept', 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => RunEvent.parse(JSON.parse(line)))).toEqual(events);
    const { events: read, summary } = await engine.query('runs.read', { runId: 'kept' });
    expect(read).toEqual(events);
    expect(summary).toMatchObject({ outcome: 'done', tokens: only(events, 'token').length });
  });

  it('holds delta, shifts and probabilities of each step', () => {
    const vectors = readBySpecification(readFileSync(join(data, 'runs', 'kept', 'vectors.safetensors')));
    const { vocab, d } = options;
    expect([...vectors].map(([name, { shape }]) => [name, shape])).toEqual([
      [`${LANE}.delta`, [3, d]],
      [`${LANE}.shift`, [3, vocab]],
      [`${LANE}.meanP`, [3, vocab]],
      [`${LANE}.baseMeanP`, [vocab]],
    ]);
    const delta = vectors.get(`${LANE}.delta`)!.values;
    const shift = vectors.get(`${LANE}.shift`)!.values;
    for (const { step, deltaNorm, boosted } of only(events, 'slot.step')) {
      expect(Math.hypot(...delta.subarray(step * d, (step + 1) * d))).toBeCloseTo(deltaNorm, 4);
      const [best] = boosted;
      expect(shift[step * vocab + best!.id]).toBe(Math.fround(best!.shift));
    }
  });

  it('answers a new engine as it answered its own', async () => {
    const later = createEngine({ dataFolder: data });
    const search = { runId: 'kept', lane: LANE, search: 'th', limit: 50 };
    expect(await later.query('shift.search', search)).toEqual(await engine.query('shift.search', search));
    const step = { runId: 'kept', lane: LANE, step: 2 };
    expect(await later.query('shift.read', step)).toEqual(await engine.query('shift.read', step));
    const run = { runId: 'kept' };
    expect(await later.query('vocabulary.read', { ...run, from: 0 })).toEqual(
      await engine.query('vocabulary.read', { ...run, from: 0 }),
    );
    await expect(later.query('distribution.read', { ...run, lane: LANE, index: 0 })).rejects.toMatchObject({
      name: 'EngineError',
      code: 'run-gone',
    });
  });
});

describe('several stored runs', () => {
  it('each answer with their own figures, in whatever order they are asked', async () => {
    const engine = testEngine(data);
    const runs = ['A', 'B', 'C'];
    const lrs = [0.1, 0.3, 0.9];
    for (const [i, runId] of runs.entries()) {
      const lanes = config.lanes.map((lane) => ({ ...lane, lr: lrs[i]! }));
      await engine.run(runId, { ...config, lanes }, () => {}, true);
    }
    // From the disk, past any engine.
    const onDisk = (runId: string) =>
      readBySpecification(readFileSync(join(data, 'runs', runId, 'vectors.safetensors')));
    const later = createEngine({ dataFolder: data });
    for (const runId of ['A', 'B', 'A', 'C', 'B', 'B', 'A']) {
      const { shift } = await later.query('shift.read', { runId, lane: LANE, step: 2 });
      const stored = onDisk(runId)
        .get(`${LANE}.shift`)!
        .values.slice(2 * options.vocab);
      expect([...shift]).toEqual([...stored]);
    }
    const firsts = runs.map((runId) => onDisk(runId).get(`${LANE}.shift`)!.values[0]);
    expect(new Set(firsts).size).toBe(runs.length);
    await later.dispose();
  });
});

describe('a disk that gives out in the middle', () => {
  it('costs the run its place on disk and nothing else', async () => {
    const place = join(folder, 'lost');
    const engine = testEngine(place);
    const events: RunEvent[] = [];
    const lose = (event: RunEvent) => {
      events.push(event);
      if (event.type === 'prompt.prefilled') rmSync(place, { recursive: true });
    };
    await engine.run('lost', config, lose, true);
    expect(one(events, 'notice')).toMatchObject({ code: 'not-kept' });
    expect(only(events, 'slot.done')).toHaveLength(1);
    expect(events.at(-1)!.type).toBe('run.done');
  });
});

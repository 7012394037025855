/** A run's vectors on their way to another machine: all that they show is there again, and no other file is taken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../engine/api/engine';
import { METHODS, RunConfig } from '../../engine/protocol';
import { decodeSafetensors, encodeSafetensors, readMetadata } from '../../engine/runs/safetensors';
import { writeDecoder } from '../../fixtures/decoder';

const root = mkdtempSync(join(tmpdir(), 'slot-travelling-'));
const { folder: model } = writeDecoder(join(root, 'model'), { layers: 1 });
const engineIn = (folder: string) => createEngine({ dataFolder: join(root, folder) });
const here = engineIn('here');
const engines = [here];

const runId = 'two-apples';
let lines: string;
let file: Uint8Array;

beforeAll(async () => {
  const config = RunConfig.parse({
    model: { folder: model },
    prompt: { kind: 'raw', text: 'two apples' },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 3 },
      { name: 'other', steps: 2, lr: 0.5 },
    ],
    generation: { maxNewTokens: 2 },
  });
  await here.run(runId, config, () => {}, true);
  lines = (await here.query('runs.export', { runId })).text;
  file = (await here.query('runs.vectors', { runId })).file;
});
afterAll(async () => {
  for (const engine of engines) await engine.dispose();
  rmSync(root, { recursive: true, force: true });
});

async function elsewhere(): Promise<Engine> {
  const engine = engineIn(`there-${engines.length}`);
  engines.push(engine);
  await engine.query('runs.import', { text: lines });
  return engine;
}

const bring = (engine: Engine, bytes: Uint8Array, into: string | null = null) =>
  engine.query('runs.importVectors', { runId: into, file: bytes });

/** What the views ask for. */
async function shown(engine: Engine, id: string) {
  return {
    vocabulary: await engine.query('vocabulary.read', { runId: id, from: 0 }),
    last: await engine.query('shift.read', { runId: id, lane: 'slot', step: 2 }),
    first: await engine.query('shift.read', { runId: id, lane: 'other', step: 0 }),
    series: await engine.query('shift.series', { runId: id, lane: 'slot', ids: [3, 70] }),
  };
}

describe('a run’s vectors', () => {
  it('show on another machine what they show where the run was', async () => {
    const there = await elsewhere();
    await expect(there.query('vocabulary.read', { runId, from: 0 })).rejects.toMatchObject({
      code: 'no-vocabulary',
    });
    expect(await bring(there, file)).toEqual({ runId });
    expect(await shown(there, runId)).toEqual(await shown(here, runId));
    // Beyond a restart, and on to a third machine.
    const again = engineIn(`there-${engines.length - 1}`);
    engines.push(again);
    expect(await shown(again, runId)).toEqual(await shown(here, runId));
    expect((await again.query('runs.vectors', { runId })).file).toEqual(file);
  });

  it('go to the copy that is named where the run itself has its own', async () => {
    const { runId: copy } = await here.query('runs.import', { text: lines });
    await expect(bring(here, file)).rejects.toMatchObject({ code: 'has-vectors' });
    expect(await bring(here, file, copy)).toEqual({ runId: copy });
    expect(await shown(here, copy)).toEqual(await shown(here, runId));
  });

  it('of an older export go to the run that is named, without a vocabulary', async () => {
    const there = await elsewhere();
    const old = encodeSafetensors(stacked(file));
    expect(readMetadata(old)).toEqual({});
    await expect(bring(there, old)).rejects.toMatchObject({ code: 'no-run' });
    await bring(there, old, runId);
    await there.query('shift.read', { runId, lane: 'slot', step: 2 });
    await expect(there.query('vocabulary.read', { runId, from: 0 })).rejects.toMatchObject({
      code: 'no-vocabulary',
    });
  });
});

function stacked(bytes: Uint8Array) {
  return [...decodeSafetensors(bytes).values()].map(({ name, shape, data }) => ({
    name,
    shape,
    rows: [data],
  }));
}

/** The header changed, the data as it is. */
function withHeader(
  change: (header: Record<string, { shape: number[]; data_offsets: number[] }>) => unknown,
): Uint8Array {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const json = new TextEncoder().encode(JSON.stringify(change(header) ?? header));
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  return Buffer.concat([head, file.subarray(8 + length)]);
}

describe('a file of vectors', () => {
  it.each<[string, string, () => Uint8Array]>([
    ['is none', 'safetensors', () => new TextEncoder().encode('{"type":"run.started"}\n')],
    ['is empty', 'safetensors', () => new Uint8Array()],
    ['claims a header of 2^60 bytes', 'safetensors', () => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 16, 1)],
    ['is cut off', 'safetensors', () => file.slice(0, file.length - 4)],
    [
      'has a dimension beyond any',
      'safetensors',
      () =>
        withHeader((header) => {
          header['slot.delta'] = { ...header['slot.delta']!, shape: [2 ** 52, 0], data_offsets: [0, 0] };
        }),
    ],
    [
      'has a zero dimension and a large one',
      'safetensors',
      () =>
        withHeader((header) => {
          header['slot.delta'] = { ...header['slot.delta']!, shape: [2 ** 24, 0], data_offsets: [0, 0] };
        }),
    ],
    [
      'has one tensor’s bytes under many names',
      'safetensors',
      () =>
        withHeader((header) =>
          Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x${i}.delta`, header['slot.delta']])),
        ),
    ],
    [
      'has another lane',
      'other-run',
      () =>
        encodeSafetensors(
          stacked(file).map((each) => ({ ...each, name: each.name.replace('other', 'third') })),
        ),
    ],
    ['lacks a part', 'other-run', () => encodeSafetensors(stacked(file).slice(1))],
    [
      'has delta of another run',
      'other-run',
      () =>
        encodeSafetensors(
          stacked(file).map((each) =>
            each.name === 'slot.delta'
              ? { ...each, rows: each.rows.map((row) => row.map((x) => 1.01 * x)) }
              : each,
          ),
        ),
    ],
    [
      'has as many token texts as another vocabulary',
      'safetensors',
      () => encodeSafetensors(stacked(file), { tokens: '["a"]' }),
    ],
  ])('that %s is refused, and the run stays as it was', async (_, code, bytes) => {
    const there = await elsewhere();
    await expect(bring(there, bytes(), runId)).rejects.toMatchObject({ kind: 'input', code });
    await expect(there.query('shift.read', { runId, lane: 'slot', step: 2 })).rejects.toMatchObject({
      code: 'no-vectors',
    });
    expect(await bring(there, file)).toEqual({ runId });
  });

  it('may have a header of any length', async () => {
    const there = await elsewhere();
    const odd = ['', '.', '..', '...'].map((note) =>
      withHeader((header) => Object.assign(header, { __metadata__: { ...header.__metadata__, note } })),
    );
    expect(new Set(odd.map(({ length }) => length % 4)).size).toBe(4);
    for (const bytes of odd) expect([...decodeSafetensors(bytes)]).toEqual([...decodeSafetensors(file)]);
    await bring(there, odd[1]!);
    expect(await shown(there, runId)).toEqual(await shown(here, runId));
  });

  it('is a message of the contract', () => {
    expect(METHODS['runs.importVectors'].params.parse({ file })).toEqual({ runId: null, file });
  });
});

/** A run as version 0.1 wrote it, in format 1, opens and is told in today's terms. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../engine/protocol';
import { RunStore } from '../../engine/runs/store';
import { temporaryFolder } from '../../fixtures/runs';

const root = temporaryFolder();

const TOKEN =
  '"lane":"branch","text":"a","logprob":-1,"baseLogprob":-1,"rank":0,"baseRank":0,"entropy":1,"baseEntropy":1,"kl":0,"top":[]';
const LINES = [
  '{"type":"run.started","v":1,"runId":"old","at":"2025-06-01T12:00:00.000Z","model":{"id":"starter","dtype":"fp32",' +
    '"projection":"Gemm","vocab":100,"hidden":8},"config":{"model":{},"prompt":{"kind":"raw","text":"x"},"lanes":' +
    '[{"name":"branch","preset":"transformers","steps":0,"lr":0.1,"answerStart":[5]}]},"prompt":{"text":"x","ids":[1],"tokens":["x"]}}',
  `{"type":"token","index":0,"id":5,"given":true,${TOKEN}}`,
  `{"type":"token","index":1,"id":6,${TOKEN}}`,
  '{"type":"run.done","ms":{"load":1,"prefill":1,"slot":0,"decode":1}}',
  '',
].join('\n');

function readStored(): RunStore {
  const folder = join(root, 'stored', 'runs', 'old');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'events.jsonl'), LINES);
  return new RunStore(join(root, 'stored'));
}

async function readImported(): Promise<RunStore> {
  const store = new RunStore(join(root, 'imported'));
  await store.import(LINES);
  return store;
}

it.each([
  ['stored', readStored],
  ['imported', readImported],
])('reads one that is %s', async (_, open) => {
  const { summary, events } = (await open()).read('old');
  expect(summary).toMatchObject({ outcome: 'done', damage: null });
  const [started, first, second, ...rest] = events;
  expect(started).toMatchObject({ v: SCHEMA_VERSION, config: { model: { arithmetic: 'exact' } } });
  expect(started).toMatchObject({ config: { lanes: [{ forcedPrefix: [5] }] } });
  expect(first).toMatchObject({ id: 5, forced: true });
  expect(first).not.toHaveProperty('given');
  expect(second).not.toHaveProperty('forced');
  expect(rest).toHaveLength(1);
});

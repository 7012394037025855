/** What a run says before it reads: of lengths that the export was not made for, of prompts of single lanes, and of bad ones. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunConfigInput } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const { folder: model, options } = writeDecoder(join(folder, 'model'), { layers: 1 });
const engine = testEngine();
const raw = (text: string) => ({ kind: 'raw' as const, text });

const run = (more: Partial<RunConfigInput> = {}, maxNewTokens = 1) =>
  runEvents(engine, {
    model: { folder: model },
    prompt: raw('one two three'),
    lanes: [{ name: 'baseline', steps: 0 }],
    generation: { maxNewTokens, ignoreEos: true },
    ...more,
  });

it('beyond the length of its short angles an export is told to differ from its model, up to it not', async () => {
  const { folder: long } = writeDecoder(join(folder, 'long'), { layers: 1 });
  const path = join(long, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  const rope = { rope_scaling: { rope_type: 'longrope' }, original_max_position_embeddings: 20 };
  writeFileSync(path, JSON.stringify({ ...config, ...rope }));
  const of = async (tokens: number) => only(await run({ model: { folder: long } }, tokens), 'notice');
  const prompt = one(await run({ model: { folder: long } }), 'run.started').prompt.ids.length;
  expect(await of(20 - prompt)).toEqual([]);
  const [notice, ...more] = await of(21 - prompt);
  expect(more).toEqual([]);
  expect(notice).toMatchObject({
    code: 'short-angles',
    message: expect.stringMatching(/^beyond 20 tokens /),
  });
});

it('a lane with a prompt of its own is told what it reads, and all prompts count to the end', async () => {
  const text = 'four five six seven';
  const lanes = [
    { name: 'same', steps: 0, prompt: raw('one two three') },
    { name: 'baseline', steps: 0 },
    { name: 'own', steps: 0, prompt: raw(text) },
  ];
  const events = await run({ lanes });
  const own = one(events, 'lane.prompt');
  expect(own).toMatchObject({ lane: 'own', text });
  expect(own.tokens.join('')).toBe(text);
  expect(own.tokens).toHaveLength(own.ids.length);
  const total = one(events, 'run.started').prompt.ids.length + own.ids.length;
  const told = only(events, 'prompt.progress');
  expect(told.map((event) => event.total)).toEqual(told.map(() => total));
  const tokens = told.map((event) => event.tokens);
  expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
  expect(tokens.at(-1)).toBe(total);
  expect(one(events, 'prompt.prefilled')).toMatchObject({ tokens: total });
});

it('a prompt that no lane answers is not read', async () => {
  const events = await run({ lanes: [{ name: 'own', steps: 1, prompt: raw('four five six seven') }] });
  const { ids } = one(events, 'lane.prompt');
  expect(one(events, 'prompt.prefilled').tokens).toBe(ids.length);
  expect(only(events, 'prompt.progress').at(-1)).toMatchObject({ tokens: ids.length, total: ids.length });
  expect(only(events, 'slot.progress').map(({ total }) => total)).toEqual([ids.length - 1]);
});

it.each<[string, RunConfigInput['lanes'][number], object]>([
  [
    'a token that the model has not',
    { name: 'x', steps: 0, forcedPrefix: [options.vocab] },
    { code: 'answer-start', message: `lane "x": the model has no token ${options.vocab}` },
  ],
  [
    'a scope without a token',
    { name: 'x', steps: 1, scope: { kind: 'from', first: 500 } },
    { code: 'scope', message: expect.stringMatching(/^lane "x": there is no token to learn from/) },
  ],
  [
    'an empty prompt of its own',
    { name: 'x', steps: 0, prompt: raw('') },
    { code: 'empty-prompt', message: 'the prompt is empty' },
  ],
])('a lane with %s ends the run before it starts', async (_, lane, failed) => {
  expect(await run({ lanes: [lane] })).toEqual([
    expect.objectContaining({ type: 'run.failed', kind: 'input', ...failed }),
  ]);
});

it('the last token that the model has may begin an answer', async () => {
  const last = options.vocab - 1;
  const events = await run({ lanes: [{ name: 'x', steps: 0, forcedPrefix: [last] }] });
  expect(one(events, 'lane.done').ids).toEqual([last]);
});

/** The list of runs: newest first, what was asked, what the user wrote of each, and what is refused of runs that are not there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { RunConfig, type RunConfigInput } from '../../engine/protocol';
import { RunKeeper } from '../../engine/runs/keeper';
import { RunStore } from '../../engine/runs/store';
import { temporaryFolder } from '../../fixtures/runs';
import { CONFIG, STARTED, token } from '../renderer/run-events';

const root = temporaryFolder();
let count = 0;
let data: string;
let store: RunStore;
beforeEach(() => {
  data = join(root, String(++count));
  store = new RunStore(data);
});

function keep(runId: string, at: string, prompt: RunConfigInput['prompt'] = CONFIG.prompt): void {
  if (STARTED.type !== 'run.started') throw new Error('the fixture is another one');
  const writer = store.create(runId);
  writer.append({ ...STARTED, runId, at, config: RunConfig.parse({ ...CONFIG, prompt }) });
  writer.append({ type: 'run.cancelled' });
}

const code = (expected: string) => expect.objectContaining({ code: expected });

it('has the newest first', () => {
  for (const [runId, day] of Object.entries({ b: 2, d: 4, a: 1, c: 3 }))
    keep(runId, `2025-06-0${day}T00:00:00.000Z`);
  expect(store.list().map(({ runId }) => runId)).toEqual(['d', 'c', 'b', 'a']);
});

it.each<[string, RunConfigInput['prompt'], string]>([
  ['a raw text', { kind: 'raw', text: 'Once' }, 'Once'],
  [
    'what the user said last',
    {
      kind: 'chat',
      messages: [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'answer' },
        { role: 'user', content: 'last' },
        { role: 'assistant', content: 'The' },
      ],
    },
    'last',
  ],
  ['nothing where no user spoke', { kind: 'chat', messages: [{ role: 'system', content: 'Be.' }] }, ''],
  ['the first 300 letters', { kind: 'raw', text: 'x'.repeat(301) }, 'x'.repeat(300)],
])('shows of the prompt %s', (_, prompt, text) => {
  keep('a', '2025-06-01T00:00:00.000Z', prompt);
  expect(store.list()[0]).toMatchObject({ prompt: text, outcome: 'cancelled' });
});

it('shows lanes with what they were to do, and what the user wrote', () => {
  keep('a', '2025-06-01T00:00:00.000Z');
  expect(store.list()[0]).toMatchObject({ tags: [], note: '' });
  expect(store.list()[0]!.lanes.map(({ name, steps, origin }) => [name, steps, origin])).toEqual([
    ['baseline', 0, 'own'],
    ['slot', 2, 'own'],
  ]);
  store.label('a', { tags: ['x', 'y'], note: 'mine' });
  const labelled = expect.objectContaining({ runId: 'a', tags: ['x', 'y'], note: 'mine' });
  expect(new RunStore(data).list()).toEqual([labelled]);
  expect(store.read('a').summary).toEqual(labelled);
  expect(store.summary('a')).toEqual(labelled);
});

it('refuses what is asked of a run that is not there', async () => {
  keep('here', '2025-06-01T00:00:00.000Z');
  expect([store.has('here'), store.has('gone'), store.hasVectors('here')]).toEqual([true, false, false]);
  expect(() => store.read('gone')).toThrow(code('no-run'));
  expect(() => store.label('gone', { tags: [], note: '' })).toThrow(code('no-run'));
  expect(() => store.addVectors('gone', [], undefined)).toThrow(code('no-run'));
  expect(() => store.delete('gone')).toThrow(code('no-run'));
  expect(() => store.restore('here')).toThrow(code('no-run'));
  expect(store.summary('gone')).toBeUndefined();
  expect(store.vectors('gone').size).toBe(0);
  expect(store.vocabularyOf('here')).toBeUndefined();
  expect(existsSync(join(data, 'runs', 'gone'))).toBe(false);
});

it('has vectors and vocabulary from the moment that they are added', () => {
  keep('a', '2025-06-01T00:00:00.000Z');
  const tensor = { name: 'slot.delta', shape: [2, 2], rows: [Float32Array.of(1, 2), Float32Array.of(3, 4)] };
  store.addVectors('a', [tensor], undefined);
  expect(store.hasVectors('a')).toBe(true);
  expect(store.vocabularyOf('a')).toBeUndefined();
  expect([...store.vectors('a').get('slot.delta')!.data]).toEqual([1, 2, 3, 4]);
  store.addVectors('a', [tensor], ['one', 'two']);
  expect(store.vocabulary(store.vocabularyOf('a')!)).toEqual(['one', 'two']);
  expect(store.vocabulary('0'.repeat(64))).toBeUndefined();
});

it('keeps no draft of an answer, and nothing of a run that never started', async () => {
  const keeper = new RunKeeper(store, 'a');
  keeper.append({ type: 'run.failed', kind: 'input', code: 'no-model', message: 'no', hint: '' });
  await keeper.finish([], async () => ['a']);
  expect(existsSync(join(data, 'runs', 'a'))).toBe(false);

  const kept = new RunKeeper(store, 'b');
  for (const event of [
    STARTED,
    { type: 'lane.draft', lane: 'slot', text: 'dra' } as const,
    token('slot', 0, 1, 'draft'),
    { type: 'run.cancelled' } as const,
  ])
    expect(kept.append(event)).toBeUndefined();
  expect(store.read('b').events.map(({ type }) => type)).toEqual(['run.started', 'token', 'run.cancelled']);
  // The first failure alone is told, with what to do.
  const again = new RunKeeper(store, 'b');
  expect(again.append(STARTED)).toEqual({
    type: 'notice',
    code: 'not-kept',
    message: 'a run b is stored already. Use a new id. The run goes on.',
  });
  expect(again.append({ type: 'run.cancelled' })).toBeUndefined();
});

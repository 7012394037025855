/** How answers end, and what a run says when there is nothing to learn, no room left or no finite number. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOnnxModel } from '../../engine/onnx/proto/parse-model';
import type { RunConfigInput } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { openModel, runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const engine = testEngine();
const lanes = [
  { name: 'baseline', steps: 0 },
  { name: 'slot', steps: 2 },
];

function config(model: string, change: Partial<RunConfigInput> = {}): RunConfigInput {
  return {
    model: { folder: model },
    prompt: { kind: 'raw', text: 'How many apples?' },
    lanes,
    generation: { maxNewTokens: 12 },
    ...change,
  };
}

/** Another eos in a model's configs. */
function setEos(model: string, eos: number | number[] | null, generation: number[] | null = null): void {
  for (const [file, value] of [
    ['config.json', eos],
    ['generation_config.json', generation],
  ] as const) {
    const path = join(model, file);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), eos_token_id: value }));
  }
}

const fresh = (name: string, options: Parameters<typeof writeDecoder>[1] = {}) =>
  writeDecoder(join(folder, name), { layers: 1, seed: 3, ...options }).folder;

const plain = fresh('plain');

describe('an answer ends', () => {
  const sampled = { maxNewTokens: 12, temperature: 1, seed: 4 };
  const whole = runEvents(engine, config(plain, { generation: { ...sampled, ignoreEos: true } }));
  /** A token that the baseline writes, and when it does so first. */
  const written = whole.then((events) => {
    const ids = answerOf(events, 'baseline');
    const at = ids.findIndex((id, i) => i > 1 && ids.indexOf(id) === i);
    return { ids, at, id: ids[at]! };
  });

  it('at maxNewTokens', async () => {
    expect((await written).at).toBeGreaterThan(1);
    expect(one(await whole, 'lane.done', 'baseline')).toMatchObject({ reason: 'length', tokens: 12 });
  });

  it.each(['config.json', 'generation_config.json'])(
    'at the eos of %s, which is its last token',
    async (file) => {
      const model = fresh(`eos-${file}`);
      const { ids, at, id } = await written;
      if (file === 'config.json') setEos(model, id);
      else setEos(model, 0, [1, id]);
      const events = await runEvents(engine, config(model, { generation: sampled }));
      expect(one(events, 'lane.done', 'baseline')).toMatchObject({
        reason: 'eos',
        ids: ids.slice(0, at + 1),
      });
      const ignored = await runEvents(engine, config(model, { generation: { ...sampled, ignoreEos: true } }));
      expect(answerOf(ignored, 'baseline')).toEqual(ids);
    },
  );

  it('at the template’s turn end, though no config names it', async () => {
    const model = fresh('turn-end');
    setEos(model, null);
    const path = join(model, 'tokenizer_config.json');
    const { eos_token: _, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify(rest));
    const { groups } = await openModel(engine, model);
    expect(groups.find(({ name }) => name === 'end tokens')!.tokens).toEqual([
      { id: 2, token: '<|im_end|>' },
    ]);
    // At this temperature every token is about as likely: the end comes within a few hundred.
    const events = await runEvents(
      engine,
      config(model, {
        lanes: [lanes[0]!],
        generation: { maxNewTokens: 1000, temperature: 10, seed: 1 },
        listLength: 1,
      }),
    );
    const done = one(events, 'lane.done');
    expect(done.reason).toBe('eos');
    expect(done.ids.indexOf(2)).toBe(done.ids.length - 1);
    expect(done.text).not.toContain('<|im_end|>');
  });

  it('where the context does, with a notice', async () => {
    const model = fresh('narrow', { contextLength: 20 });
    const events = await runEvents(
      engine,
      config(model, { generation: { maxNewTokens: 12, ignoreEos: true } }),
    );
    const room = 20 - one(events, 'run.started').prompt.ids.length;
    expect(room).toBeLessThan(12);
    expect(one(events, 'notice')).toMatchObject({ code: 'context-limit' });
    expect(one(events, 'notice').message).toContain(`${room} new tokens`);
    for (const { name } of lanes) {
      expect(one(events, 'lane.done', name)).toMatchObject({ reason: 'length', tokens: room });
    }
  });
});

describe('an answer that is begun', () => {
  const model = fresh('begun', { contextLength: 24 });
  const begun = (count: number) =>
    runEvents(
      engine,
      config(model, {
        lanes: [{ name: 'baseline', steps: 0, forcedPrefix: new Array<number>(count).fill(70) }],
      }),
    );

  it('may fill the context, and not overflow it', async () => {
    const { ids } = one(await begun(1), 'run.started').prompt;
    const room = 24 - ids.length;
    expect(one(await begun(room), 'lane.done')).toMatchObject({ reason: 'length', tokens: room });
    expect(await begun(room + 1)).toEqual([
      expect.objectContaining({ type: 'run.failed', kind: 'input', code: 'answer-start' }),
    ]);
  });
});

describe('a prompt', () => {
  it.each([
    ['empty', { kind: 'raw', text: '' }],
    ['blank', { kind: 'chat', messages: [{ role: 'user', content: ' \n ' }] }],
    [
      'blank after a system message',
      {
        kind: 'chat',
        messages: [
          { role: 'system', content: 'Think.' },
          { role: 'user', content: '' },
        ],
      },
    ],
  ] as const)('that is %s is bad input', async (_, prompt) => {
    const messages = prompt.kind === 'chat' ? { ...prompt, messages: [...prompt.messages] } : prompt;
    const events = await runEvents(engine, config(plain, { prompt: messages }));
    expect(events).toEqual([
      expect.objectContaining({ type: 'run.failed', kind: 'input', code: 'empty-prompt' }),
    ]);
  });

  it('as long as the context is bad input; one token less leaves room for one', async () => {
    const model = fresh('short', { contextLength: 16 });
    const run = (length: number) =>
      runEvents(engine, config(model, { prompt: { kind: 'raw', text: 'x'.repeat(length) } }));
    const long = await run(16);
    expect(long).toEqual([expect.objectContaining({ kind: 'input', code: 'prompt-too-long' })]);
    expect(long[0]).toMatchObject({ message: expect.stringMatching(/16 tokens.*holds 16/) });
    expect(one(await run(15), 'lane.done', 'slot').tokens).toBe(1);
  });

  it('of one token teaches nothing: a notice, and the answer of the baseline', async () => {
    const events = await runEvents(engine, config(plain, { prompt: { kind: 'raw', text: 'x' } }));
    expect(one(events, 'notice')).toMatchObject({ code: 'nothing-to-learn', lane: 'slot' });
    expect(only(events, 'slot.step')).toEqual([]);
    expect(answerOf(events, 'slot')).toEqual(answerOf(events, 'baseline'));
    expect(answerOf(events, 'slot').length).toBeGreaterThan(0);
  });

  it('of chat messages for a model without a template is run raw, with a notice', async () => {
    const model = fresh('untemplated', { chatTemplate: false, bos: true });
    const chat = { kind: 'chat', messages: [{ role: 'user', content: 'How many apples?' }] } as const;
    const events = await runEvents(
      engine,
      config(model, { prompt: { ...chat, messages: [...chat.messages] } }),
    );
    expect(one(events, 'notice').code).toBe('no-chat-template');
    const raw = await runEvents(engine, config(model));
    expect(one(events, 'run.started').prompt).toEqual(one(raw, 'run.started').prompt);
    expect(one(raw, 'run.started').prompt.ids[0]).toBe(0);
  });
});

describe('numbers that are not finite', () => {
  it('stop a lane at its step; the other one goes on', async () => {
    // Logits of 1e38 are finite; a delta of 100 lifts them out of float32.
    const model = fresh('steep', { tail: [{ op: 'Mul', by: 1e37 }] });
    const steep = [lanes[0]!, { name: 'slot', steps: 3, lr: 100 }];
    const events = await runEvents(engine, config(model, { lanes: steep }));
    const failed = one(events, 'lane.failed');
    expect(failed).toMatchObject({ lane: 'slot', code: 'not-finite', step: 0 });
    expect(failed.message).toContain('step 1');
    expect(only(events, 'token').every(({ lane }) => lane === 'baseline')).toBe(true);
    expect(one(events, 'lane.done').lane).toBe('baseline');
    expect(events.at(-1)).toMatchObject({ type: 'run.done' });
  });

  it('in a weight stop every lane, at the prompt’s loss and where a logit becomes infinite', async () => {
    const { folder: model, onnxPath } = writeDecoder(join(folder, 'infinite'), { layers: 1, head: 'MatMul' });
    const bytes = readFileSync(onnxPath);
    const { initializers } = readOnnxModel({
      size: bytes.length,
      read: (offset, length) => bytes.subarray(offset, offset + length),
    });
    const { payload } = initializers.get('lm_head.weight')!;
    if (payload.kind !== 'inline') throw new Error(payload.kind);
    bytes.writeFloatLE(Number.POSITIVE_INFINITY, payload.range.start + 4 * 100);
    writeFileSync(onnxPath, bytes);
    const events = await runEvents(engine, config(model));
    expect(only(events, 'lane.failed')).toEqual([
      expect.objectContaining({ lane: 'slot', step: 0 }),
      expect.objectContaining({ lane: 'baseline', message: expect.stringContaining('not finite') }),
    ]);
    expect(only(events, 'lane.failed')[1]!.step).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'run.done' });
  });
});

it('a model whose file changed under it says so when it is opened anew', async () => {
  const { folder: model, onnxPath } = writeDecoder(join(folder, 'vanishing'), { weights: 'external' });
  expect((await runEvents(engine, config(model))).at(-1)).toMatchObject({ type: 'run.done' });
  await openModel(engine, plain);
  truncateSync(`${onnxPath}_data`, 10);
  expect((await runEvents(engine, config(model))).at(-1)).toMatchObject({ code: 'external-data-short' });
});

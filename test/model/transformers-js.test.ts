/** The same greedy baseline tokens as transformers.js, another reader of the same folders: 20 prompts and tiny models. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AutoModelForCausalLM, AutoTokenizer, env, type Tensor } from '@huggingface/transformers';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../engine/protocol';
import { type DecoderOptions, STARTER_FOLDER, writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

env.allowRemoteModels = false;
env.allowLocalModels = true;

const LENGTH = 24;
const engine = testEngine();
const folder = temporaryFolder();

/** What transformers.js reads and writes for each conversation, an end token included. */
async function peer(path: string, conversations: readonly ChatMessage[][]) {
  env.localModelPath = `${dirname(path)}/`;
  const name = basename(path);
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const model = await AutoModelForCausalLM.from_pretrained(name, { device: 'cpu', dtype: 'fp32' });
  const answers: { prompt: number[]; answer: number[] }[] = [];
  for (const messages of conversations) {
    const inputs = tokenizer.apply_chat_template(messages, {
      add_generation_prompt: true,
      return_dict: true,
    }) as { input_ids: Tensor };
    const output = await model.generate({
      ...inputs,
      max_new_tokens: LENGTH,
      do_sample: false,
    } as Parameters<typeof model.generate>[0]);
    const prompt = Array.from(inputs.input_ids.data as BigInt64Array, Number);
    const all = Array.from((output as Tensor).data as BigInt64Array, Number);
    answers.push({ prompt, answer: all.slice(prompt.length) });
  }
  await model.dispose();
  return answers;
}

async function ours(path: string, messages: ChatMessage[]) {
  const events = await runEvents(engine, {
    model: { folder: path },
    prompt: { kind: 'chat', messages },
    lanes: [{ name: 'baseline', steps: 0 }],
    generation: { maxNewTokens: LENGTH },
    listLength: 1,
  });
  return { prompt: one(events, 'run.started').prompt.ids, answer: answerOf(events, 'baseline') };
}

const PROBLEMS = [
  'Tom has 3 apples and buys 5 more. How many apples does he have?',
  'A box holds 12 pencils. How many pencils are in 4 boxes?',
  'Sara had 20 dollars and spent 7. How much is left?',
  'A train travels 60 miles in one hour. How far does it travel in 3 hours?',
  'There are 24 cookies for 6 children. How many does each child get?',
  'Mia reads 15 pages a day. How many pages does she read in a week?',
  'A shirt costs $18 and a hat costs $9. What do both cost together?',
  'Ben is 4 years older than Ann. Ann is 9. How old is Ben?',
  'A farmer has 35 hens and sells 17. How many hens remain?',
  'Each bag weighs 2 kg. How heavy are 11 bags?',
];
const SYSTEM: ChatMessage = {
  role: 'system',
  content: 'Think step by step. Answer as <think> … </think><answer> … </answer>.',
};
const withSystem = (content: string): ChatMessage[] => [SYSTEM, { role: 'user', content }];
const alone = (content: string): ChatMessage[] => [{ role: 'user', content }];
const CONVERSATIONS = [...PROBLEMS.map(alone), ...PROBLEMS.map(withSystem)];

describe('the starter model', () => {
  it('is there', () => {
    expect(existsSync(join(STARTER_FOLDER, 'onnx', 'model.onnx'))).toBe(true);
  });

  it(`writes the same ${LENGTH} tokens at most for ${CONVERSATIONS.length} prompts`, async () => {
    const expected = await peer(STARTER_FOLDER, CONVERSATIONS);
    expect(new Set(expected.map(({ answer }) => answer.join())).size).toBeGreaterThan(5);
    for (const [i, messages] of CONVERSATIONS.entries()) {
      expect(await ours(STARTER_FOLDER, messages), JSON.stringify(messages)).toEqual(expected[i]);
    }
  });
});

describe.each<[string, Partial<DecoderOptions>]>([
  ['tied-gqa', { head: 'MatMul(Transpose)', weights: 'external' }],
  ['gemm-llama', { head: 'Gemm', qkvBias: false, kvHeads: 4, tail: [{ op: 'Mul', by: 0.5 }] }],
  ['matmul-capped', { head: 'MatMul', tail: [{ op: 'Add' }, { op: 'cap', at: 8 }], d: 48 }],
])('a tiny model, %s', (name, options) => {
  it('writes the same tokens', async () => {
    const { folder: path } = writeDecoder(join(folder, name), { ...options, seed: 30 });
    const conversations = [
      alone(PROBLEMS[0]!),
      withSystem('Größe? 12 €'),
      [...alone('a'), { role: 'assistant', content: 'b' }, ...alone('c')] as ChatMessage[],
    ];
    const expected = await peer(path, conversations);
    for (const [i, messages] of conversations.entries()) {
      expect(await ours(path, messages)).toEqual(expected[i]);
    }
  });
});

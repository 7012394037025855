/** What goes into a run and what comes out beside its tokens: ids that the model knows, candidates in order. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeDecoder } from '../../fixtures/decoder';
import { only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

const root = temporaryFolder();
const engine = testEngine();

it('a prompt with a token that the head has no row for is refused, the first of them too', async () => {
  const { folder, options } = writeDecoder(join(root, 'mismatch'));
  const path = join(folder, 'tokenizer.json');
  const json = JSON.parse(readFileSync(path, 'utf8'));
  json.model.vocab.z = options.vocab;
  writeFileSync(path, JSON.stringify(json));
  const run = (text: string) =>
    runEvents(engine, {
      model: { folder },
      prompt: { kind: 'raw', text },
      lanes: [{ name: 'baseline', steps: 0 }],
      generation: { maxNewTokens: 1 },
    });
  expect((await run('one z')).at(-1)).toMatchObject({
    type: 'run.failed',
    kind: 'input',
    code: 'tokenizer-mismatch',
    message: `tokenizer.json gives token ${options.vocab}, but the model knows ${options.vocab} tokens`,
  });
  expect((await run('one')).at(-1)).toMatchObject({ type: 'run.done' });
});

it('a chat template that writes nothing is named, not the prompt', async () => {
  const { folder } = writeDecoder(join(root, 'silent'));
  writeFileSync(join(folder, 'chat_template.jinja'), '{% for message in messages %}{% endfor %}');
  const events = await runEvents(engine, {
    model: { folder },
    prompt: { kind: 'chat', messages: [{ role: 'user', content: 'Hi' }] },
    lanes: [{ name: 'baseline', steps: 0 }],
  });
  expect(events).toEqual([
    expect.objectContaining({
      type: 'run.failed',
      code: 'chat-template',
      message: `the chat template of ${folder} writes nothing for these messages`,
    }),
  ]);
});

it('candidates are listed by their probability with delta, whatever they had without', async () => {
  const { folder } = writeDecoder(join(root, 'model'));
  const events = await runEvents(engine, {
    model: { folder },
    prompt: { kind: 'raw', text: 'Count the apples and the pears.' },
    lanes: [{ name: 'slot', steps: 5, lr: 1 }],
    generation: { maxNewTokens: 6, ignoreEos: true },
  });
  const tops = only(events, 'token').map(({ top }) => top);
  expect(tops).toHaveLength(6);
  const sorted = <T>(list: readonly T[], of: (each: T) => number) => list.toSorted((a, b) => of(b) - of(a));
  for (const top of tops) expect(top).toEqual(sorted(top, ({ logprob }) => logprob));
  // The order without delta is another one, or this would say nothing.
  const base = tops.map((top) => sorted(top, ({ baseLogprob }) => baseLogprob));
  expect(base).not.toEqual(tops);
});

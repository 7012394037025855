/** Real exports that cannot be run are refused with the name of the node that stands in the way. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ModelSettings } from '../../engine/protocol';
import { runEvents, testEngine } from '../models/runs';
import { FIXTURES } from './traces';

const engine = testEngine();

it.each([
  ['llama-bnb4', 'bnb4', /\(com\.microsoft\.MatMulBnb4\)/],
  ['llama-qdq', 'int8', /"logits_DequantizeLinear" \(DequantizeLinear\)/],
])('%s, %s', async (name, dtype, node) => {
  const settings = ModelSettings.parse({ folder: join(FIXTURES, name), dtype });
  await expect(engine.query('model.open', settings)).rejects.toMatchObject({
    kind: 'input',
    code: 'unsupported-head',
    message: expect.stringMatching(node),
    hint: expect.stringMatching(/./),
  });
});

it('gpt2, whose table of positions ends, with a prompt beyond it', async () => {
  const events = await runEvents(engine, {
    model: { folder: join(FIXTURES, 'gpt2') },
    prompt: { kind: 'raw', text: 'x'.repeat(200) },
    lanes: [{ name: 'baseline', steps: 0 }],
  });
  expect(events.at(-1)).toMatchObject({ type: 'run.failed', kind: 'input', code: 'prompt-too-long' });
});

/** Real exports that cannot be run are refused with the name of the node that stands in the way. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { ViewSession } from '../../engine/onnx/runtime/session';
import { ModelSettings } from '../../engine/protocol';
import { runEvents, testEngine } from '../../fixtures/test-engine';
import { FIXTURES } from './traces';

const engine = testEngine();

it.each([
  ['genai-llama-bf16', 'genai', 'kv-cache', /"past_key_values.0.key" is bfloat16/],
  ['llama-bnb4', 'bnb4', 'unsupported-head', /\(com\.microsoft\.MatMulBnb4\)/],
  [
    'llama-qdq',
    'int8',
    'unsupported-head',
    /"logits_DequantizeLinear" \(DequantizeLinear\): it rounds the logits/,
  ],
])('%s, %s', async (name, dtype, code, node) => {
  const settings = ModelSettings.parse({ folder: join(FIXTURES, name), dtype });
  await expect(engine.query('model.open', settings)).rejects.toMatchObject({
    kind: 'input',
    code,
    message: expect.stringMatching(node),
    hint: expect.stringMatching(/./),
  });
});

it('an operator in a type that onnxruntime has no kernel for', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', DataType.BFLOAT16, [2, 2]);
  builder.node('MatMul', [x, x], {}, 'y');
  builder.output('y', DataType.BFLOAT16, [2, 2]);
  const options = { folder: FIXTURES, prepack: true };
  await expect(ViewSession.create('backbone', builder.finish(), options)).rejects.toMatchObject({
    kind: 'input',
    code: 'unsupported-operator',
    message: expect.stringMatching(/MatMul/),
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

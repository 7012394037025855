/** transformers.js, another reader of the same folders, writes the same greedy tokens after the same prompt ids. */
import { basename, dirname } from 'node:path';
import { AutoModelForCausalLM, type DataType, env, ones_like, Tensor } from '@huggingface/transformers';
import { describe, expect, it } from 'vitest';
import { fixtures } from './traces';

env.allowRemoteModels = false;
env.allowLocalModels = true;

/** It knows neither the layout of onnxruntime-genai's folders nor the inputs of every exporter. */
const readable = fixtures().filter(
  ({ name, trace }) =>
    name !== 'llama-inputs' && Object.keys(trace.dtypes).some((dtype) => dtype !== 'genai'),
);

describe.each(readable)('$name', ({ folder, trace }) => {
  it.each(Object.entries(trace.dtypes))('%s', async (dtype, { ids, baseline }) => {
    env.localModelPath = `${dirname(folder)}/`;
    const name = basename(folder);
    const model = await AutoModelForCausalLM.from_pretrained(name, {
      device: 'cpu',
      dtype: dtype as DataType,
      model_file_name: name.endsWith('-merged') ? 'decoder_model_merged' : 'model',
    });
    const input_ids = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
    const output = await model.generate({
      input_ids,
      attention_mask: ones_like(input_ids),
      max_new_tokens: baseline.length,
      do_sample: false,
    } as Parameters<typeof model.generate>[0]);
    await model.dispose();
    const answer = Array.from((output as Tensor).data as BigInt64Array, Number).slice(ids.length);
    // It stops at an end token.
    expect(answer.length).toBeGreaterThan(0);
    expect(answer).toEqual(baseline.slice(0, answer.length));
  });
});

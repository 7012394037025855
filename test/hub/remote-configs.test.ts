/** A model's small files on the hub: which of them are read, what they tell, and what is refused as its folder would be. */
import { expect, it } from 'vitest';
import { readConfigs } from '../../engine/hub/remote-configs';

const TOP = 'model.onnx';
const BELOW = 'onnx/model.onnx';
const CONFIG = '{"model_type": "qwen2", "max_position_embeddings": 64}';
const genai = (filename: string) =>
  JSON.stringify({ model: { type: 'phi3', context_length: 32, decoder: { filename } } });
const templated = (text: string) => JSON.stringify({ chat_template: text });

/** What is read of a repository with these texts, of which some have another size than they have. */
async function reading(files: Record<string, string>, onnx: string, sizes: Record<string, number> = {}) {
  const asked: string[] = [];
  const hub = {
    endpoint: 'http://hub.test',
    fetch: async (input: unknown) => {
      const path = String(input).split(`/${COMMIT}/`)[1]!;
      asked.push(path);
      return new Response(files[path]);
    },
  };
  const file = (path: string) => ({ path, bytes: sizes[path] ?? 1, blob: 'e'.repeat(40) });
  const repo = { id: 'org/name', commit: COMMIT, files: [...Object.keys(files), onnx].map(file) };
  const { config, template, fetched } = await readConfigs(hub, repo, file(onnx));
  const says = template?.render([{ role: 'user', content: 'x' }], {
    variables: {},
    now: new Date(0),
    addGenerationPrompt: false,
  });
  return { asked, family: config.model_type, context: config.max_position_embeddings, says, fetched };
}
const COMMIT = 'c'.repeat(40);

it('are told by config.json, and counted in bytes', async () => {
  const tokenizer = templated('é {{ messages[0].content }}');
  const files = { 'config.json': CONFIG, 'tokenizer.json': '', 'tokenizer_config.json': tokenizer };
  expect(await reading({ ...files, 'genai_config.json': genai(TOP) }, BELOW)).toEqual({
    asked: ['config.json', 'tokenizer_config.json'],
    family: 'qwen2',
    context: 64,
    says: 'é x',
    fetched: CONFIG.length + Buffer.byteLength(tokenizer),
  });
});

it('of onnxruntime-genai tell what config.json does not', async () => {
  const files = { 'genai_config.json': genai(TOP), 'tokenizer.json': '' };
  expect(await reading(files, TOP)).toMatchObject({ family: 'phi3', context: 32, says: undefined });
  // In a folder below it is that of another export, of which there is nothing better.
  expect(await reading({ ...files, 'genai_config.json': genai('x.onnx') }, BELOW)).toMatchObject({
    family: 'phi3',
  });
  const both = await reading({ ...files, 'config.json': CONFIG }, TOP);
  expect(both).toMatchObject({ family: 'qwen2', asked: ['genai_config.json', 'config.json'] });
});

it('have the template that transformers takes: a file of its own, that of the tokenizer, that of a processor', async () => {
  const files: Record<string, string> = {
    'config.json': CONFIG,
    'tokenizer.json': '',
    'chat_template.json': templated('processor'),
  };
  expect((await reading(files, BELOW)).says).toBe('processor');
  files['tokenizer_config.json'] = templated('tokenizer');
  expect((await reading(files, BELOW)).says).toBe('tokenizer');
  files['chat_template.jinja'] = 'own';
  expect((await reading(files, BELOW)).says).toBe('own');
});

const WHOLE = { 'config.json': CONFIG, 'tokenizer.json': '' };
it.each<[string, Record<string, string>, string, string, RegExp]>([
  ['no config', { 'tokenizer.json': '' }, BELOW, 'missing-file', /^org\/name has no config\.json$/],
  ['no tokenizer', { 'config.json': CONFIG }, BELOW, 'missing-file', /^org\/name has no tokenizer\.json$/],
  [
    'a genai config of another file',
    { ...WHOLE, 'genai_config.json': genai('other.onnx') },
    TOP,
    'missing-file',
    /^genai_config\.json of org\/name does not name model\.onnx$/,
  ],
  [
    'a config that is no JSON',
    { ...WHOLE, 'config.json': '{' },
    BELOW,
    'malformed-json',
    /^org\/name\/config\.json/,
  ],
  [
    'a generation config of another form',
    { ...WHOLE, 'generation_config.json': '{"eos_token_id": "x"}' },
    BELOW,
    'malformed-json',
    /^org\/name\/generation_config\.json/,
  ],
])('with %s are refused, and another is to be chosen', async (_, files, onnx, code, message) => {
  await expect(reading(files, onnx)).rejects.toMatchObject({
    kind: 'input',
    code,
    message: expect.stringMatching(message),
    hint: 'Choose another dtype or another export of the model.',
  });
});

it('of an encoder-decoder, or larger than any model needs, are refused', async () => {
  const encoder = { ...WHOLE, 'config.json': '{"is_encoder_decoder": true}' };
  await expect(reading(encoder, BELOW)).rejects.toMatchObject({ code: 'encoder-decoder' });
  const large = reading(WHOLE, BELOW, { 'config.json': 2 ** 24 + 1 });
  await expect(large).rejects.toMatchObject({
    code: 'oversized-file',
    message: expect.stringMatching(/^org\/name\/config\.json has 17 MiB/),
  });
});

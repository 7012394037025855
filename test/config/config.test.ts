/** config.json as Python's json writes it and as Hugging Face's models hold it: what it leaves open is open, not broken. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { genaiFile, readConfig } from '../../engine/config/config';
import { readText } from '../../engine/config/read-file';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();

function config(text: string) {
  writeFileSync(join(folder, 'config.json'), text);
  return readConfig(folder);
}

it('takes what json.dumps writes for floats that are no JSON', () => {
  const text =
    '{"attention_dropout": NaN, "limit": [-Infinity, Infinity], "name": "NaN \\" Infinity", "head_dim": 8}';
  expect(config(text)).toMatchObject({ limit: [null, null], name: 'NaN " Infinity', head_dim: 8 });
});

it.each(['null', '1e30', 'Infinity', '1000000000000000019884624838656'])(
  'knows no context length where it is %s',
  (value) => {
    expect(config(`{"max_position_embeddings": ${value}}`).max_position_embeddings).toBeUndefined();
  },
);

it('takes null for what is not said', () => {
  const names = [
    'model_type',
    'is_encoder_decoder',
    'num_hidden_layers',
    'num_attention_heads',
    'num_key_value_heads',
    'head_dim',
    'hidden_size',
    'eos_token_id',
  ];
  expect(() => config(JSON.stringify(Object.fromEntries(names.map((name) => [name, null]))))).not.toThrow();
});

it.each(['{"head_dim": 1.5}', '{"head_dim": "8"}', '{"head_dim": Infinit}', '{"a": NaNa}'])(
  'refuses %s',
  (text) => {
    expect(() => config(text)).toThrow('config.json');
  },
);

it('refuses bytes that are not UTF-8, as Python does', () => {
  writeFileSync(join(folder, 'config.json'), Buffer.from('{"model_type": "größe"}', 'latin1'));
  expect(() => readConfig(folder)).toThrow('not UTF-8');
});

it('leaves a template its byte-order mark, as Python does, and takes it from JSON', () => {
  writeFileSync(join(folder, 'chat_template.jinja'), '\ufeff{{ x }}');
  expect(readText(join(folder, 'chat_template.jinja'))).toBe('\ufeff{{ x }}');
  expect(config('\ufeff{"head_dim": 8}')).toEqual({ head_dim: 8 });
});

it.each(['../model.onnx', '/etc/model.onnx', 'cpu/../../model.onnx', 'cpu/model.onnx', '..', '.', ''])(
  'takes no %j for the name of the file beside genai_config.json',
  (filename) => {
    const decoder = (name: string) => JSON.stringify({ model: { decoder: { filename: name } } });
    writeFileSync(join(folder, 'genai_config.json'), decoder(filename));
    expect(() => genaiFile(folder)).toThrow(
      expect.objectContaining({
        kind: 'input',
        code: 'malformed-json',
        message: expect.stringContaining('is not a file name'),
      }),
    );
    writeFileSync(join(folder, 'genai_config.json'), decoder('model.onnx'));
    expect(genaiFile(folder)).toBe(join(folder, 'model.onnx'));
  },
);

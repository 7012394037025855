/** What is wrong with a value, as users read it behind a key's name; and what to do about a file where nobody says. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { decoderConfig } from '../../engine/checkpoint/decoder/config';
import { parseJson } from '../../engine/config/read-file';
import { badInput } from '../../engine/protocol';

const wordsOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues[0]?.message;

it.each<[z.ZodType, unknown, string]>([
  [z.number(), undefined, 'it is missing'],
  [z.int(), 64.5, 'it is 64.5, not a whole number'],
  [z.number(), Number.NaN, 'it is not a number'],
  [z.number(), '64', 'it is text, not a number'],
  [z.string(), null, 'it is null, not text'],
  [z.boolean(), {}, 'it is an object, not true or false'],
  [z.object({}), [], 'it is a list, not an object'],
  [z.array(z.string()), true, 'it is true, not a list'],
  [z.string().min(1), '', 'it is empty'],
  [z.string('a name'), 5, 'a name'],
])('%# says what was found and what is needed', (schema, value, words) => {
  expect(wordsOf(schema, value)).toBe(words);
});

it('keeps the words of bounds', () => {
  expect(wordsOf(z.number().min(1), 0)).toMatch(/>=1/);
  expect(wordsOf(z.string().min(2), 'a')).toMatch(/>=2/);
});

it('names the key of config.json that is missing, and a way out', () => {
  expect(() => decoderConfig({ model_type: 'llama', hidden_size: 64 }, {})).toThrow(
    expect.objectContaining({
      message: 'config.json: intermediate_size: it is missing',
      hint: 'Use an ONNX export of the model.',
    }),
  );
  expect(() => parseJson('{"a":"x"}', 'f.json', z.object({ a: z.number() }))).toThrow(
    expect.objectContaining({
      message: 'f.json: a: it is text, not a number',
      hint: 'Get the file again, or correct it.',
    }),
  );
  expect(badInput('malformed-gguf', 'm', 'Better advice.').hint).toBe('Better advice.');
});

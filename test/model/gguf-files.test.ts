/** GGUF files by their names: which is which quantisation, where a folder holds several models. */
import { expect, it } from 'vitest';
import { ggufNames } from '../../engine/model/gguf-files';

const names = (...files: string[]) => Object.fromEntries(ggufNames(files));

it('names a quantisation once, and others of the same one by their files', () => {
  expect(names('b.q4_0.gguf', 'a-Q4_0.gguf', 'a-IQ2_XS.GGUF', 'plain.gguf')).toEqual({
    Q4_0: 'a-Q4_0.gguf',
    b_q4_0: 'b.q4_0.gguf',
    IQ2_XS: 'a-IQ2_XS.GGUF',
    gguf: 'plain.gguf',
  });
});

it('shortens long names from the front, where models of one family are alike', () => {
  const long = `${'x'.repeat(50)}-small-Q4_0.gguf`;
  const [first, second] = Object.keys(names('a-Q4_0.gguf', long));
  expect(first).toBe('Q4_0');
  expect(second).toMatch(/^x+_small_Q4_0$/);
  expect(second).toHaveLength(40);
});

it('counts the parts of a model as one, and what sees and hears as none', () => {
  expect(
    names('m-F16-00001-of-00002.gguf', 'm-F16-00002-of-00002.gguf', 'mmproj-m-F16.gguf', 'notes.txt'),
  ).toEqual({ F16: 'm-F16-00001-of-00002.gguf' });
});

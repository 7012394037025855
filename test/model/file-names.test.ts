/** What files of models say by their names: which weights they hold, what belongs to them, which are taken first. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ggufFiles, ggufNames, isModelFile, isSameModel, modelName } from '../../engine/model/gguf-files';
import { bytesOnDisk, graphSources, preferredDtype, withDtype } from '../../engine/model/graph-sources';
import { lossWords } from '../../engine/model/loss-words';
import { dtypeOf, isDataOf, onnxFiles, weightFiles } from '../../engine/model/onnx-files';
import { temporaryFolder } from '../../fixtures/runs';

const folder = temporaryFolder();

describe('an ONNX file', () => {
  it.each([
    ['model.onnx', 'fp32'],
    ['model_fp16.onnx', 'fp16'],
    ['model_quantized.onnx', 'q8'],
    ['model_q4f16.onnx', 'q4f16'],
    ['decoder_model.onnx', 'fp32'],
    ['decoder_model_merged.onnx', 'fp32'],
    ['decoder_model_merged_int8.onnx', 'int8'],
    ['model_merged_q4.onnx', 'q4'],
    ['encoder_model.onnx', undefined],
    ['my_model.onnx', undefined],
    ['model.onnx.part', undefined],
    ['model-q4.onnx', undefined],
    ['modelXonnx', undefined],
  ])('%s holds %s', (name, dtype) => {
    expect(dtypeOf(name)).toBe(dtype);
  });

  it.each([
    ['model.onnx_data', true],
    ['model.onnx.data', true],
    ['model.onnx_data_1', true],
    ['model.onnx_data_12', true],
    ['model.onnx', false],
    ['model.onnx_data_', false],
    ['model.onnx_data_x', false],
    ['model.onnx_data.lock', false],
    ['model.onnx-data', false],
    ['model_q4.onnx_data', false],
    ['my_model.onnx_data', false],
  ])('model.onnx has %s for its data: %s', (name, isData) => {
    expect(isDataOf('model.onnx', name)).toBe(isData);
  });

  it('has its data in order, and is looked for in the folder itself where there is no onnx/', () => {
    const path = join(folder, 'flat');
    mkdirSync(path);
    for (const name of ['model.onnx_data_1', 'model.onnx', 'model.onnx_data', 'model_q4.onnx', 'notes'])
      writeFileSync(join(path, name), '1234');
    expect([...onnxFiles(path)]).toEqual([
      ['fp32', join(path, 'model.onnx')],
      ['q4', join(path, 'model_q4.onnx')],
    ]);
    const files = ['model.onnx', 'model.onnx_data', 'model.onnx_data_1'].map((name) => join(path, name));
    expect(weightFiles(join(path, 'model.onnx'))).toEqual(files);
    expect(bytesOnDisk([...files, join(path, 'gone')])).toBe(12);
    // One in onnx/ goes before them.
    mkdirSync(join(path, 'onnx'));
    expect(onnxFiles(path).size).toBe(2);
    writeFileSync(join(path, 'onnx', 'model_fp16.onnx'), '');
    expect([...onnxFiles(path)]).toEqual([['fp16', join(path, 'onnx', 'model_fp16.onnx')]]);
    expect(graphSources(path).map(({ dtype }) => dtype)).toEqual(['fp16']);
  });

  it('is none where there is no folder, or nothing in it', () => {
    expect(onnxFiles(join(folder, 'gone')).size).toBe(0);
    mkdirSync(join(folder, 'empty'));
    expect(() => graphSources(join(folder, 'empty'))).toThrow(expect.objectContaining({ code: 'no-model' }));
  });
});

describe('a GGUF file', () => {
  it.each([
    ['m-Q4_K_M', 'Q4_K_M'],
    ['m.iq2_xs', 'IQ2_XS'],
    ['m TQ1_0', 'TQ1_0'],
    ['m_MXFP4_MOE', 'MXFP4_MOE'],
    ['m-BF16', 'BF16'],
    ['m-f16', 'F16'],
    ['m-F32', 'F32'],
    ['Q8_0', 'Q8_0'],
    ['m-F32x', 'gguf'],
    ['mQ8_0', 'gguf'],
    ['m-Q8_0-imat', 'gguf'],
    ['m-IQ', 'gguf'],
  ])('%s.gguf holds %s', (name, dtype) => {
    expect([...ggufFiles(`${name}.gguf`)]).toEqual([[dtype, `${name}.gguf`]]);
  });

  it('is a model, or the first part of one, and no projector', () => {
    const names = [
      'a.gguf',
      'a.GGUF',
      'a-00001-of-00003.gguf',
      'a-00002-of-00003.gguf',
      'a.gguf.part',
      'agguf',
    ];
    expect(names.filter(isModelFile)).toEqual(names.slice(0, 3));
    const projectors = ['mmproj-a.gguf', 'a.MMPROJ-f16.gguf', 'org_mmproj.gguf'];
    expect([...projectors, 'ammproj.gguf'].filter(isModelFile)).toEqual(['ammproj.gguf']);
    expect(modelName('/x/a-00001-of-00003.gguf')).toBe('a');
    expect(modelName('/x/a.gguf.v2.gguf')).toBe('a.gguf.v2');
    expect(isSameModel('/x/a-00001-of-00003.gguf', 'a-00003-of-00003.gguf')).toBe(true);
    expect(isSameModel('a-00001-of-00003.gguf', 'b-00002-of-00003.gguf')).toBe(false);
  });

  it('is known by its whole name where another has its quantisation, in whatever order they are listed', () => {
    const expected = { Q4_0: 'a-Q4_0.gguf', b_c_Q4_0: 'b.c-Q4_0.gguf' };
    expect(Object.fromEntries(ggufNames(['a-Q4_0.gguf', 'b.c-Q4_0.gguf']))).toEqual(expected);
    expect(Object.fromEntries(ggufNames(['b.c-Q4_0.gguf', 'a-Q4_0.gguf']))).toEqual(expected);
  });
});

describe('where no dtype is asked for', () => {
  it.each([
    ['q4 q8 fp16 fp32', 'fp32'],
    ['q4f16 q4 uint8 int8', 'int8'],
    ['safetensors_q4 safetensors_q8 safetensors', 'safetensors'],
    ['F32 BF16 Q4_K_M Q8_0', 'Q8_0'],
    ['BF16 F16 IQ2_XS', 'F16'],
    ['bnb4 x', 'bnb4'],
  ])('of %s it is %s', (dtypes, taken) => {
    expect(preferredDtype(dtypes.split(' '))).toBe(taken);
  });

  it('there is none of nothing', () => {
    expect(preferredDtype([])).toBeUndefined();
  });
});

it('a dtype that is asked for is found in whatever case, the same one first', () => {
  const all = ['Q4_0', 'q4_0', 'F16'].map((dtype) => ({ dtype }));
  expect([withDtype(all, 'q4_0'), withDtype(all, 'Q4_0'), withDtype(all, 'f16')]).toEqual([
    all[1],
    all[0],
    all[2],
  ]);
  expect(withDtype(all, 'q8')).toBeUndefined();
});

it.each([
  [{ kl: 0.00123, same: 0.987, tokens: 128 }, 'by 0.0012 nats (KL), and 99 % have'],
  [{ kl: 0.5, same: 0.9946, tokens: 128 }, 'by 0.50 nats (KL), and 99 % have'],
  [{ kl: 0.0001, same: 0.995, tokens: 128 }, 'and 99.5 % have'],
  [{ kl: 0, same: 1, tokens: 64 }, 'over a text of 64 tokens the next-token'],
])('rounding that lost %o is told so', (loss, words) => {
  expect(lossWords(loss)).toContain(words);
});

/** Which weights a folder holds and which of them are taken, and what its configs say together. */
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readModelFolder } from '../../engine/model/folder';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, temporaryFolder } from '../../fixtures/runs';
import { openModel, runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
let folders = 0;

/** A folder with nothing but names in onnx/. */
function withFiles(...files: string[]): string {
  const path = join(folder, `names-${++folders}`);
  mkdirSync(join(path, 'onnx'), { recursive: true });
  for (const file of files) writeFileSync(join(path, 'onnx', file), '');
  writeFileSync(join(path, 'config.json'), '{}');
  writeFileSync(join(path, 'tokenizer.json'), '{"model":{}}');
  return path;
}

it.each<[string[], string[], string]>([
  [['model.onnx'], ['fp32'], 'fp32'],
  [['model_fp16.onnx', 'model.onnx', 'model_q4.onnx'], ['fp32', 'fp16', 'q4'], 'fp32'],
  [['model_q4.onnx', 'model_fp16.onnx'], ['fp16', 'q4'], 'fp16'],
  [['model_quantized.onnx', 'model_q4f16.onnx', 'model_bnb4.onnx'], ['bnb4', 'q4f16', 'q8'], 'q8'],
  [['decoder_model_merged.onnx', 'decoder_model_merged_fp16.onnx'], ['fp32', 'fp16'], 'fp32'],
  [
    ['model.onnx', 'model.onnx_data', 'vision_encoder.onnx', 'model.onnx.tmp', '.model.onnx'],
    ['fp32'],
    'fp32',
  ],
])('%j: %j, of which %s is taken', (files, dtypes, taken) => {
  const found = readModelFolder(withFiles(...files), null);
  expect([...found.dtypes].sort()).toEqual([...dtypes].sort());
  expect(found.dtype).toBe(taken);
});

it('takes the dtype that is asked for, or names those that are there', () => {
  const path = withFiles('model.onnx', 'model_q4.onnx');
  expect(readModelFolder(path, 'q4').source.files).toEqual([join(path, 'onnx', 'model_q4.onnx')]);
  expect(readModelFolder(path, 'Q4').dtype).toBe('q4');
  expect(() => readModelFolder(path, 'fp16')).toThrow(
    expect.objectContaining({ code: 'no-dtype', hint: expect.stringMatching(/fp32.*q4/) }),
  );
});

it('gathers end tokens from both configs, once each', () => {
  const path = withFiles('model.onnx');
  const write = (file: string, eos: unknown) =>
    writeFileSync(join(path, file), JSON.stringify({ eos_token_id: eos }));
  write('config.json', 5);
  write('generation_config.json', [7, 5]);
  expect([...readModelFolder(path, null).eosTokenIds].sort()).toEqual([5, 7]);
  write('config.json', null);
  rmSync(join(path, 'generation_config.json'));
  expect(readModelFolder(path, null).eosTokenIds).toEqual([]);
});

it('opens each dtype of a folder as the model that it is', async () => {
  const engine = testEngine();
  const path = join(folder, 'two');
  writeDecoder(path, { layers: 1, dtype: 'float16', suffix: '_fp16', seed: 2 });
  writeDecoder(path, { layers: 1, seed: 1 });
  const run = (dtype: string | null) =>
    runEvents(engine, {
      model: { folder: path, dtype },
      prompt: { kind: 'raw', text: 'x y z' },
      lanes: [{ name: 'baseline', steps: 0 }],
      generation: { maxNewTokens: 8, ignoreEos: true },
    });
  const [first, half, again] = [await run(null), await run('fp16'), await run('fp32')];
  expect([first, half, again].map((events) => one(events, 'run.started').model.dtype)).toEqual([
    'fp32',
    'fp16',
    'fp32',
  ]);
  expect(answerOf(again, 'baseline')).toEqual(answerOf(first, 'baseline'));
  expect(answerOf(half, 'baseline')).not.toEqual(answerOf(first, 'baseline'));
  // A folder that is renamed keeps nothing of its old name.
  renameSync(path, join(folder, 'moved'));
  expect((await openModel(engine, join(folder, 'moved'))).id).toBe('moved');
});

it('takes a checkpoint as it is only where it leaves memory for a run, and ONNX files before it', () => {
  const path = withFiles();
  const wanted = () => readModelFolder(path, null).dtype;
  /** Without a byte on disk. */
  const write = (file: string, share: number) => {
    writeFileSync(join(path, file), '');
    truncateSync(join(path, file), Math.ceil(share * totalmem()));
  };
  write('model.safetensors', 0.29);
  expect(wanted()).toBe('safetensors');
  write('model.safetensors', 0.31);
  expect(wanted()).toBe('safetensors_q8');
  // Of any size: there is no smaller one of the same weights.
  write('onnx/model_q4.onnx', 0.31);
  expect(wanted()).toBe('q4');
});

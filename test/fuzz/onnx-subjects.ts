/** ONNX files: all that opening a model does before onnxruntime sees a view; and whole runs, with onnxruntime. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Engine } from '../../engine/api/engine';
import type { ModelConfig } from '../../engine/config/config';
import { readModelFolder } from '../../engine/model/folder';
import { KvLayout } from '../../engine/model/kv-cache';
import { DataType } from '../../engine/onnx/proto/data-type';
import { GraphBuilder } from '../../engine/onnx/proto/graph-builder';
import { findHead } from '../../engine/onnx/recognise/find-head';
import { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { OnnxFile } from '../../engine/onnx/source/onnx-file';
import { backboneView, firstCallView } from '../../engine/onnx/views/backbone-view';
import { planHead, plannedViews } from '../../engine/onnx/views/plan-head';
import { ARITHMETICS, EngineError, RunConfig, type RunEvent } from '../../engine/protocol';
import { type DecoderOptions, writeDecoder } from '../../fixtures/decoder';
import { writeNBitsLayers } from '../../fixtures/nbits-layers';
import {
  bfloat16Head,
  dequantizeHead,
  integerHead,
  nBitsHead,
  type QuantizedHead,
} from '../../fixtures/quantized-heads';
import { OnnxMutator } from './mutate-onnx';
import type { Random } from './random';
import type { Subject } from './subject';

const DECODERS: readonly Partial<DecoderOptions>[] = [
  { weights: 'external', head: 'Gemm', gemmBias: true, tail: [{ op: 'Add' }, { op: 'cap', at: 5 }] },
  { weights: 'split', constants: 'node', head: 'MatMul(Transpose)', tail: [{ op: 'Mul', by: 2 }] },
  { weights: 'external', constants: 'typed', dtype: 'float16', head: 'MatMul', tail: [{ op: 'Cast' }] },
];

const SIZES = { vocab: 64, d: 32 };
const QUANTIZED: readonly QuantizedHead[] = [
  nBitsHead({ ...SIZES, bits: 4, blockSize: 16, zeroPoints: 'packed' }),
  nBitsHead({ ...SIZES, bits: 8, blockSize: 32, zeroPoints: 'float', accuracyLevel: 4 }),
  nBitsHead({ ...SIZES, bits: 4, blockSize: 16, constants: true, flat: true }),
  integerHead({ ...SIZES, operator: 'MatMulInteger', type: 'uint8', perChannel: true }),
  integerHead({ ...SIZES, operator: 'DynamicQuantizeMatMul', type: 'int8', perChannel: false }),
  dequantizeHead({ ...SIZES, type: 'uint4', layout: 'Vd', axis: 1, blockSize: 16, zeroPoint: true }),
  dequantizeHead({ ...SIZES, type: 'int8', layout: 'dV', axis: 1, zeroPoint: true }),
  bfloat16Head(SIZES),
];

/** A model folder whose ONNX file is overwritten by one mutant after the other. */
class Donor {
  private readonly onnxPath: string;
  private readonly mutator: OnnxMutator;
  readonly config: ModelConfig;

  constructor(readonly folder: string) {
    const found = readModelFolder(folder, null);
    this.onnxPath = found.source.files[0]!;
    this.config = found.config;
    this.mutator = new OnnxMutator(readFileSync(found.source.files[0]!));
  }

  mutate(random: Random): string {
    // A new file: the model that is still open has the last one mapped.
    rmSync(this.onnxPath, { force: true });
    writeFileSync(this.onnxPath, this.mutator.mutant(random));
    return this.onnxPath;
  }
}

/** @param folder for the donors @param exports folders of exported models, to be copied there */
export function onnxSubjects(folder: string, exports: readonly string[], engine: Engine): Subject[] {
  const donors = DECODERS.map((options, i) => {
    return new Donor(writeDecoder(join(folder, `decoder-${i}`), { layers: 1, ...options }).folder);
  });
  donors.push(new Donor(writeNBitsLayers(join(folder, 'layers'), { layers: 1, bits: 8 }).folder));
  for (const exported of exports) {
    const copy = join(folder, basename(exported));
    cpSync(exported, copy, { recursive: true });
    donors.push(new Donor(copy));
  }
  const headPath = join(folder, 'head.onnx');
  const heads = QUANTIZED.map((head) => headFile(headPath, head));
  return [
    {
      name: 'quantised head',
      share: 5,
      attempt: (random) => {
        writeFileSync(headPath, random.pick(heads).mutant(random));
        return multiply(headPath);
      },
    },
    {
      name: 'onnx',
      share: 55,
      attempt: (random) => {
        const donor = random.pick(donors);
        buildViews(donor.mutate(random), donor.config);
      },
    },
    {
      name: 'sessions',
      share: 0,
      attempt: (random) => {
        const donor = random.pick(donors);
        donor.mutate(random);
        return answer(engine, donor.folder);
      },
    },
  ];
}

function buildViews(path: string, config: ModelConfig): void {
  const file = new OnnxFile(path);
  try {
    const head = findHead(file.model);
    new KvLayout(file.model, config).empty(1);
    for (const arithmetic of ARITHMETICS)
      for (const view of [backboneView, firstCallView]) view(file, head, arithmetic);
    for (const { build } of plannedViews(planHead(file, head))) build();
  } finally {
    file.close();
  }
}

/** A file that is a head and nothing else, [1, n, d] → logits. */
function headFile(path: string, { write }: QuantizedHead): OnnxMutator {
  const builder = GraphBuilder.forViews();
  const hidden = builder.input('x', DataType.FLOAT, [1, 'sequence', SIZES.d]);
  const normed = builder.node('Mul', [hidden, builder.floats(new Float32Array(SIZES.d), [SIZES.d], 'norm')]);
  builder.node('Reshape', [write(builder, normed), builder.ints([1, -1, SIZES.vocab])], {}, 'logits');
  builder.output('logits', DataType.FLOAT, [1, 'sequence', SIZES.vocab]);
  const bytes = builder.finish();
  writeFileSync(path, bytes);
  return new OnnxMutator(bytes);
}

/** Every product with W, by onnxruntime. */
async function multiply(path: string): Promise<void> {
  const file = new OnnxFile(path);
  try {
    const head = await HeadRuntime.open(file, findHead(file.model), { folder: file.folder, prepack: true });
    try {
      await head.project(new Float32Array(2 * head.hiddenSize).fill(1));
      await head.projectDelta(new Float32Array(head.hiddenSize).fill(1));
      await head.transposedProduct(new Float32Array(head.vocab).fill(1));
    } finally {
      await head.release();
    }
  } finally {
    file.close();
  }
}

/** A run of two lanes to its end. */
async function answer(engine: Engine, folder: string): Promise<void> {
  const config = RunConfig.parse({
    model: { folder },
    prompt: { kind: 'raw', text: 'Tom has 3 apples.' },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 1 },
    ],
    generation: { maxNewTokens: 2, ignoreEos: true },
  });
  let last: RunEvent | undefined;
  await engine.run('fuzz', config, (event) => {
    last = event;
  });
  if (last?.type !== 'run.failed') return;
  if (last.code === 'internal') throw new Error(last.message);
  throw new EngineError(last.kind, last.code, last.message, last.hint);
}

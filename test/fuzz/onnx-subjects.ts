/** ONNX files: all that opening a model does before onnxruntime sees a view; and whole runs, with onnxruntime. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Engine } from '../../engine/engine';
import { type ModelConfig, readModelFolder } from '../../engine/model/folder';
import { KvLayout } from '../../engine/model/kv-cache';
import { backboneView } from '../../engine/onnx/backbone-view';
import { findHead } from '../../engine/onnx/head';
import { OnnxFile } from '../../engine/onnx/model-file';
import {
  distributionView,
  exponentialsView,
  gradientView,
  mixtureView,
  objectiveView,
  projectionView,
} from '../../engine/onnx/views';
import { EngineError, RunConfig, type RunEvent } from '../../engine/protocol';
import { type DecoderOptions, writeDecoder } from '../models/decoder';
import { OnnxMutator } from './mutate-onnx';
import type { Random } from './random';
import type { Subject } from './subject';

const DECODERS: readonly Partial<DecoderOptions>[] = [
  { weights: 'external', head: 'Gemm', gemmBias: true, tail: [{ op: 'Add' }, { op: 'cap', at: 5 }] },
  { weights: 'split', constants: 'node', head: 'MatMul(Transpose)', tail: [{ op: 'Mul', by: 2 }] },
  { weights: 'external', constants: 'typed', dtype: 'float16', head: 'MatMul', tail: [{ op: 'Cast' }] },
];

/** A model folder whose ONNX file is overwritten by one mutant after the other. */
class Donor {
  private readonly onnxPath: string;
  private readonly mutator: OnnxMutator;
  readonly config: ModelConfig;

  constructor(readonly folder: string) {
    const found = readModelFolder(folder, null);
    this.onnxPath = found.onnxPath;
    this.config = found.config;
    this.mutator = new OnnxMutator(readFileSync(found.onnxPath));
  }

  mutate(random: Random): string {
    writeFileSync(this.onnxPath, this.mutator.mutant(random));
    return this.onnxPath;
  }
}

/** @param folder for the donors @param exports folders of exported models, to be copied there */
export function onnxSubjects(folder: string, exports: readonly string[], engine: Engine): Subject[] {
  const donors = DECODERS.map((options, i) => {
    return new Donor(writeDecoder(join(folder, `decoder-${i}`), { layers: 1, ...options }).folder);
  });
  for (const exported of exports) {
    const copy = join(folder, basename(exported));
    cpSync(exported, copy, { recursive: true });
    donors.push(new Donor(copy));
  }
  return [
    {
      name: 'onnx',
      share: 60,
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
    const views = [projectionView, gradientView, exponentialsView, objectiveView, distributionView];
    for (const view of [backboneView, ...views]) view(file, head);
    mixtureView(head);
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

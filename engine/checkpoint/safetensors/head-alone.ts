/**
 * A checkpoint of which the head alone is here, for models whose layers run elsewhere: `head.safetensors` with the head's
 * own tensors, and `layers.json` with what all others are called and how large they are.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readConfig } from '../../config/config';
import { readJson } from '../../config/read-file';
import { FileSource } from '../../onnx/source/file-source';
import type { PlannedFile } from '../../onnx/source/generated-files';
import { type Checkpoint, FLOAT_TYPES, type StoredTensor } from '../checkpoint';
import { decoderSpec } from '../decoder/families';
import { MAX_TENSORS, readHeader } from './header';
import { safetensorsOf } from './read';

const HEAD = 'head.safetensors';
const LAYERS = 'layers.json';

export const Layers = z.strictObject({
  tensors: z
    .array(
      z.strictObject({
        name: z.string().max(1_000),
        type: z.enum(FLOAT_TYPES),
        dims: z.array(z.int().min(0)).max(8),
        length: z
          .int()
          .min(0)
          .max(2 ** 48),
      }),
    )
    .max(MAX_TENSORS),
  /** Names and types of those that are not read. */
  unread: z.array(z.tuple([z.string().max(1_000), z.string().max(40)])).max(MAX_TENSORS),
});
export type Layers = z.infer<typeof Layers>;

interface HeadAlone {
  readonly checkpoint: Checkpoint;
  /** In place of the layers' files. */
  readonly planned: PlannedFile;
}

interface Files {
  readonly head: string;
  readonly layers: string;
}

/** @param folder of one head */
export function headFiles(folder: string): Files {
  return { head: join(folder, HEAD), layers: join(folder, LAYERS) };
}

export function isHeadAlone(folder: string): boolean {
  return Object.values(headFiles(folder)).every((file) => existsSync(file));
}

/** Which tensors a head is made of, with the last norm. @throws EngineError `unsupported-architecture`, `unsupported-checkpoint` */
export function headTensors({ config, tensors }: Checkpoint): StoredTensor[] {
  const { tied } = decoderSpec(config, false);
  const names = [tied ? 'model.embed_tokens.weight' : 'lm_head.weight', 'lm_head.bias', 'model.norm.weight'];
  return names.flatMap((name) => tensors.get(name) ?? []);
}

/** @throws EngineError naming what is missing or damaged */
export function readHeadAlone(folder: string): HeadAlone {
  const files = headFiles(folder);
  const source = new FileSource(files.head);
  try {
    const head = readHeader(source, files.head);
    const { tensors, unread } = readJson(files.layers, Layers);
    const elsewhere: StoredTensor[] = [];
    let bytes = 0;
    for (const tensor of tensors) {
      elsewhere.push({ ...tensor, file: files.layers, offset: bytes });
      bytes += tensor.length;
    }
    const layers = { tensors: elsewhere, others: new Map(unread) };
    const checkpoint = safetensorsOf(readConfig(folder), [head, layers], folder);
    return { checkpoint, planned: { path: files.layers, bytes } };
  } finally {
    source.close();
  }
}

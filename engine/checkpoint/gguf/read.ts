/** A GGUF file, or several that hold one model, as a checkpoint. */
import { FileSource } from '../../onnx/source/file-source';
import { badInput } from '../../protocol';
import type { Checkpoint, StoredTensor } from '../checkpoint';
import { ARCHITECTURES, type ArchitectureName, isArchitecture } from './architectures';
import { configOf, type KnownTensors } from './config';
import { Fields } from './fields';
import type { GgufHeader, GgufTensor } from './header';
import type { Metadata } from './metadata';
import { transformersName } from './names';
import type { RopeFactors } from './rope';
import { readParts } from './split';

export interface GgufCheckpoint extends Checkpoint {
  readonly format: 'gguf';
  readonly metadata: Metadata;
}

/** Ollama keeps a vision model and its projector in one file. */
const IMAGES = /^(v|mm)\./;

/** A tensor's bytes, which are few. */
export type ReadTensor = (tensor: GgufTensor) => Uint8Array;

const ROPE_FACTORS = {
  'rope_freqs.weight': 'all',
  'rope_factors_short.weight': 'short',
  'rope_factors_long.weight': 'long',
} as const satisfies Readonly<Record<string, keyof RopeFactors>>;
const MAX_ROPE_FACTORS = 4096;
/** What older converters wrote of each layer: the frequencies that any reader works out. */
const UNUSED = /^blk\.\d+\.attn_rot_embd\./;

/**
 * @param path the file, or any one of several. Links are followed, files are closed.
 * @throws EngineError in one line: what is missing, short, malformed or not supported
 */
export function readGguf(path: string): GgufCheckpoint {
  return checkpointOf(readParts(path), path, ({ file, offset, length }) => {
    const source = new FileSource(file);
    try {
      return source.copy(offset, length);
    } finally {
      source.close();
    }
  });
}

/**
 * What headers say of a model, wherever they come from.
 * @param path for messages
 */
export function checkpointOf(header: GgufHeader, path: string, read: ReadTensor): GgufCheckpoint {
  const { metadata } = header;
  const name = architectureName(metadata, path);
  const architecture = ARCHITECTURES[name];
  const ropeFactors: { -readonly [K in keyof RopeFactors]: RopeFactors[K] } = {};
  const tensors = new Map<string, StoredTensor>();
  for (const tensor of header.tensors) {
    if (UNUSED.test(tensor.name)) continue;
    if (isRopeFactors(tensor.name)) {
      ropeFactors[ROPE_FACTORS[tensor.name]] = factorsOf(tensor, read);
      continue;
    }
    const renamed = transformersName(tensor.name, architecture);
    if (renamed === undefined || tensors.has(renamed)) {
      throw badInput(
        'unsupported-checkpoint',
        `${path} has a tensor "${tensor.name}", which is not known of the architecture "${name}"`,
        IMAGES.test(tensor.name) ? 'It reads images too: get a file of the language model alone.' : '',
      );
    }
    tensors.set(renamed, { ...tensor, name: renamed });
  }
  const fields = new Fields(metadata, name, path);
  return {
    format: 'gguf',
    config: configOf(name, fields, metadata, { ...known(tensors, path), ropeFactors }),
    tensors,
    unread: new Map(),
    rotaryInterleaved: architecture.rotaryInterleaved,
    normsIncludeOne: architecture.normsIncludeOne,
    metadata,
  };
}

/** @throws EngineError for what is no decoder, or none that is known */
function architectureName(metadata: Metadata, path: string): ArchitectureName {
  const refuse = (what: string, hint = '') => badInput('unsupported-checkpoint', `${path} ${what}`, hint);
  const type = metadata.text('general.type') ?? 'model';
  const name = metadata.text('general.architecture');
  if (type === 'adapter') {
    throw refuse('is an adapter (LoRA), which is no model by itself', 'Merge it into its base model first.');
  }
  if (type === 'mmproj' || name === 'clip') {
    throw refuse('is a projector of images or sounds', 'Give the language model that it belongs to.');
  }
  if (type !== 'model') throw refuse(`holds a "${type}", which is no model`);
  if (name === undefined) throw refuse('does not say its architecture');
  if (isArchitecture(name)) return name;
  const all = Object.keys(ARCHITECTURES).join(', ');
  throw refuse(`is of the architecture "${name}"; those that are read: ${all}`);
}

function isRopeFactors(name: string): name is keyof typeof ROPE_FACTORS {
  return Object.hasOwn(ROPE_FACTORS, name);
}

function factorsOf(tensor: GgufTensor, read: ReadTensor): number[] {
  const [length = 0] = tensor.dims;
  const factors =
    tensor.type === 'F32' && tensor.dims.length === 1 && length <= MAX_ROPE_FACTORS
      ? [...new Float32Array(Uint8Array.from(read(tensor)).buffer)]
      : [];
  if (factors.length > 0 && factors.every((factor) => factor > 0 && Number.isFinite(factor))) return factors;
  throw badInput(
    'malformed-gguf',
    `tensor "${tensor.name}" of ${tensor.file} has no factors of rotary angles`,
  );
}

function known(tensors: ReadonlyMap<string, StoredTensor>, path: string): Omit<KnownTensors, 'ropeFactors'> {
  const embedding = tensors.get('model.embed_tokens.weight');
  if (embedding?.dims.length !== 2) {
    throw badInput('malformed-gguf', `${path} has no matrix "token_embd.weight"`);
  }
  return {
    vocab: embedding.dims[0]!,
    isTied: !tensors.has('lm_head.weight'),
    hasAttentionBias: tensors.has('model.layers.0.self_attn.q_proj.bias'),
    hasMlpBias: tensors.has('model.layers.0.mlp.down_proj.bias'),
  };
}

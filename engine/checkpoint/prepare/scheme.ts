/** How a checkpoint is prepared: which tensors become blocks, and of which form. */
import { z } from 'zod';
import { BLOCK_SIZE } from '../../onnx/views/int8-blocks';
import { badInput } from '../../protocol';
import {
  BLOCK_TYPES,
  type BlockType,
  type Checkpoint,
  type FloatType,
  type StoredTensor,
} from '../checkpoint';
import { REPACKED } from './repack';

/** `repack`: ggml's blocks, weights held bit for bit. `q8`, `q4`: floats into blocks of so many bits. */
export const Scheme = z.enum(['repack', 'q8', 'q4']);
export type Scheme = z.infer<typeof Scheme>;

/** What one stored matrix becomes. */
interface Form {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  readonly hasConstants: boolean;
}

/** A tensor that is converted, as stored and as it will be. */
export interface Conversion {
  readonly tensor: StoredTensor;
  readonly form: Form;
}

const EMBEDDING_OR_HEAD = new Set(['model.embed_tokens.weight', 'lm_head.weight']);
const OF_LAYER = /^model\.layers\.\d+\..+\.weight$/;

/**
 * The matrices of the layers, the embedding and the head, in the checkpoint's order. What is no whole number of blocks
 * wide stays where it is, as do vectors, and floats beside ggml's blocks.
 * @throws EngineError `scheme` where the checkpoint holds no weights of that kind
 */
export function conversionsOf({ tensors }: Checkpoint, scheme: Scheme): Conversion[] {
  const conversions = [...tensors.values()].flatMap((tensor) => {
    const form = isMatrix(tensor) ? formOf(tensor, scheme) : undefined;
    return form && tensor.dims[1]! % form.blockSize === 0 ? [{ tensor, form }] : [];
  });
  if (conversions.length > 0) return conversions;
  throw badInput(
    'scheme',
    `no weights of this model can be prepared as ${scheme}`,
    'Open it as it is stored.',
  );
}

function isMatrix({ name, dims }: StoredTensor): boolean {
  return dims.length === 2 && (EMBEDDING_OR_HEAD.has(name) || OF_LAYER.test(name));
}

function formOf({ name, type }: StoredTensor, scheme: Scheme): Form | undefined {
  if (isBlockType(type)) return scheme === 'repack' ? REPACKED[type] : undefined;
  if (scheme === 'repack') return undefined;
  // The embedding and the head are kept in 8 bits: no layer after them makes up for what they lose.
  if (scheme === 'q8' || EMBEDDING_OR_HEAD.has(name))
    return { bits: 8, blockSize: BLOCK_SIZE, hasConstants: false };
  return { bits: 4, blockSize: BLOCK_SIZE, hasConstants: true };
}

export function isBlockType(type: BlockType | FloatType): type is BlockType {
  return (BLOCK_TYPES as readonly string[]).includes(type);
}

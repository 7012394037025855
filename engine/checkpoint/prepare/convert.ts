/** One piece of work: rows as they are stored → blocks where they belong; and a checksum of what was written. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { readAt, withFile } from '../../files/read';
import { quantise8 } from '../../onnx/views/int8-blocks';
import { badInput } from '../../protocol';
import type { Located } from '../checkpoint';
import type { Chunk } from './layout';
import { notStored } from './not-stored';
import { quantise4 } from './quantise';
import { type Blocks, repack } from './repack';
import { isBlockType } from './scheme';
import type { ThreadRequest } from './thread-messages';
import { widen } from './widen';

/** @returns the chunk's checksum @throws as `convert` */
export function perform({ kind, chunk, file }: ThreadRequest): number {
  return kind === 'convert' ? convert(chunk, file) : checksumOf(chunk, file);
}

/**
 * @param out the file to write to, there already
 * @returns the checksum of the chunk's sections, as `checksumOf` finds it
 * @throws EngineError `weights-not-finite`, `unreadable-file`, `truncated-file`, `store`
 */
function convert(chunk: Chunk, out: string): number {
  const blocks = blocksOf(chunk, read(chunk.source));
  try {
    const file = openSync(out, 'r+');
    try {
      return write(file, chunk, blocks);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw notStored(error);
  }
}

/** Of what a chunk's sections hold: CRC-32, against what disks and power failures do. */
function checksumOf({ codes, scales, constants }: Chunk, file: string): number {
  return (constants ? [codes, scales, constants] : [codes, scales]).reduce(
    (checksum, section) => crc32(read({ ...section, file }), checksum),
    0,
  );
}

function blocksOf({ type, bits }: Chunk, bytes: Uint8Array<ArrayBuffer>): Blocks {
  if (isBlockType(type)) return repack(type, bytes);
  const weights = widen(bytes, type);
  return bits === 4 ? quantise4(weights) : quantise8(weights);
}

function read({ file, offset, length }: Located): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const found = withFile(file, (open) => readAt(open, bytes, offset));
  if (found === length) return bytes;
  throw badInput('truncated-file', `${file} ends too early`, 'Get the model again.');
}

function write(file: number, chunk: Chunk, blocks: Blocks): number {
  const put = (section: Located, { buffer, byteOffset, byteLength }: ArrayBufferView, checksum: number) => {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    if (bytes.length !== section.length) throw new Error('a section has another length than its rows');
    // A full disk takes a part of what it is given.
    for (let done = 0; done < bytes.length; )
      done += writeSync(file, bytes, done, bytes.length - done, section.offset + done);
    return crc32(bytes, checksum);
  };
  const checksum = put(chunk.scales, blocks.scales, put(chunk.codes, blocks.codes, 0));
  return chunk.constants && blocks.constants ? put(chunk.constants, blocks.constants, checksum) : checksum;
}

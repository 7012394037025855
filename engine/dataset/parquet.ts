/** Parquet, a row group at a time. */
import type { FileHandle } from 'node:fs/promises';
import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { openRegular } from '../files/read';
import { badInput, EngineError, toEngineError } from '../protocol';
import { MAX_COLUMNS, type Table, type TableRow } from './table';

/** What is held at once: writers keep groups far below it. */
const MAX_GROUP_BYTES = 512 * 2 ** 20;
/** A page is decompressed into as much as it declares. */
const MAX_PAGE_BYTES = 256 * 2 ** 20;
const MAX_FOOTER_BYTES = 64 * 2 ** 20;
const MAX_GROUP_ROWS = 2 ** 20;
/** The footer's length and the magic bytes after it. */
const TAIL_BYTES = 8;

/** @throws EngineError `dataset-format` for what is no Parquet, or more than may be held at once */
export async function openParquet(path: string): Promise<Table> {
  const { columns, groups } = await withBuffer(path, async (file) => {
    await checkFooter(path, file);
    const { row_groups, schema } = await parquetMetadataAsync(file);
    const groups = row_groups.map(({ num_rows, total_byte_size }) => ({
      rows: Number(num_rows),
      bytes: Number(total_byte_size),
    }));
    const isTooLarge = groups.some(({ rows, bytes }) => rows > MAX_GROUP_ROWS || bytes > MAX_GROUP_BYTES);
    if (isTooLarge) throw tooLarge(path);
    // The root's children, as the schema lists a tree: each is followed by its own.
    return { columns: topLevel(schema), groups };
  });
  if (columns.length > MAX_COLUMNS) throw tooLarge(path);
  return {
    columns,
    async *rows(wanted) {
      let first = 0;
      for (const { rows } of groups) {
        const objects = await readGroup(path, wanted, first, first + rows);
        for (const [i, values] of objects.entries()) yield { line: first + i + 1, values };
        first += rows;
      }
    },
  };
}

function readGroup(path: string, wanted: readonly string[], rowStart: number, rowEnd: number) {
  return withBuffer(path, async (file): Promise<Extract<TableRow, { values: unknown }>['values'][]> => {
    const columns = [...wanted];
    return parquetReadObjects({ file, columns, rowStart, rowEnd, compressors: bounded(compressors) });
  });
}

/** Whatever a damaged file makes the library throw is told as one line. */
async function withBuffer<T>(path: string, use: (file: AsyncBuffer) => Promise<T>): Promise<T> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    const read = (start: number, end = size) => {
      const part = slice(file, start, end);
      // Parts are asked for ahead: one that fails while another is waited for must not end the process.
      part.catch(() => {});
      return part;
    };
    return await use({ byteLength: size, slice: read });
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw badInput('dataset-format', `${path} cannot be read as Parquet: ${toEngineError(error).message}`);
  } finally {
    await file.close();
  }
}

async function slice(file: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const length = end - start;
  if (!(length >= 0 && length <= MAX_GROUP_BYTES)) throw new Error('a part of it has no sensible size');
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, start);
  if (bytesRead !== length) throw new Error('it is cut short');
  return bytes.buffer;
}

async function checkFooter(path: string, file: AsyncBuffer): Promise<void> {
  if (file.byteLength < TAIL_BYTES) throw new Error('it is cut short');
  const tail = new DataView(await file.slice(file.byteLength - TAIL_BYTES));
  if (tail.getUint32(0, true) > MAX_FOOTER_BYTES) throw tooLarge(path);
}

function topLevel(schema: readonly { name: string; num_children?: number }[]): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = () => {
    const children = schema[at++]?.num_children ?? 0;
    for (let i = 0; i < children && at < schema.length; i++) skip();
  };
  while (at < schema.length) {
    names.push(schema[at]!.name);
    skip();
  }
  return names;
}

function bounded(all: Compressors): Compressors {
  const entries = Object.entries(all).map(([codec, decompress]): [string, typeof decompress] => [
    codec,
    (input, outputLength) => {
      if (outputLength > MAX_PAGE_BYTES) throw new Error('a page of it is too large');
      return decompress(input, outputLength);
    },
  ]);
  return Object.fromEntries(entries);
}

function tooLarge(path: string) {
  return badInput(
    'dataset-format',
    `${path} has a part that is too large to be read at once`,
    'Write it anew with row groups of some thousand rows.',
  );
}

/** Opens a file of rows, whatever its format. */
import { extname } from 'node:path';
import { codeOf } from '../files/retries';
import { badInput, type DatasetFormat } from '../protocol';
import { openCsv } from './csv';
import { openJsonl } from './jsonl';
import { openParquet } from './parquet';
import type { Table } from './table';

const FORMATS: Readonly<Record<string, DatasetFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'csv',
  '.parquet': 'parquet',
};

/** @throws EngineError `dataset-format` */
export function formatOf(path: string): DatasetFormat {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format) return format;
  throw badInput(
    'dataset-format',
    `${path} is no data set by its name`,
    'Give a .jsonl, .csv, .tsv or .parquet file, or say its format.',
  );
}

/** @throws EngineError where it cannot be read, or is not what its format says */
export async function openTable(path: string, format: DatasetFormat): Promise<Table> {
  try {
    return await OPENERS[format](path);
  } catch (error) {
    throw fileError(error, path);
  }
}

const OPENERS: Readonly<Record<DatasetFormat, (path: string) => Promise<Table>>> = {
  jsonl: openJsonl,
  csv: openCsv,
  parquet: openParquet,
};

/** A file system's error in a line; anything else as it is. */
export function fileError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return badInput('no-dataset', `${path} is not there`, 'Check the path.');
  if (code === 'EACCES' || code === 'EPERM')
    return badInput('unreadable-file', `${path} may not be read`, 'Change its permissions.');
  return error;
}

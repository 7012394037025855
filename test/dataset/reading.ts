/** Writes a small file of rows and reads it as a data set. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDataset } from '../../engine/dataset/open';
import { type Selected, selectProblems } from '../../engine/dataset/select';
import {
  DatasetSource,
  type DatasetSourceInput,
  EngineError,
  ProblemSelection,
  type ProblemSelectionInput,
} from '../../engine/protocol';
import { temporaryFolder } from '../../fixtures/runs';

export const FIXTURES = join(import.meta.dirname, 'fixtures');

type FileOptions = Omit<Extract<DatasetSourceInput, { kind: 'file' }>, 'kind' | 'path'>;

export async function readSource(
  source: DatasetSourceInput,
  selection: ProblemSelectionInput = {},
): Promise<Selected & { gold: string }> {
  const dataset = await openDataset(DatasetSource.parse(source));
  const selected = await selectProblems(dataset, ProblemSelection.parse(selection));
  return { ...selected, gold: dataset.gold() };
}

export function readFixture(name: string, options: FileOptions = {}, selection: ProblemSelectionInput = {}) {
  return readSource({ kind: 'file', path: join(FIXTURES, name), ...options }, selection);
}

export function written(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

export function readText(
  name: string,
  content: string | Uint8Array,
  options: FileOptions = {},
  selection: ProblemSelectionInput = {},
) {
  return readSource({ kind: 'file', path: written(name, content), ...options }, selection);
}

/** The one line that a refusal is, paths left out, with its hint. */
export async function refusal(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const message = error.message.replace(/(?:[A-Z]:)?[\\/][^\s,]*[\\/]/g, '');
    return `${error.code}: ${message} | ${error.hint}`;
  }
  throw new Error('it was read');
}

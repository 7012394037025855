/** A model that another tool keeps, known by names and sizes alone: what it is is read when it is asked for. */
import { readdirSync } from 'node:fs';
import { codeOf } from '../../files/retries';
import { badInput, type EngineError, type ModelEntry, toEngineError } from '../../protocol';

export interface Found {
  /** What opens it: a path, or `ollama:` and a name. */
  readonly model: string;
  readonly name: string;
  /** The folder or the file that its weights lie in. */
  readonly folder: string;
  readonly family?: string | null;
  /** Where it cannot be opened. */
  readonly problem?: EngineError;
}

export type FoundSource = Extract<ModelEntry['source'], 'lmstudio' | 'ollama' | 'llamacpp'>;

/** More than any disk has; a loop of links has no end. */
const MAX_FOUND = 2_000;

/** Names in a folder, sorted, hidden ones left out; none where there is no such folder. @throws what reading it throws */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** `look`'s models, or the folder itself with what keeps it from being read. */
export function lookInto(folder: string, look: () => Found[]): Found[] {
  try {
    return look().slice(0, MAX_FOUND);
  } catch (error) {
    const problem = badInput(
      'unreadable-folder',
      `${folder} cannot be read: ${toEngineError(error).message}`,
      'Check its permissions, or that its drive is connected.',
    );
    return [{ model: folder, name: folder, folder, problem }];
  }
}

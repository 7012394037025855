/** The models on this machine: the starter, those in the Hugging Face cache, and folders that the user added. */
import { existsSync } from 'node:fs';
import { basename, isAbsolute, resolve } from 'node:path';
import { readConfig } from '../config/config';
import { dtypeSizes, inspectFolder } from '../model/inspect';
import {
  badInput,
  EngineError,
  type Failure,
  fromFailure,
  HubId,
  type ModelCard,
  type ModelEntry,
  toEngineError,
  toFailure,
} from '../protocol';
import { HubCache } from './cache';
import { identity } from './file-identity';
import { readReference } from './reference';
import type { Remembered } from './remembered';

/** What is opened, and the name to show for it. */
interface Located {
  readonly folder: string;
  readonly id: string;
  readonly source: ModelEntry['source'];
  /** As asked for, or as the ONNX file that was given has it. */
  readonly dtype: string | null;
}

export class ModelLibrary {
  constructor(
    private readonly starterFolder: string,
    private readonly remembered: Remembered,
    private readonly endpoint?: string,
    readonly cache = new HubCache(),
  ) {}

  list(): ModelEntry[] {
    const cached = this.cache.ids().filter((id) => this.cache.has(id));
    return [
      this.entry(null),
      ...cached.map((id) => this.entry(id)),
      ...this.remembered.read().folders.map((folder) => this.entry(folder)),
    ];
  }

  /**
   * The folder that a model setting means: null the starter, an existing folder, or a hub id in the cache; see
   * `readReference` for how these may be written.
   * @throws EngineError `not-cached` for a hub id that is not there; a folder is not looked into
   */
  locate(text: string | null, wanted: string | null): Located {
    const { model, revision, ...named } = readReference(text, this.endpoint);
    const dtype = wanted ?? named.dtype;
    if (model === null) return { folder: this.starterFolder, id: 'starter', source: 'starter', dtype };
    if (!isHubId(model)) return { folder: model, id: basename(resolve(model)), source: 'folder', dtype };
    return { folder: this.cache.find(model, dtype, revision).folder, id: model, source: 'cache', dtype };
  }

  /** The files that a located model's weights are mapped from, by identity. */
  weights(folder: string, dtype: string | null): string[] {
    return this.cache.weights(folder, dtype).map(identity);
  }

  /** The dtypes that lie in a located model's folder now. */
  dtypes(folder: string): string[] {
    return this.cache.sources(folder).map(({ dtype }) => dtype);
  }

  /** @param model a folder or null: the starter */
  inspect(model: string | null, dtype: string | null): ModelCard {
    const { folder, id, source } = this.locate(model, dtype);
    return inspectFolder(folder, dtype, { source, model, name: id });
  }

  /** @param revision null: any @returns undefined where it is not here with this dtype */
  inspectCached(id: string, dtype: string | null, revision: string | null): ModelCard | undefined {
    const snapshot = this.cache.snapshot(id, dtype, revision);
    return snapshot && inspectFolder(snapshot.folder, dtype, { source: 'cache', model: id, name: id });
  }

  /** @throws EngineError where the folder holds no model */
  addFolder(text: string): ModelEntry {
    const folder = readReference(text, this.endpoint).model ?? '';
    if (!isAbsolute(folder) && isHubId(folder)) {
      throw badInput(
        'no-folder',
        `${folder} is a model on the hub, not a folder`,
        'Look for it under Hugging Face.',
      );
    }
    if (!isAbsolute(folder))
      throw badInput('no-folder', `${folder} is not a full path`, 'Give the full path.');
    const entry = this.entry(resolve(folder));
    if (entry.problem) throw fromFailure(entry.problem);
    this.remembered.addFolder(entry.folder);
    return entry;
  }

  forgetFolder(folder: string): void {
    this.remembered.forgetFolder(folder);
  }

  private entry(model: string | null): ModelEntry {
    const { folder, id, source } = this.locate(model, null);
    const entry = { source, model, name: id, folder, family: null, dtypes: [], bytes: 0, problem: null };
    try {
      const summary = source === 'cache' ? this.summariseCached(id) : summarise(folder);
      return { ...entry, ...summary };
    } catch (error) {
      return { ...entry, problem: problemOf(error, folder) };
    }
  }

  /** All snapshots together: each dtype from the first that has it. */
  private summariseCached(id: string): Pick<ModelEntry, 'family' | 'dtypes' | 'bytes'> {
    const summaries = this.cache.snapshots(id).map(({ folder }) => summarise(folder));
    const dtypes = new Map(
      summaries
        .flatMap((each) => each.dtypes)
        .reverse()
        .map((each) => [each.dtype, each]),
    );
    return {
      family: summaries[0]?.family ?? null,
      dtypes: [...dtypes.values()].sort((a, b) => a.dtype.localeCompare(b.dtype)),
      bytes: this.cache.size(id),
    };
  }
}

/** A name like a hub id means the hub unless a folder of that name is there. */
export function isHubId(model: string): boolean {
  return HubId.safeParse(model).success && !existsSync(model);
}

function summarise(folder: string): Pick<ModelEntry, 'family' | 'dtypes' | 'bytes'> {
  if (!existsSync(folder)) {
    throw badInput(
      'folder-gone',
      `${folder} is not there`,
      'Connect its drive, put it back, or take it off the list.',
    );
  }
  const dtypes = dtypeSizes(folder);
  const config = readConfig(folder);
  const bytes = dtypes.reduce((sum, each) => sum + each.bytes, 0);
  return { family: config.model_type ?? null, dtypes, bytes };
}

function problemOf(error: unknown, folder: string): Failure {
  if (error instanceof EngineError) return toFailure(error);
  return toFailure(
    badInput(
      'unreadable-folder',
      `${folder} cannot be read: ${toEngineError(error).message}`,
      'Check its permissions, or that its drive is connected.',
    ),
  );
}

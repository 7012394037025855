/** The models on this machine: the starter, those in the Hugging Face cache and of other tools, and those that the user added. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { modelName } from '../model/gguf-files';
import { inspectFolder } from '../model/inspect';
import { badInput, fromFailure, HubId, type ModelCard, type ModelEntry } from '../protocol';
import { HubCache } from './cache';
import { Elsewhere } from './elsewhere/elsewhere';
import type { Found, FoundSource } from './elsewhere/found';
import { isOllamaName } from './elsewhere/ollama';
import { identity } from './file-identity';
import { readReference } from './reference';
import type { Remembered } from './remembered';
import { holdsDecoder, problemOf, summarise, summariseCached } from './summary';

/** What is opened, and the name to show for it. */
export interface Located {
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
    private readonly elsewhere = new Elsewhere(),
    /** See `preparedFolder`. */
    private readonly prepared?: string,
  ) {}

  list(): ModelEntry[] {
    const isListed = (id: string) => {
      const snapshot = this.cache.snapshot(id);
      return snapshot !== undefined && holdsDecoder(snapshot.folder);
    };
    return [
      this.entry(null),
      ...this.cache
        .ids()
        .filter(isListed)
        .map((id) => this.entry(id)),
      ...this.elsewhere.list(holdsDecoder).map(([source, found]) => entryOf(source, found)),
      ...this.remembered.read().folders.map((folder) => this.entry(folder)),
    ];
  }

  /**
   * The folder or file that a model setting means: null the starter, a path, a hub id in the cache, or a model of
   * Ollama's; see `readReference` for how these may be written.
   * @throws EngineError `not-cached` for a name that is not there; a path is not looked into
   */
  locate(text: string | null, wanted: string | null): Located {
    const { model, revision, ...named } = readReference(text, this.endpoint);
    const dtype = wanted ?? named.dtype;
    if (model === null) return { folder: this.starterFolder, id: 'starter', source: 'starter', dtype };
    if (isOllamaName(model)) return { ...this.inOllama(model), dtype };
    if (!isHubId(model)) return { folder: model, id: modelName(resolve(model)), source: 'folder', dtype };
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
    return inspectFolder(folder, dtype, { source, model, name: id }, this.prepared);
  }

  /** @param revision null: any @returns undefined where it is not here with this dtype */
  inspectCached(id: string, dtype: string | null, revision: string | null): ModelCard | undefined {
    const snapshot = this.cache.snapshot(id, dtype, revision);
    const about = { source: 'cache', model: id, name: id } as const;
    return snapshot && inspectFolder(snapshot.folder, dtype, about, this.prepared);
  }

  /** @throws EngineError where the folder holds no model */
  addFolder(text: string): ModelEntry {
    const folder = readReference(text, this.endpoint).model ?? '';
    // It is on the list by itself.
    if (isOllamaName(folder)) return this.entry(folder);
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

  private inOllama(model: string): Omit<Located, 'dtype'> {
    const { folder, name } = this.elsewhere.ollama(model);
    return { folder, id: name, source: 'ollama' };
  }

  private entry(model: string | null): ModelEntry {
    const { folder, id, source } = this.locate(model, null);
    return entryWith({ source, model, name: id, folder }, () =>
      source === 'cache' ? summariseCached(this.cache, id) : summarise(folder),
    );
  }
}

/** A name like a hub id means the hub unless a folder of that name is there. */
export function isHubId(model: string): boolean {
  return HubId.safeParse(model).success && !existsSync(model);
}

function entryOf(source: FoundSource, { model, name, folder, family = null, problem }: Found): ModelEntry {
  return entryWith({ source, model, name, folder }, () => {
    if (problem) throw problem;
    const summary = summarise(folder);
    return { ...summary, family: summary.family ?? family };
  });
}

type Known = Pick<ModelEntry, 'source' | 'model' | 'name' | 'folder'>;

function entryWith(known: Known, summary: () => ReturnType<typeof summarise>): ModelEntry {
  try {
    return { ...known, ...summary(), problem: null };
  } catch (error) {
    return { ...known, family: null, dtypes: [], bytes: 0, problem: problemOf(error, known.folder) };
  }
}
